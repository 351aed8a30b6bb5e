//! Running transfers: initiated by the creditor, settled and finalised by the accounting authority (processing §5).

use uuid::Uuid;

use crate::{AccountKey, CreditorId, Timestamp, log_entry::LogEntry, update_id};

mod cancel;
mod finalize;
mod initiate;
mod prepare;

#[cfg(test)]
mod tests;

pub use cancel::{CANCELED_BY_THE_SENDER, Canceled, Forbidden, cancel, delete};
pub use finalize::{UNEXPECTED_ERROR, on_finalized, on_rejected};
pub use initiate::{Initiation, Request, Started, default_final_interest_rate_ts, initiate, start};
pub use prepare::{Prepared, on_prepared};

/// A row of `running_transfer`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RunningTransfer {
    /// The sender's account.
    pub account: AccountKey,
    /// The client's id of the transfer.
    pub transfer_uuid: Uuid,
    /// Amount to transfer, not negative.
    pub amount: i64,
    /// The recipient as the client wrote it.
    pub recipient_uri: String,
    /// The recipient's account id.
    pub recipient: String,
    /// Format of the note.
    pub transfer_note_format: String,
    /// The note.
    pub transfer_note: String,
    /// When the client asked for it.
    pub initiated_at: Timestamp,
    /// When it succeeded or failed.
    pub finalized_at: Option<Timestamp>,
    /// Why it failed.
    pub error_code: Option<String>,
    /// Amount locked by other transfers, where the authority told it with a failure.
    pub total_locked_amount: Option<i64>,
    /// The transfer must not be committed after this instant.
    pub deadline: Option<Timestamp>,
    /// Amount that must be locked.
    pub locked_amount: i64,
    /// Our number of the request.
    pub coordinator_request_id: i64,
    /// The authority's id, once prepared ("settled").
    pub transfer_id: Option<i64>,
    /// Update id of the Transfer object.
    pub latest_update_id: i64,
    /// When the Transfer object changed.
    pub latest_update_ts: Timestamp,
    /// No later interest rate change may affect the transfer.
    pub final_interest_rate_ts: Timestamp,
}

/// How far a running transfer has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// The authority was asked to prepare it.
    Initiated,
    /// The authority has prepared it, and was asked to commit it.
    Settled,
    /// The authority has committed it.
    Succeeded,
    /// It was refused or cancelled.
    Failed,
}

/// A running transfer that has just succeeded or failed.
#[derive(Clone, Debug, PartialEq)]
pub struct Finalized {
    /// The row to write.
    pub row: RunningTransfer,
    /// Entry of the holder's log, to be enqueued.
    pub log_entry: LogEntry,
}

/// Why a running transfer fails.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Failure {
    error_code: String,
    total_locked_amount: Option<i64>,
}

impl RunningTransfer {
    /// How far it has come.
    pub const fn state(&self) -> State {
        match (self.finalized_at, &self.error_code, self.transfer_id) {
            (Some(_), Some(_), _) => State::Failed,
            (Some(_), None, _) => State::Succeeded,
            (None, _, Some(_)) => State::Settled,
            (None, _, None) => State::Initiated,
        }
    }

    /// Whether it has succeeded or failed.
    pub const fn is_finalized(&self) -> bool {
        self.finalized_at.is_some()
    }

    /// Whether a message from the authority is about it.
    ///
    /// Rows are looked up by these two; money depends on it.
    fn is_coordinated_by(&self, coordinator_id: CreditorId, coordinator_request_id: i64) -> bool {
        self.account.creditor_id == coordinator_id && self.coordinator_request_id == coordinator_request_id
    }

    /// Ends it (processing §4.7 "Finalise"), or returns it unchanged if it has ended before.
    fn finalize(mut self, failure: Option<Failure>, now: Timestamp) -> Result<Finalized, Box<Self>> {
        if self.is_finalized() {
            return Err(Box::new(self));
        }
        let (error_code, total_locked_amount) =
            failure.map_or((None, None), |failure| (Some(failure.error_code), failure.total_locked_amount));
        self.error_code = error_code;
        self.total_locked_amount = total_locked_amount;
        self.finalized_at = Some(now);
        self.latest_update_id = update_id::next(self.latest_update_id);
        self.latest_update_ts = now;
        Ok(Finalized { log_entry: LogEntry::transfer(&self), row: self })
    }
}
