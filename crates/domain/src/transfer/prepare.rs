//! Prepared transfers (processing §4.6).

use super::{RunningTransfer, State};
use crate::{Timestamp, incoming::PreparedTransfer, signal::FinalizeTransfer};

/// What to write for a prepared transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The row to write, if it changes: the transfer is settled now.
    pub settled: Option<RunningTransfer>,
    /// Message to the authority: commit, or dismiss.
    pub signal: FinalizeTransfer,
}

/// Commits a prepared transfer that was asked for, and dismisses any other.
///
/// `row`: the transfer with the message's coordinator and coordinator's request id, if there is one.
///
/// A transfer is settled only once. The same message may come again, even when the transfer has been finalised, and is
/// answered the same way.
pub fn on_prepared(row: Option<RunningTransfer>, message: &PreparedTransfer, now: Timestamp) -> Prepared {
    let Some(mut row) = row.filter(|row| matches(row, message)) else {
        return Prepared { settled: None, signal: dismiss(message, now) };
    };
    if row.transfer_id == Some(message.transfer_id) {
        Prepared { settled: None, signal: commit(&row, message, now) }
    } else if row.state() == State::Initiated {
        row.transfer_id = Some(message.transfer_id);
        Prepared { signal: commit(&row, message, now), settled: Some(row) }
    } else {
        Prepared { settled: None, signal: dismiss(message, now) }
    }
}

fn matches(row: &RunningTransfer, message: &PreparedTransfer) -> bool {
    row.is_coordinated_by(message.coordinator_id, message.coordinator_request_id)
        && row.account == message.account
        && row.recipient == message.recipient
        && row.locked_amount <= message.locked_amount
}

fn commit(row: &RunningTransfer, message: &PreparedTransfer, now: Timestamp) -> FinalizeTransfer {
    FinalizeTransfer {
        committed_amount: row.amount,
        transfer_note_format: row.transfer_note_format.clone(),
        transfer_note: row.transfer_note.clone(),
        ..dismiss(message, now)
    }
}

fn dismiss(message: &PreparedTransfer, now: Timestamp) -> FinalizeTransfer {
    FinalizeTransfer {
        account: message.account,
        transfer_id: message.transfer_id,
        coordinator_id: message.coordinator_id,
        coordinator_request_id: message.coordinator_request_id,
        committed_amount: 0,
        transfer_note_format: String::new(),
        transfer_note: String::new(),
        inserted_at: now,
    }
}
