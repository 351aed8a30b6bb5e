//! What the scanner of accounts looks for (processing §13.2).

use chrono::TimeDelta;

use super::{Contact, Data, Patience};
use crate::{AccountKey, Timestamp, ledger::Comparison, time};

/// As much of an account as tells whether something is wrong with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Vitals {
    /// Which account.
    pub key: AccountKey,
    /// Its ledger, compared with what the server says.
    pub ledger: Comparison,
    /// Its contact with the server.
    pub contact: Contact,
}

/// Where the limits are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Checkup {
    /// Transfers that take longer are not waited for (`APP_MAX_TRANSFER_DELAY_DAYS`).
    pub max_transfer_delay: TimeDelta,
    /// How long silence of the server is no problem.
    pub patience: Patience,
}

/// What is wrong with an account.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ailments {
    /// The ledger knows all transfers and has the wrong sum: see [`crate::ledger::correct`].
    pub ledger_is_wrong: bool,
    /// The ledger has waited for a transfer too long: its update is to be scheduled again.
    pub ledger_waits: bool,
    /// The server ignores the account: see [`super::report_config_problem`].
    pub contact_is_lost: bool,
}

impl Vitals {
    /// Of an account that is known completely.
    pub fn of(data: &Data) -> Self {
        Self { key: data.key, ledger: Comparison::of(&data.ledger_account()), contact: Contact::of(data) }
    }
}

impl Checkup {
    /// Transfers that were committed before this moment are not waited for.
    pub fn transfer_cutoff(&self, now: Timestamp) -> Timestamp {
        time::before(now, self.max_transfer_delay)
    }

    /// What is wrong with the account at the moment.
    pub fn examine(&self, vitals: &Vitals, now: Timestamp) -> Ailments {
        Ailments {
            ledger_is_wrong: vitals.ledger.is_wrong(now),
            ledger_waits: vitals.ledger.waits_too_long(self.transfer_cutoff(now)),
            contact_is_lost: vitals.contact.is_lost(self.patience, now),
        }
    }
}
