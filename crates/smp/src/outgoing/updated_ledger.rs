//! `UpdatedLedger` (smp §5.2).

use domain::signal::UpdatedLedger;

use crate::json::Object;

pub(super) fn encode(signal: &UpdatedLedger) -> Vec<u8> {
    Object::of_type("UpdatedLedger")
        .account(signal.account)
        .int("update_id", signal.update_id)
        .text("account_id", &signal.account_id)
        .date("creation_date", signal.creation_date)
        .int("principal", signal.principal)
        .int("last_transfer_number", signal.last_transfer_number)
        .instant("ts", signal.ts)
        .finish()
}
