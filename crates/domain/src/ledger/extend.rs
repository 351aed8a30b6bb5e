//! Taking committed transfers into a ledger (processing §7.1).

use super::{
    Account, Outcome, Transfer,
    builder::{Builder, Step},
};
use crate::Timestamp;

/// Takes `transfers` into the account's ledger.
///
/// * `transfers`: those of the server account with the account's creation date whose numbers are greater than
///   the head's, in ascending order; at least the first of them.
/// * `complete`: there are no more of them. If not, and unless the ledger has to wait for a missing transfer, the
///   outcome is not `done`, and the account is to be extended again from the new head.
/// * `cutoff`: transfers that were committed before it are not waited for any more.
///
/// However the transfers are divided into bursts, the entries, the final head and its update id are the same.
pub fn extend(account: Account, transfers: &[Transfer], complete: bool, cutoff: Timestamp, now: Timestamp) -> Outcome {
    let catch_up = Step {
        transfer_number: account.server_last_transfer_number,
        acquired_amount: 0,
        principal: account.server_principal,
    };
    let server_is_old = account.server_last_transfer_committed_at < cutoff;
    let mut ledger = Builder::new(account, now);

    ledger.head.pending_transfer_ts = None;
    for transfer in transfers {
        if transfer.transfer_number <= ledger.head.last_transfer_number {
            continue;
        }
        let in_sequence = transfer.previous_transfer_number == ledger.head.last_transfer_number;
        if !in_sequence && transfer.committed_at >= cutoff {
            ledger.head.pending_transfer_ts = Some(transfer.committed_at);
            return ledger.finish(true);
        }
        ledger.apply_step(Step {
            transfer_number: transfer.transfer_number,
            acquired_amount: transfer.acquired_amount,
            principal: transfer.principal,
        });
    }
    if complete && server_is_old && catch_up.transfer_number > ledger.head.last_transfer_number {
        // The newest transfers are lost for good.
        ledger.apply_step(catch_up);
    }
    ledger.finish(complete)
}
