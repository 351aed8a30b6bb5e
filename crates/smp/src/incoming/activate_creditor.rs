//! `ActivateCreditor`, an extension of the protocol for operators' tools (smp §3).

use domain::incoming::ActivateCreditor;

use crate::json::{Fields, Rule};

pub(super) fn read(fields: &mut Fields<'_>) -> ActivateCreditor {
    let message = ActivateCreditor {
        creditor_id: fields.creditor_id("creditor_id"),
        reservation_id: fields.text("reservation_id", Rule::chars(100).not_stored()),
    };
    fields.sent_at();
    message
}
