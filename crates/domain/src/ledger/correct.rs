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

/// Corrects a ledger that knows all transfers and yet differs from the server's principal; `None` if all is well.
pub fn correct(account: Account, now: Timestamp) -> Option<Outcome> {
    let wrong = account.server_last_transfer_number == account.head.last_transfer_number
        && account.server_principal != account.head.principal
        && account.head.latest_update_ts < time::before(now, CORRECTION_DELAY);
    if !wrong {
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

/// Whether a ledger has waited for a transfer too long, so that its update should be scheduled again.
///
/// `cutoff`: transfers that were committed before it are not waited for any more.
pub fn needs_repair(account: &Account, cutoff: Timestamp) -> bool {
    account.server_last_transfer_number > account.head.last_transfer_number
        && account.head.pending_transfer_ts.unwrap_or(account.server_last_transfer_committed_at) < cutoff
}
