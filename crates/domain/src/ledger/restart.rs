//! What an AccountUpdate does to a ledger (processing §4.2 step 9).

use super::{
    Account, Outcome,
    builder::{Builder, Step},
};
use crate::Timestamp;

/// Why a ledger is announced although no transfer was taken in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Restart {
    /// There is a new server account: the ledger goes on from 0.
    NewServerAccount,
    /// The account has another identity: the ledger stays as it is.
    NewAccountId,
}

/// Announces the ledger of an account whose new creation date and account id have been set already.
///
/// The outcome is not `done`: an update of the ledger is to be scheduled.
pub(crate) fn restart(account: Account, reason: Restart, now: Timestamp) -> Outcome {
    let mut ledger = Builder::new(account, now);
    let (transfer_number, principal) = match reason {
        Restart::NewServerAccount => {
            ledger.head.pending_transfer_ts = None;
            (0, 0)
        }
        Restart::NewAccountId => (ledger.head.last_transfer_number, ledger.head.principal),
    };
    ledger.force_step(Step { transfer_number, acquired_amount: 0, principal });
    ledger.finish(false)
}
