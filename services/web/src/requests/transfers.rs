//! Requests about transfers (webapi §12.6).

use domain::{
    AccountKey, CreditorId, Timestamp,
    pin::Pin,
    transfer::{Request, default_final_interest_rate_ts},
};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::{NOT_NEGATIVE, PinField, identities::AccountIdentity};
use crate::{
    ApiError,
    parse::{Errors, Fields, Input, Object, datetime, integer, nested, text, uuid},
    render,
};

const NOTE_TOO_LONG: &str = "The total byte-length of the note exceeds 500 bytes.";

/// Where a page of the list of transfers begins.
#[derive(Clone, Copy, Debug, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TransfersPageQuery {
    /// Only transfers after this one.
    pub prev: Option<Uuid>,
}

impl Input for TransfersPageQuery {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::open(object);
        let prev = fields.optional("prev", uuid());
        fields.finish(|| Some(Self { prev: prev? }))
    }
}

/// Initiates a transfer.
#[derive(Clone, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(rename_all = "camelCase")]
pub struct TransferCreationRequest {
    /// The client's id of the transfer.
    pub transfer_uuid: Uuid,
    /// Who gets the amount; the debtor is also the sender's.
    #[schema(value_type = render::identities::AccountIdentity)]
    pub recipient: AccountIdentity,
    /// Amount to transfer.
    #[schema(minimum = 0, maximum = 9_223_372_036_854_775_807_i64)]
    pub amount: i64,
    /// Format of the note.
    #[schema(default = "", pattern = "^[0-9A-Za-z.-]{0,8}$", required = false)]
    pub note_format: String,
    /// A note for the recipient, at most 500 bytes.
    #[schema(default = "", max_length = 500, required = false)]
    pub note: String,
    /// Conditions.
    #[schema(value_type = render::transfer::TransferOptions, required = false)]
    pub options: TransferOptions,
    /// The PIN.
    #[schema(value_type = Option<String>, write_only, nullable = false, pattern = "^[0-9]{4,10}$")]
    pub pin: Option<Pin>,
}

/// Conditions of a transfer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TransferOptions {
    /// No later interest rate change may affect the transfer.
    pub final_interest_rate_timestamp: Timestamp,
    /// The transfer must not be committed after this instant.
    pub deadline: Option<Timestamp>,
    /// Amount that must be locked.
    pub locked_amount: i64,
}

/// Cancels a transfer.
#[derive(Clone, Debug, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferCancelationRequest {}

impl TransferCreationRequest {
    /// What is wished by the creditor, and the PIN. Fails with 422 when the recipient's URI says nothing to us.
    pub fn split(self, creditor_id: CreditorId) -> Result<(Request, Option<Pin>), ApiError> {
        let (debtor_id, recipient) = self.recipient.account(&["recipient", "uri"])?;
        let request = Request {
            account: AccountKey::new(creditor_id, debtor_id),
            transfer_uuid: self.transfer_uuid,
            amount: self.amount,
            recipient_uri: self.recipient.uri,
            recipient,
            transfer_note_format: self.note_format,
            transfer_note: self.note,
            deadline: self.options.deadline,
            final_interest_rate_ts: self.options.final_interest_rate_timestamp,
            locked_amount: self.options.locked_amount,
        };
        Ok((request, self.pin))
    }
}

impl Default for TransferOptions {
    fn default() -> Self {
        Self { final_interest_rate_timestamp: default_final_interest_rate_ts(), deadline: None, locked_amount: 0 }
    }
}

impl Input for TransferCreationRequest {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("TransferCreationRequest");
        let transfer_uuid = fields.required("transferUuid", uuid());
        let recipient = fields.required("recipient", nested());
        let amount = fields.required("amount", integer(NOT_NEGATIVE));
        let note_format = fields.or_else("noteFormat", text().pattern(is_note_format), String::new);
        let note = fields.or_else("note", text().max(500).max_bytes(500, NOTE_TOO_LONG), String::new);
        let options = fields.or_else("options", nested(), TransferOptions::default);
        let pin = fields.optional("pin", PinField);
        fields.finish(|| {
            Some(Self {
                transfer_uuid: transfer_uuid?,
                recipient: recipient?,
                amount: amount?,
                note_format: note_format?,
                note: note?,
                options: options?,
                pin: pin?,
            })
        })
    }
}

/// `^[0-9A-Za-z.-]{0,8}$`
fn is_note_format(text: &str) -> bool {
    text.len() <= 8 && text.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-'))
}

impl Input for TransferOptions {
    fn read(object: Object) -> Result<Self, Errors> {
        let defaults = Self::default();
        let mut fields = Fields::strict(object);
        let _any_type = fields.optional("type", text());
        let instant = datetime().or_utc();
        let instant = fields.or_else("finalInterestRateTimestamp", instant, || defaults.final_interest_rate_timestamp);
        let deadline = fields.optional("deadline", datetime());
        let locked_amount = fields.or_else("lockedAmount", integer(NOT_NEGATIVE), || defaults.locked_amount);
        fields.finish(|| {
            Some(Self { final_interest_rate_timestamp: instant?, deadline: deadline?, locked_amount: locked_amount? })
        })
    }
}

impl Input for TransferCancelationRequest {
    fn read(object: Object) -> Result<Self, Errors> {
        let mut fields = Fields::strict(object);
        fields.object_type("TransferCancelationRequest");
        fields.finish(|| Some(Self {}))
    }
}
