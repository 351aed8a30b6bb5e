//! Reading whole tables piece by piece, in the order in which their rows are stored (processing §13).
//!
//! Design notes: a range of places (`ctid`) is read without any index, and only the blocks in the range are touched. The
//! plan keeps to the order of places, so what a limit cuts off is the end of the range. Tables are named without a
//! schema: the search path decides, as for every other statement.

use diesel_async::{AsyncPgConnection, RunQueryDsl};

use crate::{error::Result, outbox::RowId, sql::statement};

pub mod accounts;
pub mod creditors;
pub mod records;

/// A table that is scanned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// `creditor`.
    Creditors,
    /// `account_data`.
    Accounts,
    /// `log_entry`.
    LogEntries,
    /// `ledger_entry`.
    LedgerEntries,
    /// `committed_transfer`.
    CommittedTransfers,
}

impl Table {
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
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Extent {
    /// Its rows, as estimated when it was last analyzed; 0 if it never was.
    pub rows: u64,
    /// Its blocks at that time.
    pub pages: u64,
    /// Its blocks now.
    pub blocks: u32,
}

statement! {
    struct GetExtent { table: &'static str => Text }
    -> (BigInt, BigInt, BigInt);
    "SELECT greatest(reltuples, 0)::bigint, greatest(relpages, 0)::bigint, \
         pg_relation_size(oid) / current_setting('block_size')::bigint \
     FROM pg_class WHERE oid = to_regclass($1)"
}

/// How large the table is.
pub async fn extent(conn: &mut AsyncPgConnection, table: Table) -> Result<Extent> {
    let (rows, pages, blocks): (i64, i64, i64) = GetExtent { table: table.name() }.get_result(conn).await?;
    Ok(Extent {
        rows: rows.unsigned_abs(),
        pages: pages.unsigned_abs(),
        blocks: u32::try_from(blocks).unwrap_or(u32::MAX),
    })
}

/// A part of a table: the places from `from` up to, but not including, `to`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    /// The first place.
    pub from: RowId,
    /// The first place behind the part.
    pub to: RowId,
}

/// A row and where it stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Seen<T> {
    /// Where it stands.
    pub place: RowId,
    /// What was read of it.
    pub row: T,
}
