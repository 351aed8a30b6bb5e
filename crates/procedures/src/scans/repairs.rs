//! Ledgers that wait for transfers that will not come (processing §13.2).

use domain::{AccountKey, Timestamp, ledger as rules};
use persistence::{Result, Tx, pending_ledger_update, scans::accounts};

/// Schedules updates of those of the ledgers that wait for transfers committed before `cutoff`. Returns how many.
///
/// The accounts are kept from being deleted until the commit, which would be an error for their work items.
pub async fn request_repairs(
    tx: &mut Tx,
    keys: impl IntoIterator<Item = AccountKey>,
    cutoff: Timestamp,
) -> Result<usize> {
    let kept = accounts::keep_ledgers(tx, keys).await?;
    let waiting = kept.into_iter().filter(|account| rules::needs_repair(account, cutoff));
    let waiting: Vec<AccountKey> = waiting.map(|account| account.key).collect();
    pending_ledger_update::schedule(tx, waiting.iter().copied()).await?;
    Ok(waiting.len())
}
