//! Messages of the agent to accounting authorities.

use domain::signal::{ConfigureAccount, FinalizeTransfer, PrepareTransfer, Signal};

use crate::json::{Fields, Rule};
use crate::names::CONTENT_TYPE;
use crate::{Reason, Rejection};

/// Reads a message of the agent to an accounting authority by its AMQP properties `content_type` and `type` and its
/// body: `ConfigureAccount`, `PrepareTransfer` or `FinalizeTransfer`; others are of unknown type.
pub fn decode(content_type: Option<&str>, message_type: Option<&str>, body: &[u8]) -> Result<Signal, Rejection> {
    if content_type != Some(CONTENT_TYPE) {
        return Err(Rejection::ContentType);
    }
    match message_type {
        Some("ConfigureAccount") => read("ConfigureAccount", body, configure_account).map(Signal::ConfigureAccount),
        Some("PrepareTransfer") => read("PrepareTransfer", body, prepare_transfer).map(Signal::PrepareTransfer),
        Some("FinalizeTransfer") => read("FinalizeTransfer", body, finalize_transfer).map(Signal::FinalizeTransfer),
        _ => Err(Rejection::UnknownType),
    }
}

fn read<T>(
    message_type: &'static str,
    body: &[u8],
    members: impl FnOnce(&mut Fields<'_>) -> T,
) -> Result<T, Rejection> {
    let mut fields = Fields::parse(message_type, body)?;
    let message = members(&mut fields);
    let (message, aside) = fields.finish(message)?;
    if aside.foreign_coordinator.is_some() {
        let reason = Reason::Not("direct, the only coordinator type of the agent");
        return Err(Rejection::Schema(vec![crate::BadMember { name: "coordinator_type", reason }]));
    }
    Ok(message)
}

fn configure_account(fields: &mut Fields<'_>) -> ConfigureAccount {
    ConfigureAccount {
        account: fields.account(),
        ts: fields.instant("ts"),
        seqnum: fields.i32("seqnum", ..),
        negligible_amount: to_single(fields.single("negligible_amount", 0.0..)),
        config_data: fields.text("config_data", Rule::bytes(2000)),
        config_flags: fields.i32("config_flags", ..),
    }
}

#[expect(clippy::cast_possible_truncation, reason = "the value has been checked to fit")]
const fn to_single(value: f64) -> f32 {
    value as f32
}

fn prepare_transfer(fields: &mut Fields<'_>) -> PrepareTransfer {
    fields.coordinator_type();
    let coordinator_id = fields.creditor_id("coordinator_id");
    let max_locked_amount = fields.i64("max_locked_amount", 0..);
    let message = PrepareTransfer {
        account: fields.account(),
        coordinator_request_id: fields.i64("coordinator_request_id", ..),
        locked_amount: fields.i64("min_locked_amount", 0..),
        recipient: fields.text("recipient", Rule::ascii(100)),
        final_interest_rate_ts: fields.instant("final_interest_rate_ts"),
        max_commit_delay: fields.i32("max_commit_delay", 0..),
        inserted_at: fields.instant("ts"),
    };
    let coordinates_itself = coordinator_id == message.account.creditor_id;
    fields.check(coordinates_itself, "coordinator_id", Reason::Contradicts("creditor_id"));
    let exact_amount = max_locked_amount == message.locked_amount;
    fields.check(exact_amount, "max_locked_amount", Reason::Contradicts("min_locked_amount"));
    message
}

fn finalize_transfer(fields: &mut Fields<'_>) -> FinalizeTransfer {
    fields.coordinator_type();
    FinalizeTransfer {
        account: fields.account(),
        transfer_id: fields.i64("transfer_id", ..),
        coordinator_id: fields.creditor_id("coordinator_id"),
        coordinator_request_id: fields.i64("coordinator_request_id", ..),
        committed_amount: fields.i64("committed_amount", 0..),
        transfer_note_format: fields.note_format("transfer_note_format"),
        transfer_note: fields.text("transfer_note", Rule::bytes(500)),
        inserted_at: fields.instant("ts"),
    }
}
