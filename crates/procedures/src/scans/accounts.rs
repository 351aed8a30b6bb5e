//! Accounts with which something is wrong.

use domain::{
    AccountKey, Timestamp,
    account::{Patience, report_config_problem},
    ledger as rules,
};
use persistence::{Result, Tx, account_data, ledger, object_update_id, pending_ledger_update, pending_log_entry};

use crate::ledger_updates::announce;

/// Corrects those of the accounts' ledgers that are wrong. Tells how many.
pub async fn correct_ledgers(tx: &mut Tx, keys: &[AccountKey], now: Timestamp) -> Result<usize> {
    let locked = ledger::lock_unless_busy(tx, keys.iter().copied()).await?;
    let mut corrected = Vec::new();
    for account in locked {
        let key = account.key;
        corrected.extend(rules::correct(account, now).map(|outcome| (key, outcome)));
    }
    let mut entries = Vec::new();
    for (key, outcome) in &corrected {
        entries.extend(outcome.entries.iter().map(|entry| (*key, entry)));
    }
    ledger::insert_entries(tx, entries).await?;
    ledger::save_heads(tx, corrected.iter().map(|(key, outcome)| (*key, &outcome.head)));
    let number = corrected.len();
    announce(tx, corrected.into_iter().map(|(_, outcome)| outcome)).await?;
    Ok(number)
}

/// Has the accounts' ledgers brought forward, wherever that is not scheduled already. Tells for how many.
///
/// Accounts that do not exist any more are ignored. The others are not looked at again: a work item too many is harmless.
pub async fn request_repairs(tx: &mut Tx, keys: &[AccountKey]) -> Result<usize> {
    pending_ledger_update::schedule_existing(tx, keys.iter().copied()).await
}

/// Tells the holders of those of the accounts whose server ignores them. Tells how many.
pub async fn report_config_problems(
    tx: &mut Tx,
    keys: &[AccountKey],
    patience: Patience,
    now: Timestamp,
) -> Result<usize> {
    let locked = account_data::lock_unless_busy(tx, keys.iter().copied()).await?;
    let changed: Vec<_> = locked.into_iter().filter_map(|data| report_config_problem(data, patience, now)).collect();
    if changed.is_empty() {
        return Ok(0);
    }
    account_data::save(tx, changed.iter().map(|changed| &changed.data));
    let number = changed.len();
    pending_log_entry::enqueue(tx, changed.into_iter().map(|changed| changed.log_entry));
    object_update_id::draw(tx, 1).await?;
    Ok(number)
}
