//! `FinalizeTransfer` (smp §5.2).

use domain::signal::FinalizeTransfer;

use crate::json::Object;
use crate::names::DIRECT;

pub(super) fn encode(signal: &FinalizeTransfer) -> Vec<u8> {
    Object::of_type("FinalizeTransfer")
        .int("creditor_id", signal.account.creditor_id.get())
        .int("debtor_id", signal.account.debtor_id.get())
        .int("transfer_id", signal.transfer_id)
        .text("coordinator_type", DIRECT)
        .int("coordinator_id", signal.coordinator_id.get())
        .int("coordinator_request_id", signal.coordinator_request_id)
        .int("committed_amount", signal.committed_amount)
        .text("transfer_note_format", &signal.transfer_note_format)
        .text("transfer_note", &signal.transfer_note)
        .instant("ts", signal.inserted_at)
        .finish()
}
