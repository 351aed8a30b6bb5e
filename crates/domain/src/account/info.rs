//! Changes of the AccountInfo object ("info update" of processing §4.1).

use super::{Data, Info};
use crate::{
    AccountKey, Timestamp,
    log_entry::{AccountObject, LogEntry},
    update_id,
};

/// An account whose information has changed.
///
/// An update id has grown: `object_update_id_seq` is to be bumped (processing §3).
#[derive(Clone, Debug, PartialEq)]
pub struct Changed {
    /// The row to write.
    pub data: Data,
    /// Entry of the holder's log, to be enqueued.
    pub log_entry: LogEntry,
}

impl Changed {
    /// Counts the change of information that `data` already contains.
    pub(super) fn new(mut data: Data, now: Timestamp) -> Self {
        let log_entry = data.info.touch(data.key, now);
        Self { data, log_entry }
    }
}

impl Info {
    pub(super) fn touch(&mut self, account: AccountKey, now: Timestamp) -> LogEntry {
        self.latest_update_id = update_id::next(self.latest_update_id);
        self.latest_update_ts = now;
        LogEntry::account_object(AccountObject::Info, account, self.latest_update_id, now)
    }
}
