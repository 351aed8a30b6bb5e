//! `RejectedTransfer` (smp §3).

use domain::incoming::RejectedTransfer;

use crate::Reason;
use crate::json::{Fields, Rule};

pub(super) fn read(fields: &mut Fields<'_>) -> RejectedTransfer {
    fields.coordinator_type();
    let message = RejectedTransfer {
        account: fields.account(),
        coordinator_id: fields.creditor_id("coordinator_id"),
        coordinator_request_id: fields.i64("coordinator_request_id", ..),
        status_code: fields.text("status_code", Rule::ascii(30)),
        total_locked_amount: fields.i64("total_locked_amount", 0..),
    };
    fields.sent_at();
    fields.check(message.status_code != "OK", "status_code", Reason::Contradicts("the message type"));
    message
}
