//! Life of creditors: reserved, active, deactivated (processing §12).

use thiserror::Error;

use crate::{Timestamp, update_id};

const ACTIVATED: i16 = 1;
const DEACTIVATED: i16 = 2;

/// The `status_flags` of a creditor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct StatusFlags(i16);

impl StatusFlags {
    /// Of a creditor that was only reserved.
    pub const RESERVED: Self = Self(0);

    /// The flags with the given bits, as in the database.
    pub const fn from_bits(bits: i16) -> Self {
        Self(bits)
    }

    /// The bits, as in the database.
    pub const fn bits(self) -> i16 {
        self.0
    }

    /// Whether the creditor has ever been activated.
    pub const fn is_activated(self) -> bool {
        self.0 & ACTIVATED != 0
    }

    /// Whether the creditor has been deactivated.
    pub const fn is_deactivated(self) -> bool {
        self.0 & DEACTIVATED != 0
    }

    /// Whether the creditor can open accounts and initiate transfers.
    pub const fn is_active(self) -> bool {
        self.is_activated() && !self.is_deactivated()
    }

    /// The flags after deactivation; `None` if the creditor is not active, so that nothing is to be done.
    #[must_use]
    pub const fn deactivate(self) -> Option<Self> {
        if self.is_active() { Some(Self(self.0 | DEACTIVATED)) } else { None }
    }
}

/// What an activation with the right reservation id does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Activation {
    /// The creditor becomes active: its flags are to be written, and a PIN row is to be inserted.
    First(StatusFlags),
    /// It was done before (and perhaps undone since): success without any change.
    Repeated,
}

/// Why a creditor is not activated.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ActivationError {
    /// The reservation id is not the creditor's.
    #[error("invalid reservation id")]
    InvalidReservationId,
    /// The creditor has been activated with another reservation id.
    #[error("the creditor exists")]
    CreditorExists,
}

/// Judges an activation of a creditor; one that does not exist has no valid reservation id.
///
/// `given` is compared with the reservation number as text: `"02"` is not `"2"`. A creditor without a reservation number
/// is activated with `"0"`, as its reservation shows.
pub fn activate(status: StatusFlags, reservation_id: Option<i64>, given: &str) -> Result<Activation, ActivationError> {
    let is_right = reservation_id.unwrap_or(0).to_string() == given;
    match (is_right, status.is_activated()) {
        (true, false) => Ok(Activation::First(StatusFlags(status.0 | ACTIVATED))),
        (true, true) => Ok(Activation::Repeated),
        (false, true) => Err(ActivationError::CreditorExists),
        (false, false) => Err(ActivationError::InvalidReservationId),
    }
}

/// The columns of `creditor` that change with its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AccountsHead {
    /// `accounts_list_latest_update_id`.
    pub list_update_id: i64,
    /// `accounts_list_latest_update_ts`.
    pub list_update_ts: Timestamp,
    /// The largest ledger entry id any deleted account has reached.
    pub largest_historic_ledger_entry_id: i64,
}

impl AccountsHead {
    pub(crate) const fn changed(self, now: Timestamp) -> Self {
        Self { list_update_id: update_id::next(self.list_update_id), list_update_ts: now, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_activated_and_not_deactivated_is_active() {
        for (bits, activated, deactivated, active) in
            [(0, false, false, false), (1, true, false, true), (3, true, true, false)]
        {
            let flags = StatusFlags::from_bits(bits);
            assert_eq!(
                (flags.is_activated(), flags.is_deactivated(), flags.is_active()),
                (activated, deactivated, active),
                "{bits}"
            );
            assert_eq!(flags.deactivate().map(StatusFlags::bits), active.then_some(3), "{bits}");
        }
    }

    #[test]
    fn activation() {
        use ActivationError::{CreditorExists, InvalidReservationId};
        let first = Ok(Activation::First(StatusFlags(1)));
        let repeated = Ok(Activation::Repeated);
        let cases = [
            (0, Some(2), "2", first),
            (0, Some(2), "02", Err(InvalidReservationId)),
            (0, Some(2), "-123", Err(InvalidReservationId)),
            (0, Some(2), "", Err(InvalidReservationId)),
            (0, None, "0", first),
            (0, None, "", Err(InvalidReservationId)),
            (1, Some(2), "2", repeated),
            (1, Some(2), "3", Err(CreditorExists)),
            (3, Some(2), "2", repeated),
            (3, Some(2), "3", Err(CreditorExists)),
        ];
        for (bits, reservation_id, given, expected) in cases {
            assert_eq!(activate(StatusFlags(bits), reservation_id, given), expected, "{bits} {given}");
        }
    }
}
