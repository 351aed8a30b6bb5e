//! Committed transfers: facts told by the accounting authority (processing §4.4).

use chrono::{NaiveDate, TimeDelta};

use crate::{Timestamp, incoming::AccountTransfer, log_entry::LogEntry, time, uris::Slug};

/// What to write for a transfer that is not known yet, next to its own row.
#[derive(Clone, Debug, PartialEq)]
pub struct Stored {
    /// Entry of the holder's log, to be enqueued.
    pub log_entry: LogEntry,
    /// The transfer is the next in line: an update of the ledger is to be scheduled.
    pub schedule_ledger_update: bool,
}

/// The identity of the transfer among those of its account.
pub const fn slug(message: &AccountTransfer) -> Slug {
    Slug { creation_date: message.creation_date, transfer_number: message.transfer_number }
}

/// Whether the transfer is too old to be stored: nobody would read about it in the log.
pub fn is_too_old(message: &AccountTransfer, log_retention: TimeDelta, now: Timestamp) -> bool {
    time::between(message.ts.min(message.committed_at), now) > log_retention
}

/// Judges a transfer that is neither too old nor known yet.
///
/// `account_creation_date` and `ledger_last_transfer_number` are those of the account, which must be locked at least
/// FOR SHARE: otherwise the ledger could arrive at the previous transfer meanwhile, and stop there.
pub fn store(
    message: &AccountTransfer,
    account_creation_date: NaiveDate,
    ledger_last_transfer_number: i64,
    now: Timestamp,
) -> Stored {
    Stored {
        log_entry: LogEntry::committed_transfer(message.account, slug(message), now),
        schedule_ledger_update: message.creation_date == account_creation_date
            && message.previous_transfer_number == ledger_last_transfer_number,
    }
}

#[cfg(test)]
mod tests;
