//! New transfers (processing §5 "Initiate").

use chrono::{NaiveDate, SubsecRound};
use uuid::Uuid;

use super::RunningTransfer;
use crate::{AccountKey, Timestamp, log_entry::LogEntry, signal::PrepareTransfer, time};

/// A holder's wish to transfer an amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The sender's account.
    pub account: AccountKey,
    /// The client's id of the transfer.
    pub transfer_uuid: Uuid,
    /// Amount to transfer, not negative.
    pub amount: i64,
    /// The recipient as the client wrote it.
    pub recipient_uri: String,
    /// The recipient's account id.
    pub recipient: String,
    /// Format of the note.
    pub transfer_note_format: String,
    /// The note.
    pub transfer_note: String,
    /// The transfer must not be committed after this instant.
    pub deadline: Option<Timestamp>,
    /// No later interest rate change may affect the transfer; see [`default_final_interest_rate_ts`].
    pub final_interest_rate_ts: Timestamp,
    /// Amount that must be locked, not negative.
    pub locked_amount: i64,
}

/// What a wish means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Initiation {
    /// The transfer is to be started.
    New,
    /// The same wish was fulfilled before.
    Same,
    /// The client has used the id for another transfer.
    Conflict,
}

/// What to write for a new transfer.
#[derive(Clone, Debug, PartialEq)]
pub struct Started {
    /// The row to insert.
    pub row: RunningTransfer,
    /// Entry of the holder's log, to be enqueued.
    pub log_entry: LogEntry,
    /// Message to the authority.
    pub signal: PrepareTransfer,
}

/// 9999-12-31T23:59:59Z: no interest rate change matters.
pub const fn default_final_interest_rate_ts() -> Timestamp {
    // The fallbacks are never taken: the date and the time exist.
    match NaiveDate::from_ymd_opt(9999, 12, 31) {
        Some(date) => match date.and_hms_opt(23, 59, 59) {
            Some(instant) => instant.and_utc(),
            None => Timestamp::MAX_UTC,
        },
        None => Timestamp::MAX_UTC,
    }
}

/// Compares a wish with the creditor's transfer of the same id, if there is one.
pub fn initiate(existing: Option<&RunningTransfer>, request: &Request) -> Initiation {
    match existing {
        None => Initiation::New,
        Some(row) if is_same(row, request) => Initiation::Same,
        Some(_) => Initiation::Conflict,
    }
}

/// Starts a new transfer of an active creditor; `coordinator_request_id` was drawn from its sequence.
pub fn start(request: Request, coordinator_request_id: i64, now: Timestamp) -> Started {
    let row = RunningTransfer {
        account: request.account,
        transfer_uuid: request.transfer_uuid,
        amount: request.amount,
        recipient_uri: request.recipient_uri,
        recipient: request.recipient,
        transfer_note_format: request.transfer_note_format,
        transfer_note: request.transfer_note,
        initiated_at: now,
        finalized_at: None,
        error_code: None,
        total_locked_amount: None,
        deadline: request.deadline.map(as_stored),
        locked_amount: request.locked_amount,
        coordinator_request_id,
        transfer_id: None,
        latest_update_id: 1,
        latest_update_ts: now,
        final_interest_rate_ts: as_stored(request.final_interest_rate_ts),
    };
    let signal = PrepareTransfer {
        account: row.account,
        coordinator_request_id,
        locked_amount: row.locked_amount,
        recipient: row.recipient.clone(),
        final_interest_rate_ts: row.final_interest_rate_ts,
        max_commit_delay: max_commit_delay(row.deadline, now),
        inserted_at: now,
    };
    Started { log_entry: LogEntry::transfer(&row), signal, row }
}

fn is_same(row: &RunningTransfer, request: &Request) -> bool {
    row.account == request.account
        && row.transfer_uuid == request.transfer_uuid
        && row.amount == request.amount
        && row.recipient_uri == request.recipient_uri
        && row.recipient == request.recipient
        && row.transfer_note_format == request.transfer_note_format
        && row.transfer_note == request.transfer_note
        && row.deadline == request.deadline.map(as_stored)
        && row.final_interest_rate_ts == as_stored(request.final_interest_rate_ts)
        && row.locked_amount == request.locked_amount
}

/// Clients may give more digits than the database keeps.
fn as_stored(instant: Timestamp) -> Timestamp {
    instant.trunc_subsecs(6)
}

/// Whole seconds left until the deadline; as many as possible if there is none.
pub(super) fn max_commit_delay(deadline: Option<Timestamp>, now: Timestamp) -> i32 {
    deadline.map_or(i32::MAX, |deadline| {
        // `num_seconds` rounds towards zero, which is down for what is not clamped to 0 anyway.
        i32::try_from(time::between(now, deadline).num_seconds().max(0)).unwrap_or(i32::MAX)
    })
}
