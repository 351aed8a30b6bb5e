//! Changing the PIN.

use thiserror::Error;

use super::{Attempt, Check, Hmac, Pin, PinInfo, Salt, Secret, Status, Verdict, attempt};
use crate::{CreditorId, Timestamp, log_entry::LogEntry};

/// A PIN in the form in which it will be stored.
#[derive(Clone, Debug)]
pub struct NewPin {
    length: i16,
    hmac: Hmac,
    salt: Salt,
}

impl NewPin {
    /// Mixes a PIN with fresh salt.
    pub fn new(pin: &Pin, salt: Salt, secret: &Secret) -> Self {
        Self { length: pin.length(), hmac: secret.hmac(pin, Some(&salt)), salt }
    }
}

/// Operations are to ask for the PIN, but there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("when the PIN is on, a new PIN is required")]
pub struct NewPinRequired;

/// The holder's wish.
#[derive(Clone, Debug)]
pub struct ChangeRequest {
    status: Status,
    new_pin: Option<NewPin>,
    update_id: i64,
}

impl ChangeRequest {
    /// Asks for a status and a new PIN; without one the old PIN is removed. `update_id` is the id the object is to get.
    pub fn new(status: Status, new_pin: Option<NewPin>, update_id: i64) -> Result<Self, NewPinRequired> {
        if status == Status::On && new_pin.is_none() {
            return Err(NewPinRequired);
        }
        Ok(Self { status, new_pin, update_id })
    }
}

/// What a wish means.
#[derive(Clone, Debug)]
pub enum ChangeOutcome {
    /// The PIN is changed.
    Changed {
        /// The row to write.
        info: Box<PinInfo>,
        /// Entry of the holder's log, to be enqueued.
        log_entry: Box<LogEntry>,
    },
    /// The client has not seen the newest state of the object. The PIN was not tried.
    Conflict,
    /// The old PIN is wrong. The attempt must be committed.
    WrongPin(Box<Attempt>),
}

/// Changes a PIN. `check` tries the old one; `None` in PIN-reset mode.
///
/// Repeating a wish is a conflict, unlike with other objects. Accumulated failures are not forgotten.
pub fn change(
    creditor_id: CreditorId,
    info: PinInfo,
    request: ChangeRequest,
    check: Option<&Check<'_>>,
    now: Timestamp,
) -> ChangeOutcome {
    if info.latest_update_id.checked_add(1) != Some(request.update_id) {
        return ChangeOutcome::Conflict;
    }
    let info = if let Some(check) = check {
        let attempt = attempt(info, check, now);
        if attempt.verdict == Verdict::Wrong {
            return ChangeOutcome::WrongPin(Box::new(attempt));
        }
        attempt.info
    } else {
        info
    };
    let (pin_length, pin_hmac, pin_salt) =
        request.new_pin.map_or((0, None, None), |new| (new.length, Some(new.hmac), Some(new.salt)));
    let info = PinInfo {
        status: request.status,
        consecutive_failures: 0,
        pin_length,
        pin_hmac,
        pin_salt,
        latest_update_id: request.update_id,
        latest_update_ts: now,
        ..info
    };
    let log_entry = Box::new(LogEntry::pin_info(creditor_id, request.update_id, now));
    ChangeOutcome::Changed { info: Box::new(info), log_entry }
}
