//! Transfers their senders have second thoughts about (processing §5 "Cancel", "Delete").

use thiserror::Error;
use uuid::Uuid;

use super::{Failure, Finalized, RunningTransfer};
use crate::{CreditorId, Timestamp, log_entry::LogEntry};

/// The error of cancelled transfers.
pub const CANCELED_BY_THE_SENDER: &str = "CANCELED_BY_THE_SENDER";

/// The transfer was prepared: it may be committed any moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the transfer can not be canceled any more")]
pub struct Forbidden;

/// What an accepted cancellation means.
#[derive(Clone, Debug, PartialEq)]
pub enum Canceled {
    /// The transfer fails now.
    Now(Box<Finalized>),
    /// It has failed before: nothing changes.
    Before(Box<RunningTransfer>),
}

/// Cancels a transfer, unless it has been prepared.
pub fn cancel(row: RunningTransfer, now: Timestamp) -> Result<Canceled, Forbidden> {
    if row.transfer_id.is_some() {
        return Err(Forbidden);
    }
    let failure = Failure { error_code: CANCELED_BY_THE_SENDER.to_owned(), total_locked_amount: None };
    Ok(match row.finalize(Some(failure), now) {
        Ok(finalized) => Canceled::Now(Box::new(finalized)),
        Err(row) => Canceled::Before(row),
    })
}

/// The entry to enqueue for a transfer whose row is deleted.
///
/// Deleting does not cancel; but if the transfer is prepared later, it is dismissed, since no row is found.
pub fn delete(creditor_id: CreditorId, transfer_uuid: Uuid, now: Timestamp) -> LogEntry {
    LogEntry::transfer_deleted(creditor_id, transfer_uuid, now)
}
