//! `PreparedTransfer` (smp §3).

use domain::incoming::PreparedTransfer;

use crate::json::{Fields, Rule};

pub(super) fn read(fields: &mut Fields<'_>) -> PreparedTransfer {
    fields.coordinator_type();
    let message = PreparedTransfer {
        account: fields.account(),
        transfer_id: fields.i64("transfer_id", ..),
        coordinator_id: fields.creditor_id("coordinator_id"),
        coordinator_request_id: fields.i64("coordinator_request_id", ..),
        locked_amount: fields.i64("locked_amount", 0..),
        // Only compared with the recipient asked for; a strange one leads to a dismissal, which frees the money.
        recipient: fields.text("recipient", Rule::ascii(100).not_stored()),
    };
    fields.instant("prepared_at");
    fields.f64("demurrage_rate", -100.0..=0.0);
    fields.instant("deadline");
    fields.instant("final_interest_rate_ts");
    fields.sent_at();
    message
}
