//! Appending entries to a creditor's log (processing §8).

use super::{Hint, LogEntry};
use crate::{Timestamp, update_id};

/// An entry with its place in the log.
#[derive(Clone, Debug, PartialEq)]
pub struct Numbered {
    /// Its id: the previous id plus 1.
    pub entry_id: i64,
    /// The entry.
    pub entry: LogEntry,
}

/// The columns of `creditor` that change when pending entries are appended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LogHead {
    /// Id of the newest entry; 0 for none.
    pub last_log_entry_id: i64,
    /// Update id of the TransfersList object.
    pub transfers_list_latest_update_id: i64,
    /// When the TransfersList object changed.
    pub transfers_list_latest_update_ts: Timestamp,
}

impl LogEntry {
    /// Whether the creditor's list of transfers changes with it: a transfer was created or deleted.
    pub fn changes_transfers_list(&self) -> bool {
        let about_transfer = match &self.object_type {
            Some(object_type) => object_type == Hint::Transfer.type_name(),
            None => self.object_type_hint == Some(Hint::Transfer.code()),
        };
        about_transfer && (self.is_creation() || self.is_deletion())
    }
}

/// Numbers entries that are logged at once, under the creditor's lock: those of account creation and deletion.
///
/// Returns the new `last_log_entry_id` with them.
pub fn append(last_log_entry_id: i64, entries: impl IntoIterator<Item = LogEntry>) -> (i64, Vec<Numbered>) {
    let mut last = last_log_entry_id;
    let numbered = entries.into_iter().map(|entry| {
        last = update_id::next(last);
        Numbered { entry_id: last, entry }
    });
    let numbered = numbered.collect();
    (last, numbered)
}

/// Numbers a creditor's pending entries, given in the order in which they were enqueued.
///
/// Each one that changes the list of transfers is directly followed by an entry about that list.
pub fn number(head: LogHead, pending: impl IntoIterator<Item = LogEntry>) -> (LogHead, Vec<Numbered>) {
    let mut head = head;
    let mut entries = Vec::new();
    for entry in pending {
        let list_entry = entry.changes_transfers_list().then(|| {
            head.transfers_list_latest_update_id = update_id::next(head.transfers_list_latest_update_id);
            head.transfers_list_latest_update_ts = entry.added_at;
            LogEntry::transfers_list(entry.creditor_id, head.transfers_list_latest_update_id, entry.added_at)
        });
        for entry in std::iter::once(entry).chain(list_entry) {
            head.last_log_entry_id = update_id::next(head.last_log_entry_id);
            entries.push(Numbered { entry_id: head.last_log_entry_id, entry });
        }
    }
    (head, entries)
}
