//! Transfers the authority has refused, committed or dismissed (processing §4.5, §4.7).

use super::{Failure, Finalized, RunningTransfer};
use crate::{
    Timestamp,
    incoming::{FinalizedTransfer, RejectedTransfer},
};

/// The error of transfers about which the authority has said something impossible.
pub const UNEXPECTED_ERROR: &str = "UNEXPECTED_ERROR";

const OK: &str = "OK";

impl Failure {
    fn told(status_code: &str, total_locked_amount: i64) -> Self {
        Self { error_code: status_code.to_owned(), total_locked_amount: Some(total_locked_amount) }
    }

    fn unexpected() -> Self {
        Self { error_code: UNEXPECTED_ERROR.to_owned(), total_locked_amount: None }
    }
}

/// Ends a transfer that could not be prepared; `None` if it has ended before.
///
/// `row`: the transfer with the message's coordinator and coordinator's request id.
pub fn on_rejected(row: RunningTransfer, message: &RejectedTransfer, now: Timestamp) -> Option<Finalized> {
    if !row.is_coordinated_by(message.coordinator_id, message.coordinator_request_id) {
        return None;
    }
    let failure = if message.status_code != OK && row.account == message.account {
        Failure::told(&message.status_code, message.total_locked_amount)
    } else {
        Failure::unexpected()
    };
    row.finalize(Some(failure), now).ok()
}

/// Ends a settled transfer; `None` if it has ended before, or the message is about another prepared transfer.
///
/// `row`: the transfer with the message's coordinator and coordinator's request id.
pub fn on_finalized(row: RunningTransfer, message: &FinalizedTransfer, now: Timestamp) -> Option<Finalized> {
    let is_about_it = row.is_coordinated_by(message.coordinator_id, message.coordinator_request_id)
        && row.account == message.account
        && row.transfer_id == Some(message.transfer_id);
    if !is_about_it {
        return None;
    }
    let failure = match (message.status_code.as_str(), message.committed_amount) {
        (OK, amount) if amount == row.amount => None,
        (OK, _) => Some(Failure::unexpected()),
        (status_code, 0) => Some(Failure::told(status_code, message.total_locked_amount)),
        _ => Some(Failure::unexpected()),
    };
    row.finalize(failure, now).ok()
}
