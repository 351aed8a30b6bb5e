//! `PrepareTransfer` (smp §5.2).

use domain::signal::PrepareTransfer;

use crate::json::Object;
use crate::names::DIRECT;

pub(super) fn encode(signal: &PrepareTransfer) -> Vec<u8> {
    let creditor_id = signal.account.creditor_id.get();
    Object::of_type("PrepareTransfer")
        .int("creditor_id", creditor_id)
        .int("debtor_id", signal.account.debtor_id.get())
        .text("coordinator_type", DIRECT)
        .int("coordinator_id", creditor_id)
        .int("coordinator_request_id", signal.coordinator_request_id)
        .int("min_locked_amount", signal.locked_amount)
        .int("max_locked_amount", signal.locked_amount)
        .text("recipient", &signal.recipient)
        .instant("final_interest_rate_ts", signal.final_interest_rate_ts)
        .int("max_commit_delay", signal.max_commit_delay)
        .instant("ts", signal.inserted_at)
        .finish()
}
