//! `AccountTransfer` (smp §3).

use domain::incoming::AccountTransfer;

use crate::Reason;
use crate::json::{Fields, Rule};

pub(super) fn read(fields: &mut Fields<'_>) -> AccountTransfer {
    let message = AccountTransfer {
        account: fields.account(),
        creation_date: fields.date("creation_date"),
        transfer_number: fields.i64("transfer_number", 1..),
        coordinator_type: fields.text("coordinator_type", Rule::ascii(30).not_empty()),
        sender: fields.text("sender", Rule::ascii(100)),
        recipient: fields.text("recipient", Rule::ascii(100)),
        acquired_amount: fields.i64("acquired_amount", ..),
        transfer_note_format: fields.note_format("transfer_note_format"),
        transfer_note: fields.text("transfer_note", Rule::bytes(500)),
        committed_at: fields.instant("committed_at"),
        principal: fields.i64("principal", ..),
        ts: fields.sent_at(),
        previous_transfer_number: fields.i64("previous_transfer_number", 0..),
    };
    fields.check(message.acquired_amount != 0, "acquired_amount", Reason::OutOfRange);
    let in_order = message.transfer_number > message.previous_transfer_number;
    fields.check(in_order, "transfer_number", Reason::Contradicts("previous_transfer_number"));
    message
}
