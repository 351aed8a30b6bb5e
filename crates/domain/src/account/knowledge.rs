//! What clients note about accounts (processing §6 "knowledge").
//!
//! The notes are JSON, which this crate does not read: the caller compares them.

use crate::{
    AccountKey, Timestamp,
    log_entry::{AccountObject, LogEntry},
    update_id::Patch,
};

/// A row of `account_knowledge`, without its data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Knowledge {
    /// Update id of the AccountKnowledge object.
    pub latest_update_id: i64,
    /// When the AccountKnowledge object changed.
    pub latest_update_ts: Timestamp,
}

/// An account with other notes.
///
/// An update id has grown: `object_update_id_seq` is to be bumped (processing §3).
#[derive(Clone, Debug, PartialEq)]
pub struct Noted {
    /// The row to write, together with the new data.
    pub knowledge: Knowledge,
    /// Entry of the holder's log, to be enqueued.
    pub log_entry: LogEntry,
}

/// Replaces the notes. `same_data`: they equal the stored ones; `update_id`: the id the object is to get.
pub fn note(
    account: AccountKey,
    knowledge: Knowledge,
    same_data: bool,
    update_id: i64,
    now: Timestamp,
) -> Patch<Noted> {
    Patch::judge(knowledge.latest_update_id, update_id, same_data, || Noted {
        knowledge: Knowledge { latest_update_id: update_id, latest_update_ts: now },
        log_entry: LogEntry::account_object(AccountObject::Knowledge, account, update_id, now),
    })
}
