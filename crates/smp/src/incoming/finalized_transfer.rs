//! `FinalizedTransfer` (smp §3).

use domain::incoming::FinalizedTransfer;

use crate::Reason;
use crate::json::{Fields, Rule};

pub(super) fn read(fields: &mut Fields<'_>) -> FinalizedTransfer {
    fields.coordinator_type();
    let message = FinalizedTransfer {
        account: fields.account(),
        transfer_id: fields.i64("transfer_id", ..),
        coordinator_id: fields.creditor_id("coordinator_id"),
        coordinator_request_id: fields.i64("coordinator_request_id", ..),
        committed_amount: fields.i64("committed_amount", 0..),
        status_code: fields.text("status_code", Rule::ascii(30)),
        total_locked_amount: fields.i64("total_locked_amount", 0..),
    };
    fields.instant("prepared_at");
    fields.sent_at();
    let consistent = message.status_code == "OK" || message.committed_amount == 0;
    fields.check(consistent, "committed_amount", Reason::Contradicts("status_code"));
    message
}
