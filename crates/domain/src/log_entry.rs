//! Entries of the creditors' logs: what is written for which event (processing §2).

use chrono::NaiveDate;
use uuid::Uuid;

use crate::{CreditorId, Timestamp};

mod constructors;
mod numbering;
mod object;
mod resolve;

#[cfg(test)]
mod tests;

pub use numbering::{LogHead, Numbered, append, number};
pub use object::{AccountObject, Hint};
pub use resolve::{DataFields, Object};

/// A log entry that waits to be numbered: the columns common to `pending_log_entry` and `log_entry`.
///
/// Either `object_type` and `object_uri` are set (typed form) or `object_type_hint` (hinted form).
#[derive(Clone, Debug, PartialEq)]
pub struct LogEntry {
    /// Whose log.
    pub creditor_id: CreditorId,
    /// When the object changed: equal to its `latestUpdateAt`.
    pub added_at: Timestamp,
    /// Type of the object, in the typed form.
    pub object_type: Option<String>,
    /// URI of the object, in the typed form.
    pub object_uri: Option<String>,
    /// The object's new update id, where it has one.
    pub object_update_id: Option<i64>,
    /// `Some(true)` for deletions, else `None`.
    pub is_deleted: Option<bool>,
    /// 1 Transfer, 2 TransfersList, 3 CommittedTransfer, 4 AccountLedger, in the hinted form.
    pub object_type_hint: Option<i16>,
    /// Debtor of the account, for hints 3 and 4.
    pub debtor_id: Option<i64>,
    /// Creation date of the server account, for hint 3.
    pub creation_date: Option<NaiveDate>,
    /// Transfer number, for hint 3.
    pub transfer_number: Option<i64>,
    /// The transfer, for hint 1.
    pub transfer_uuid: Option<Uuid>,
    /// `data.principal`, for hint 4.
    pub data_principal: Option<i64>,
    /// `data.nextEntryId`, for hint 4.
    pub data_next_entry_id: Option<i64>,
    /// `data.finalizedAt`, for hint 1.
    pub data_finalized_at: Option<Timestamp>,
    /// `data.errorCode`, for hint 1.
    pub data_error_code: Option<String>,
}
