//! Ledgers: how committed transfers become ledger entries (processing §7).

use chrono::NaiveDate;

use crate::{AccountKey, Timestamp, log_entry::LogEntry, signal::UpdatedLedger};

mod builder;
mod correct;
mod extend;
mod restart;

#[cfg(test)]
mod tests;

pub use correct::{CORRECTION_DELAY, Comparison, correct};
pub use extend::extend;
pub(crate) use restart::{Restart, restart};

/// The head of an account's ledger: the `ledger_*` columns of `account_data`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// Principal after the newest entry.
    pub principal: i64,
    /// Id of the newest entry; also a reserved gap value.
    pub last_entry_id: i64,
    /// Number of the newest transfer taken in.
    pub last_transfer_number: i64,
    /// `committed_at` of the first transfer that waits for a missing predecessor.
    pub pending_transfer_ts: Option<Timestamp>,
    /// Update id of the AccountLedger object.
    pub latest_update_id: i64,
    /// When the AccountLedger object changed.
    pub latest_update_ts: Timestamp,
}

/// What a ledger needs to know of a committed transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transfer {
    /// Its number.
    pub transfer_number: i64,
    /// Number of the transfer before it; 0 for none.
    pub previous_transfer_number: i64,
    /// What the account gained; not 0.
    pub acquired_amount: i64,
    /// The account's principal after it.
    pub principal: i64,
    /// When it was committed.
    pub committed_at: Timestamp,
}

/// A new ledger entry of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its id: the previous id plus 1.
    pub entry_id: i64,
    /// Which transfer it stands for (creation date of the server account, number); `None` for a correcting entry.
    pub transfer: Option<(NaiveDate, i64)>,
    /// What the account gained.
    pub acquired_amount: i64,
    /// The principal after it.
    pub principal: i64,
    /// When it was added.
    pub added_at: Timestamp,
}

/// What ledger updates need to know of an account.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// Which account.
    pub key: AccountKey,
    /// The account's identity at its debtor.
    pub account_id: String,
    /// Creation date of the server account.
    pub creation_date: NaiveDate,
    /// The principal according to the server.
    pub server_principal: i64,
    /// The server's newest transfer number.
    pub server_last_transfer_number: i64,
    /// When that transfer was committed.
    pub server_last_transfer_committed_at: Timestamp,
    /// The head of the ledger.
    pub head: Head,
}

/// What to write after a ledger has been brought forward.
#[derive(Clone, Debug, PartialEq)]
pub struct Outcome {
    /// The new head.
    pub head: Head,
    /// The new entries, oldest first.
    pub entries: Vec<Entry>,
    /// What to tell about it, if anything. When present, `object_update_id_seq` must be drawn from until the value
    /// is at least `head.latest_update_id` (processing §3).
    pub announcement: Option<Announcement>,
    /// No transfers are left to take in: the work item can be deleted.
    pub done: bool,
}

/// What the holder and the circular-trade subsystem are told about a ledger.
#[derive(Clone, Debug, PartialEq)]
pub struct Announcement {
    /// Entry of the holder's log, to be enqueued.
    pub log_entry: LogEntry,
    /// Outgoing message.
    pub signal: UpdatedLedger,
}
