//! Messages from the agent: everything that makes an AMQP message of a row of an outbox table (smp §5, §6).
//!
//! [`APP_ID`], [`CONTENT_TYPE`] and persistent delivery are common to all; other AMQP properties are not set.

mod configure_account;
mod finalize_transfer;
mod prepare_transfer;
mod rejected_config;
mod updated_flags;
mod updated_ledger;
mod updated_policy;

use domain::CreditorId;
use domain::routing::{binary_key, hex_key};
use domain::signal::{Kind, Signal};

use crate::headers::{self, COORDINATOR_ID, COORDINATOR_TYPE, Header, HeaderValue};
use crate::names::{CA_CREDITORS, CREDITORS_OUT, DIRECT, TO_TRADE};

pub use crate::names::{APP_ID, CONTENT_TYPE};

/// The body, exactly as smp §5.1 prescribes.
///
/// An infinite or not-a-number amount, which no table should hold, makes a body that is no JSON.
pub fn encode(signal: &Signal) -> Vec<u8> {
    match signal {
        Signal::ConfigureAccount(signal) => configure_account::encode(signal),
        Signal::PrepareTransfer(signal) => prepare_transfer::encode(signal),
        Signal::FinalizeTransfer(signal) => finalize_transfer::encode(signal),
        Signal::UpdatedLedger(signal) => updated_ledger::encode(signal),
        Signal::UpdatedPolicy(signal) => updated_policy::encode(signal),
        Signal::UpdatedFlags(signal) => updated_flags::encode(signal),
        Signal::RejectedConfig(signal) => rejected_config::encode(signal),
    }
}

/// The AMQP property `type`.
pub const fn message_type(kind: Kind) -> &'static str {
    match kind {
        Kind::ConfigureAccount => "ConfigureAccount",
        Kind::PrepareTransfer => "PrepareTransfer",
        Kind::FinalizeTransfer => "FinalizeTransfer",
        Kind::UpdatedLedger => "UpdatedLedger",
        Kind::UpdatedPolicy => "UpdatedPolicy",
        Kind::UpdatedFlags => "UpdatedFlags",
        Kind::RejectedConfig => "RejectedConfig",
    }
}

/// The exchange to publish to.
pub const fn exchange(kind: Kind) -> &'static str {
    match kind {
        Kind::ConfigureAccount | Kind::PrepareTransfer | Kind::FinalizeTransfer => CREDITORS_OUT,
        Kind::UpdatedLedger | Kind::UpdatedPolicy | Kind::UpdatedFlags => TO_TRADE,
        Kind::RejectedConfig => CA_CREDITORS,
    }
}

/// Whether the broker must return the message if no queue takes it.
///
/// A lost `FinalizeTransfer` would leave money locked.
pub const fn mandatory(kind: Kind) -> bool {
    matches!(kind, Kind::FinalizeTransfer)
}

/// The routing key: the debtor's hex key on the way to accounting authorities, else the creditor's binary key.
pub fn routing_key(signal: &Signal) -> String {
    let account = signal.account();
    match signal.kind() {
        Kind::ConfigureAccount | Kind::PrepareTransfer | Kind::FinalizeTransfer => hex_key(account.debtor_id),
        Kind::UpdatedLedger | Kind::UpdatedPolicy | Kind::UpdatedFlags | Kind::RejectedConfig => {
            binary_key(account.creditor_id)
        }
    }
}

/// The headers.
pub fn headers(signal: &Signal) -> Vec<Header> {
    let mut headers = headers::of_account(message_type(signal.kind()), signal.account());
    if let Some(coordinator_id) = coordinator_id(signal) {
        headers.push((COORDINATOR_ID, HeaderValue::Int(coordinator_id.get())));
        headers.push((COORDINATOR_TYPE, HeaderValue::Text(DIRECT.into())));
    }
    headers
}

const fn coordinator_id(signal: &Signal) -> Option<CreditorId> {
    match signal {
        Signal::PrepareTransfer(signal) => Some(signal.account.creditor_id),
        Signal::FinalizeTransfer(signal) => Some(signal.coordinator_id),
        Signal::ConfigureAccount(_)
        | Signal::UpdatedLedger(_)
        | Signal::UpdatedPolicy(_)
        | Signal::UpdatedFlags(_)
        | Signal::RejectedConfig(_) => None,
    }
}
