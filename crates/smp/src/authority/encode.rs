//! Bodies of messages to the agent.

use domain::incoming::{
    AccountPurge, AccountTransfer, AccountUpdate, ActivateCreditor, BouncedConfigureAccount, FinalizedTransfer,
    Incoming, PreparedTransfer, RejectedConfig, RejectedTransfer,
};

use super::{Unused, message_type};
use crate::json::Object;

/// The body of a message to the agent.
///
/// Serves also the two an accounting authority does not send, `ConfigureAccount` and `ActivateCreditor`.
pub fn encode(message: &Incoming, unused: &Unused) -> Vec<u8> {
    let object = Object::of_type(message_type(message));
    let object = match message {
        Incoming::RejectedConfig(m) => rejected_config(object, m, unused),
        Incoming::AccountUpdate(m) => account_update(object, m, unused),
        Incoming::AccountPurge(m) => account_purge(object, m, unused),
        Incoming::AccountTransfer(m) => account_transfer(object, m),
        Incoming::RejectedTransfer(m) => rejected_transfer(object, m, unused),
        Incoming::PreparedTransfer(m) => prepared_transfer(object, m, unused),
        Incoming::FinalizedTransfer(m) => finalized_transfer(object, m, unused),
        Incoming::ConfigureAccount(m) => configure_account(object, m),
        Incoming::ActivateCreditor(m) => activate_creditor(object, m, unused),
    };
    object.finish()
}

fn rejected_config(object: Object, m: &RejectedConfig, unused: &Unused) -> Object {
    object
        .account(m.account)
        .instant("config_ts", m.config_ts)
        .int("config_seqnum", m.config_seqnum)
        .int("config_flags", m.config_flags)
        .text("config_data", &m.config_data)
        .float("negligible_amount", m.negligible_amount)
        .text("rejection_code", &m.rejection_code)
        .instant("ts", unused.ts)
}

fn account_update(object: Object, m: &AccountUpdate, unused: &Unused) -> Object {
    object
        .account(m.account)
        .date("creation_date", m.creation_date)
        .instant("last_change_ts", m.last_change_ts)
        .int("last_change_seqnum", m.last_change_seqnum)
        .int("principal", m.principal)
        .float("interest", m.interest)
        .float("interest_rate", m.interest_rate)
        .instant("last_interest_rate_change_ts", m.last_interest_rate_change_ts)
        .instant("last_config_ts", m.last_config_ts)
        .int("last_config_seqnum", m.last_config_seqnum)
        .float("negligible_amount", m.negligible_amount)
        .int("config_flags", m.config_flags)
        .text("config_data", &m.config_data)
        .text("account_id", &m.account_id)
        .text("debtor_info_iri", m.debtor_info_iri.as_deref().unwrap_or_default())
        .text("debtor_info_content_type", m.debtor_info_content_type.as_deref().unwrap_or_default())
        .text("debtor_info_sha256", &m.debtor_info_sha256.map(upper_hex).unwrap_or_default())
        .int("last_transfer_number", m.last_transfer_number)
        .instant("last_transfer_committed_at", m.last_transfer_committed_at)
        .float("demurrage_rate", unused.demurrage_rate)
        .int("commit_period", unused.commit_period)
        .int("transfer_note_max_bytes", m.transfer_note_max_bytes)
        .instant("ts", m.ts)
        .int("ttl", m.ttl)
}

fn upper_hex(digest: [u8; 32]) -> String {
    digest.map(|byte| format!("{byte:02X}")).concat()
}

fn account_purge(object: Object, m: &AccountPurge, unused: &Unused) -> Object {
    object.account(m.account).date("creation_date", m.creation_date).instant("ts", unused.ts)
}

fn account_transfer(object: Object, m: &AccountTransfer) -> Object {
    object
        .account(m.account)
        .date("creation_date", m.creation_date)
        .int("transfer_number", m.transfer_number)
        .text("coordinator_type", &m.coordinator_type)
        .text("sender", &m.sender)
        .text("recipient", &m.recipient)
        .int("acquired_amount", m.acquired_amount)
        .text("transfer_note_format", &m.transfer_note_format)
        .text("transfer_note", &m.transfer_note)
        .instant("committed_at", m.committed_at)
        .int("principal", m.principal)
        .instant("ts", m.ts)
        .int("previous_transfer_number", m.previous_transfer_number)
}

fn rejected_transfer(object: Object, m: &RejectedTransfer, unused: &Unused) -> Object {
    object
        .account(m.account)
        .text("coordinator_type", &unused.coordinator_type)
        .int("coordinator_id", m.coordinator_id.get())
        .int("coordinator_request_id", m.coordinator_request_id)
        .text("status_code", &m.status_code)
        .int("total_locked_amount", m.total_locked_amount)
        .instant("ts", unused.ts)
}

fn prepared_transfer(object: Object, m: &PreparedTransfer, unused: &Unused) -> Object {
    object
        .account(m.account)
        .int("transfer_id", m.transfer_id)
        .text("coordinator_type", &unused.coordinator_type)
        .int("coordinator_id", m.coordinator_id.get())
        .int("coordinator_request_id", m.coordinator_request_id)
        .int("locked_amount", m.locked_amount)
        .text("recipient", &m.recipient)
        .instant("prepared_at", unused.prepared_at)
        .float("demurrage_rate", unused.demurrage_rate)
        .instant("deadline", unused.deadline)
        .instant("final_interest_rate_ts", unused.final_interest_rate_ts)
        .instant("ts", unused.ts)
}

fn finalized_transfer(object: Object, m: &FinalizedTransfer, unused: &Unused) -> Object {
    object
        .account(m.account)
        .int("transfer_id", m.transfer_id)
        .text("coordinator_type", &unused.coordinator_type)
        .int("coordinator_id", m.coordinator_id.get())
        .int("coordinator_request_id", m.coordinator_request_id)
        .int("committed_amount", m.committed_amount)
        .text("status_code", &m.status_code)
        .int("total_locked_amount", m.total_locked_amount)
        .instant("prepared_at", unused.prepared_at)
        .instant("ts", unused.ts)
}

fn configure_account(object: Object, m: &BouncedConfigureAccount) -> Object {
    object
        .account(m.account)
        .instant("ts", m.ts)
        .int("seqnum", m.seqnum)
        .float("negligible_amount", m.negligible_amount)
        .text("config_data", &m.config_data)
        .int("config_flags", m.config_flags)
}

fn activate_creditor(object: Object, m: &ActivateCreditor, unused: &Unused) -> Object {
    object.int("creditor_id", m.creditor_id.get()).text("reservation_id", &m.reservation_id).instant("ts", unused.ts)
}
