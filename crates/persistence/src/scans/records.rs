//! Rows that are written once and never change: they are deleted when they are old.

use std::future::Future;

use diesel_async::AsyncPgConnection;
use domain::{CreditorId, Timestamp};

use super::{Range, Seen, Table};
use crate::{error::Result, tx::Tx};

mod committed_transfers;
mod ledger_entries;
mod log_entries;

pub use committed_transfers::CommittedTransfers;
pub use ledger_entries::LedgerEntries;
pub use log_entries::LogEntries;

/// A row that never changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Record<K> {
    /// Its primary key, which contains the creditor.
    pub key: K,
    /// Whose it is.
    pub creditor_id: CreditorId,
    /// From when its age is counted.
    pub since: Timestamp,
}

/// A table of such rows.
pub trait Records {
    /// Its primary key.
    type Key: Copy + Send + Sync + 'static;

    /// The table.
    const TABLE: Table;

    /// All rows of the range.
    fn read(
        conn: &mut AsyncPgConnection,
        range: Range,
    ) -> impl Future<Output = Result<Vec<Seen<Record<Self::Key>>>>> + Send;

    /// Deletes rows. Returns how many of them there were.
    fn delete(tx: &mut Tx, keys: &[Self::Key]) -> impl Future<Output = Result<usize>> + Send;
}
