//! Correction of ledgers (processing §13.2).

use domain::{AccountKey, Timestamp, ledger as rules};
use persistence::{Result, Tx, ledger, scans::accounts};

use crate::ledger_updates;

/// Corrects those of the ledgers that know all transfers and yet differ from the server's principal. Returns how many.
pub async fn correct_ledgers(tx: &mut Tx, keys: impl IntoIterator<Item = AccountKey>, now: Timestamp) -> Result<usize> {
    let locked = accounts::lock_ledgers(tx, keys).await?;
    let correct = |account: rules::Account| Some((account.key, rules::correct(account, now)?));
    let corrected: Vec<_> = locked.into_iter().filter_map(correct).collect();
    let entries = corrected.iter().flat_map(|(key, outcome)| outcome.entries.iter().map(|entry| (*key, entry)));
    ledger::insert_entries(tx, entries).await?;
    ledger::save_heads(tx, corrected.iter().map(|(key, outcome)| (*key, &outcome.head))).await?;
    let count = corrected.len();
    ledger_updates::announce(tx, corrected.into_iter().map(|(_, outcome)| outcome)).await?;
    Ok(count)
}
