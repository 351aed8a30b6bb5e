//! Running and committed transfers.

use chrono::TimeDelta;
use domain::{
    transfer::RunningTransfer,
    uris::{self, Slug},
};
use persistence::committed_transfer;
use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::{identities::AccountIdentity, page::ObjectReference, timestamp::Timestamp};

/// Fails together with the amount that is locked by others.
const INSUFFICIENT_AVAILABLE_AMOUNT: &str = "INSUFFICIENT_AVAILABLE_AMOUNT";

/// A transfer that was initiated by the creditor.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Transfer {
    /// `Transfer`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The list to which it belongs.
    #[schema(read_only)]
    transfers_list: ObjectReference,
    /// The client's id of the transfer.
    #[serde(rename = "transferUuid")]
    uuid: Uuid,
    /// Who gets the amount.
    recipient: AccountIdentity,
    /// Amount to transfer.
    #[schema(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    amount: i64,
    /// Format of the note.
    #[schema(read_only, pattern = "^[0-9A-Za-z.-]{0,8}$")]
    note_format: String,
    /// The note.
    #[schema(read_only)]
    note: String,
    /// Conditions.
    #[schema(read_only)]
    options: TransferOptions,
    /// When it was initiated.
    #[schema(read_only, value_type = String, format = DateTime)]
    initiated_at: Timestamp,
    /// When to look again; absent when there is a result.
    #[schema(read_only, value_type = String, format = DateTime, required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    checkup_at: Option<Timestamp>,
    /// How it ended.
    #[schema(read_only, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    result: Option<TransferResult>,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    latest_update_at: Timestamp,
}

/// Conditions of a transfer.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransferOptions {
    /// `TransferOptions`
    #[schema(value_type = String, default = "TransferOptions", required = false)]
    r#type: &'static str,
    /// No later interest rate change may affect the transfer.
    #[schema(value_type = String, format = DateTime, default = "9999-12-31T23:59:59+00:00", required = false)]
    final_interest_rate_timestamp: Timestamp,
    /// The transfer must not be committed after this instant.
    #[schema(value_type = String, format = DateTime, required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    deadline: Option<Timestamp>,
    /// Amount that must be locked.
    #[schema(default = 0, minimum = 0, maximum = 9_223_372_036_854_775_807_i64, required = false)]
    locked_amount: i64,
}

/// How a transfer ended.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransferResult {
    /// `TransferResult`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// When it ended.
    #[schema(read_only, value_type = String, format = DateTime)]
    finalized_at: Timestamp,
    /// What was transferred: everything or nothing.
    #[schema(read_only)]
    committed_amount: i64,
    /// Why it failed, if it did.
    #[schema(read_only, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    error: Option<TransferError>,
}

/// Why a transfer failed.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct TransferError {
    /// `TransferError`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// The reason.
    #[schema(read_only)]
    error_code: String,
    /// Amount locked by other transfers, where that was the reason.
    #[schema(read_only, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    total_locked_amount: Option<i64>,
}

impl Transfer {
    /// The transfer as it stands `now`. `usual_duration`: how long transfers usually take.
    pub fn new(row: RunningTransfer, usual_duration: TimeDelta, now: domain::Timestamp) -> Self {
        let creditor_id = row.account.creditor_id;
        Self {
            r#type: "Transfer",
            uri: uris::transfer(creditor_id, row.transfer_uuid),
            transfers_list: ObjectReference::to(uris::transfers_list(creditor_id)),
            uuid: row.transfer_uuid,
            checkup_at: checkup_at(&row, usual_duration, now),
            result: result(&row),
            recipient: AccountIdentity::from_uri(row.recipient_uri),
            amount: row.amount,
            note_format: row.transfer_note_format,
            note: row.transfer_note,
            options: TransferOptions {
                r#type: "TransferOptions",
                final_interest_rate_timestamp: row.final_interest_rate_ts.into(),
                deadline: row.deadline.map(Timestamp),
                locked_amount: row.locked_amount,
            },
            initiated_at: row.initiated_at.into(),
            latest_update_id: row.latest_update_id,
            latest_update_at: row.latest_update_ts.into(),
        }
    }
}

/// The longer it has lasted, the less often it is worth looking (webapi §8.3).
fn checkup_at(row: &RunningTransfer, usual_duration: TimeDelta, now: domain::Timestamp) -> Option<Timestamp> {
    let wait = now.signed_duration_since(row.initiated_at).max(usual_duration);
    let at = now.checked_add_signed(wait).unwrap_or(domain::Timestamp::MAX_UTC);
    (!row.is_finalized()).then_some(Timestamp(at))
}

fn result(row: &RunningTransfer) -> Option<TransferResult> {
    let finalized_at = row.finalized_at?;
    let error = row.error_code.as_ref().map(|code| TransferError {
        r#type: "TransferError",
        error_code: code.clone(),
        total_locked_amount: (code == INSUFFICIENT_AVAILABLE_AMOUNT).then(|| row.total_locked_amount.unwrap_or(0)),
    });
    Some(TransferResult {
        r#type: "TransferResult",
        finalized_at: finalized_at.into(),
        committed_amount: if error.is_none() { row.amount } else { 0 },
        error,
    })
}

/// The item of the page of transfers: relative to the page.
pub fn item(transfer_uuid: Uuid) -> ObjectReference {
    ObjectReference::to(transfer_uuid.to_string())
}

/// A transfer to or from an account that has happened.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CommittedTransfer {
    /// `CommittedTransfer`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The account.
    #[schema(read_only)]
    account: ObjectReference,
    /// Which subsystem has made the transfer; absent when somebody just wanted it.
    #[schema(read_only, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    rationale: Option<String>,
    /// Who paid.
    #[schema(read_only)]
    sender: AccountIdentity,
    /// Who got.
    #[schema(read_only)]
    recipient: AccountIdentity,
    /// What the account gained; negative when it lost.
    #[schema(read_only)]
    acquired_amount: i64,
    /// Format of the note.
    #[schema(read_only, pattern = "^[0-9A-Za-z.-]{0,8}$")]
    note_format: String,
    /// The note.
    #[schema(read_only)]
    note: String,
    /// When it happened.
    #[schema(read_only, value_type = String, format = DateTime)]
    committed_at: Timestamp,
}

impl CommittedTransfer {
    /// A transfer that has happened.
    pub fn new(row: committed_transfer::CommittedTransfer) -> Self {
        let committed_transfer::Key { account: key, creation_date, transfer_number } = row.key;
        Self {
            r#type: "CommittedTransfer",
            uri: uris::committed_transfer(key, Slug { creation_date, transfer_number }),
            account: ObjectReference::to(uris::account(key)),
            rationale: Some(row.coordinator_type).filter(|coordinator| coordinator != "direct"),
            sender: AccountIdentity::or_unknown(key.debtor_id, &row.sender),
            recipient: AccountIdentity::or_unknown(key.debtor_id, &row.recipient),
            acquired_amount: row.acquired_amount,
            note_format: row.note_format,
            note: row.note,
            committed_at: row.committed_at.into(),
        }
    }
}
