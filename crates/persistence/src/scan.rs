//! Reading whole tables in small pieces, for the scanners (processing §13.1).
//!
//! A piece is a range of blocks, read by a statement of its own, so that no snapshot is held for longer. Rows that move
//! meanwhile (an update writes a new version, perhaps elsewhere) may be seen twice or not at all: whoever acts upon them
//! looks again under a lock, and the next pass sees what this one has missed.

mod accounts;
mod creditors;
mod records;

use std::ops::Range;

use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{
    error::Result,
    outbox::{RowId, Tid},
    sql::statement,
};

pub use accounts::ScannedAccount;
pub use creditors::ScannedCreditor;
pub use records::{Record, ScannedCommittedTransfer, ScannedLedgerEntry, ScannedLogEntry};

/// A table that is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Table {
    /// `creditor`
    Creditors,
    /// `account_data`
    Accounts,
    /// `log_entry`
    LogEntries,
    /// `ledger_entry`
    LedgerEntries,
    /// `committed_transfer`
    CommittedTransfers,
}

impl Table {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Creditors, Self::Accounts, Self::LogEntries, Self::LedgerEntries, Self::CommittedTransfers];

    /// What its rows are called by commands, log lines and metrics.
    pub const fn rows(self) -> &'static str {
        match self {
            Self::Creditors => "creditors",
            Self::Accounts => "accounts",
            Self::LogEntries => "log_entries",
            Self::LedgerEntries => "ledger_entries",
            Self::CommittedTransfers => "committed_transfers",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Creditors => "creditor",
            Self::Accounts => "account_data",
            Self::LogEntries => "log_entry",
            Self::LedgerEntries => "ledger_entry",
            Self::CommittedTransfers => "committed_transfer",
        }
    }
}

/// How large a table is.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Size {
    /// Rows, as estimated when the table was last vacuumed or analysed; 0 if that has never happened.
    pub rows: f32,
    /// Blocks at that time.
    pub pages: i32,
    /// Blocks at the moment.
    pub blocks: u32,
}

statement! {
    struct GetSize { table: &'static str => Text }
    -> (Float, Integer, BigInt);
    // By the search path: other schemas may have tables of the same name (database §1).
    "SELECT reltuples, relpages, pg_relation_size(oid) / current_setting('block_size')::bigint \
     FROM pg_class WHERE oid = to_regclass($1)"
}

/// How large the table is.
pub async fn size(conn: &mut AsyncPgConnection, table: Table) -> Result<Size> {
    let (rows, pages, blocks): (f32, i32, i64) = GetSize { table: table.name() }.get_result(conn).await?;
    Ok(Size { rows: rows.max(0.0), pages: pages.max(0), blocks: u32::try_from(blocks).unwrap_or(u32::MAX) })
}

/// A row as the scanners read it.
pub trait Row: Sized + Send + Sync + 'static {
    /// Where it comes from.
    const TABLE: Table;

    /// The block it was read from.
    fn block(&self) -> u32;

    /// The rows of a range of blocks, in the order of their places.
    fn read(conn: &mut AsyncPgConnection, blocks: Range<u32>) -> impl Future<Output = Result<Vec<Self>>> + Send;
}

/// The bounds of a range of blocks.
fn bounds(blocks: &Range<u32>) -> (RowId, RowId) {
    (RowId::at_block(blocks.start), RowId::at_block(blocks.end))
}

/// Sorts rows by their blocks. They come in this order; PostgreSQL just does not promise it.
fn in_order<R: Row>(mut rows: Vec<R>) -> Vec<R> {
    rows.sort_by_key(Row::block);
    rows
}

macro_rules! first {
    ($name:ident, $table:literal) => {
        statement! {
            struct $name { from: RowId => Tid, to: RowId => Tid }
            -> (Tid,);
            concat!("SELECT ctid FROM ", $table, " WHERE ctid >= $1 AND ctid < $2 LIMIT 1")
        }
    };
}

first!(FirstCreditor, "creditor");
first!(FirstAccount, "account_data");
first!(FirstLogEntry, "log_entry");
first!(FirstLedgerEntry, "ledger_entry");
first!(FirstCommittedTransfer, "committed_transfer");

/// The first block of the range that has rows. The range may be as long as the table: nothing is read but empty pages.
pub async fn first_block(conn: &mut AsyncPgConnection, table: Table, blocks: Range<u32>) -> Result<Option<u32>> {
    let (from, to) = bounds(&blocks);
    let found: Vec<(RowId,)> = match table {
        Table::Creditors => FirstCreditor { from, to }.load(conn).await?,
        Table::Accounts => FirstAccount { from, to }.load(conn).await?,
        Table::LogEntries => FirstLogEntry { from, to }.load(conn).await?,
        Table::LedgerEntries => FirstLedgerEntry { from, to }.load(conn).await?,
        Table::CommittedTransfers => FirstCommittedTransfer { from, to }.load(conn).await?,
    };
    Ok(found.into_iter().next().map(|(row_id,)| row_id.block()))
}
