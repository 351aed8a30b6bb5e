//! Repairing ledgers that have silently gone wrong (processing §13.2).

use chrono::TimeDelta;

use super::{
    Account, Outcome,
    builder::{Builder, Step},
};
use crate::{Timestamp, time};

/// How long a ledger must have been at rest before it is corrected.
///
/// Messages about interest or negligible transfers may still be on the way.
pub const CORRECTION_DELAY: TimeDelta = TimeDelta::hours(1);

/// The two views of an account's balance side by side: all that tells whether its ledger needs help.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// The principal according to the server.
    pub server_principal: i64,
    /// The server's newest transfer number.
    pub server_last_transfer_number: i64,
    /// When that transfer was committed.
    pub server_last_transfer_committed_at: Timestamp,
    /// Principal after the ledger's newest entry.
    pub principal: i64,
    /// Number of the newest transfer in the ledger.
    pub last_transfer_number: i64,
    /// `committed_at` of the first transfer that waits for a missing predecessor.
    pub pending_transfer_ts: Option<Timestamp>,
    /// When the ledger changed.
    pub latest_update_ts: Timestamp,
}

impl Comparison {
    /// Compares the account's ledger with what its server says.
    pub const fn of(account: &Account) -> Self {
        Self {
            server_principal: account.server_principal,
            server_last_transfer_number: account.server_last_transfer_number,
            server_last_transfer_committed_at: account.server_last_transfer_committed_at,
            principal: account.head.principal,
            last_transfer_number: account.head.last_transfer_number,
            pending_transfer_ts: account.head.pending_transfer_ts,
            latest_update_ts: account.head.latest_update_ts,
        }
    }

    /// Whether the ledger knows all transfers and yet differs from the server's principal.
    pub fn is_wrong(&self, now: Timestamp) -> bool {
        self.server_last_transfer_number == self.last_transfer_number
            && self.server_principal != self.principal
            && self.latest_update_ts < time::before(now, CORRECTION_DELAY)
    }

    /// Whether the ledger has waited for a transfer too long, so that its update should be scheduled again.
    ///
    /// `cutoff`: transfers that were committed before it are not waited for any more.
    pub fn waits_too_long(&self, cutoff: Timestamp) -> bool {
        self.server_last_transfer_number > self.last_transfer_number
            && self.pending_transfer_ts.unwrap_or(self.server_last_transfer_committed_at) < cutoff
    }
}

/// Corrects a ledger that is wrong; `None` if all is well.
pub fn correct(account: Account, now: Timestamp) -> Option<Outcome> {
    if !Comparison::of(&account).is_wrong(now) {
        return None;
    }
    let step = Step {
        transfer_number: account.server_last_transfer_number,
        acquired_amount: 0,
        principal: account.server_principal,
    };
    let mut ledger = Builder::new(account, now);
    ledger.apply_step(step);
    Some(ledger.finish(true))
}
