//! The PIN that protects a creditor's dangerous operations (processing §9).
//!
//! Design notes: whatever is a secret, or helps to guess one, has a type that does not print. Comparing takes the same
//! time whether the values are alike or not. Attempts are counted in the value that is returned, and the caller commits
//! it even when the attempt has failed.

use std::fmt;

use thiserror::Error;

use crate::Timestamp;

mod attempt;
mod change;
mod limits;
mod secret;

#[cfg(test)]
mod tests;

pub use attempt::{Attempt, Check, Verdict, attempt};
pub use change::{ChangeOutcome, ChangeRequest, NewPin, NewPinRequired, change};
pub use limits::{max_accumulated_failures, max_consecutive_failures};
pub use secret::{Hmac, Salt, Secret};

/// Whether operations ask for the PIN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// They do not.
    Off,
    /// They do.
    On,
    /// They do, and no PIN is right, since too many were wrong.
    Blocked,
}

impl Status {
    /// The status with the given number, as in the database.
    pub const fn from_code(code: i16) -> Option<Self> {
        match code {
            0 => Some(Self::Off),
            1 => Some(Self::On),
            2 => Some(Self::Blocked),
            _ => None,
        }
    }

    /// The number, as in the database.
    pub const fn code(self) -> i16 {
        match self {
            Self::Off => 0,
            Self::On => 1,
            Self::Blocked => 2,
        }
    }
}

/// Not 4 to 10 decimal digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("a PIN is 4 to 10 digits")]
pub struct InvalidPin;

/// A PIN: 4 to 10 ASCII digits. It is never printed.
#[derive(Clone)]
pub struct Pin(String);

impl Pin {
    /// Takes a PIN somebody has typed.
    pub fn parse(digits: impl Into<String>) -> Result<Self, InvalidPin> {
        let digits = digits.into();
        let is_valid = (4..=10).contains(&digits.len()) && digits.bytes().all(|c| c.is_ascii_digit());
        is_valid.then_some(Self(digits)).ok_or(InvalidPin)
    }

    fn digits(&self) -> &str {
        &self.0
    }

    /// How many digits it has.
    fn length(&self) -> i16 {
        i16::try_from(self.0.len()).unwrap_or(i16::MAX)
    }
}

impl fmt::Debug for Pin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Pin(..)")
    }
}

/// A row of `pin_info`.
#[derive(Clone, Debug)]
pub struct PinInfo {
    /// Whether operations ask for the PIN.
    pub status: Status,
    /// Wrong PINs since the last right one.
    pub consecutive_failures: i16,
    /// Wrong PINs since `failures_reset_at`.
    pub accumulated_failures: i16,
    /// When the accumulated failures were last forgotten.
    pub failures_reset_at: Timestamp,
    /// Digits of the PIN; 0 for none.
    pub pin_length: i16,
    /// The PIN in unreadable form; present when the status is "on".
    pub pin_hmac: Option<Hmac>,
    /// What the PIN was mixed with; PINs of old may have none.
    pub pin_salt: Option<Salt>,
    /// Update id of the PinInfo object.
    pub latest_update_id: i64,
    /// When the PinInfo object changed.
    pub latest_update_ts: Timestamp,
}

impl PinInfo {
    /// Of a creditor that is being activated.
    pub const fn new(now: Timestamp) -> Self {
        Self {
            status: Status::Off,
            consecutive_failures: 0,
            accumulated_failures: 0,
            failures_reset_at: now,
            pin_length: 0,
            pin_hmac: None,
            pin_salt: None,
            latest_update_id: 1,
            latest_update_ts: now,
        }
    }
}
