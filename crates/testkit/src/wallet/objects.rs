//! What the API answers (webapi §8).

use std::num::ParseIntError;

use domain::Timestamp;
use reqwest::StatusCode;
use serde::Deserialize;
use uuid::Uuid;

use super::Error;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Reservation {
    creditor_id: String,
    pub(super) reservation_id: String,
}

impl Reservation {
    pub(super) fn creditor_id(&self) -> Result<u64, Error> {
        self.creditor_id.parse().map_err(|error: ParseIntError| Error::Refused {
            request: "the reservation of a creditor".to_owned(),
            status: StatusCode::OK,
            body: format!("the creditor id {} is {error}", self.creditor_id),
        })
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Page<T> {
    pub(super) items: Vec<T>,
    pub(super) next: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct LogPage {
    pub(super) items: Vec<LogEntry>,
}

/// Where an object is.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Deserialize)]
pub struct Reference {
    /// Relative to the server.
    pub uri: String,
}

/// An account.
#[derive(Clone, Debug, Deserialize)]
pub struct Account {
    /// What the authority says about it.
    pub info: Info,
    /// Its balance.
    pub ledger: Ledger,
}

/// What the authority says about an account.
#[derive(Clone, Debug, Deserialize)]
pub struct Info {
    /// Where others can send money to; absent until the authority knows the account.
    pub identity: Option<Reference>,
}

impl Account {
    /// Where others can send money to; absent until the authority knows the account.
    pub fn identity(&self) -> Option<&str> {
        self.info.identity.as_ref().map(|identity| identity.uri.as_str())
    }
}

/// A balance.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Ledger {
    /// The amount on the account.
    pub principal: i64,
    /// The id of the next ledger entry.
    pub next_entry_id: i64,
}

/// A change of a balance.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LedgerEntry {
    /// Its id.
    pub entry_id: i64,
    /// When it was added.
    pub added_at: Timestamp,
    /// The change.
    pub acquired_amount: i64,
    /// The balance afterwards.
    pub principal: i64,
    /// The cause; absent for corrections.
    pub transfer: Option<Reference>,
}

/// A transfer to or from an account.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CommittedTransfer {
    /// Why it was made; absent for payments.
    pub rationale: Option<String>,
    /// Who paid.
    pub sender: Reference,
    /// Who was paid.
    pub recipient: Reference,
    /// How much.
    pub acquired_amount: i64,
    /// What the sender wrote.
    pub note: String,
}

/// A payment that was asked for.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Transfer {
    /// Its id.
    pub transfer_uuid: Uuid,
    /// How it has ended; absent until it has.
    pub result: Option<TransferResult>,
}

/// How a payment has ended.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferResult {
    /// How much was paid.
    pub committed_amount: i64,
    /// Why nothing was paid.
    pub error: Option<TransferError>,
}

/// Why nothing was paid.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TransferError {
    /// As the authority says it: `INSUFFICIENT_AVAILABLE_AMOUNT`.
    pub error_code: String,
}

impl TransferResult {
    /// Why nothing was paid.
    pub fn error_code(&self) -> Option<&str> {
        self.error.as_ref().map(|error| error.error_code.as_str())
    }
}

/// A line of a log: an object has changed.
#[derive(Clone, Debug, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogEntry {
    /// Its id.
    pub entry_id: i64,
    /// When the object changed.
    pub added_at: Timestamp,
    /// What kind of object.
    pub object_type: String,
    /// Which object.
    pub object: Reference,
    /// The object's update id after the change.
    pub object_update_id: Option<i64>,
    /// Whether the object is gone.
    pub deleted: bool,
    /// A part of the object's new state.
    #[serde(default)]
    pub data: LogData,
}

impl LogEntry {
    /// Whether it tells that this payment has ended.
    pub fn is_end_of(&self, payment: Uuid) -> bool {
        self.object_type == "Transfer"
            && self.data.finalized_at.is_some()
            && self.object.uri.ends_with(&payment.to_string())
    }
}

/// A part of an object's new state.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct LogData {
    /// Of a ledger: the balance.
    pub principal: Option<i64>,
    /// Of a ledger: the id of its next entry.
    pub next_entry_id: Option<i64>,
    /// Of a payment: when it ended.
    pub finalized_at: Option<Timestamp>,
    /// Of a payment: why nothing was paid.
    pub error_code: Option<String>,
}
