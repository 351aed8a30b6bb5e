//! Running transfers: initiated by the creditor, settled and finalised by the accounting authority (processing §5).

use uuid::Uuid;

use crate::{AccountKey, Timestamp};

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
