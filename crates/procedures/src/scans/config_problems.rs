//! Configurations that nobody has confirmed for too long (processing §13.2).

use domain::{
    AccountKey, Timestamp,
    account::{self, Patience},
};
use persistence::{Result, Tx, account_data, object_update_id, pending_log_entry, scans::accounts};

/// Tells the holders of those of the accounts whose servers ignore them. Returns how many.
pub async fn report_config_problems(
    tx: &mut Tx,
    keys: impl IntoIterator<Item = AccountKey>,
    patience: Patience,
    now: Timestamp,
) -> Result<usize> {
    let locked = accounts::lock_data(tx, keys).await?;
    let report = |data| account::report_config_problem(data, patience, now);
    let (rows, log_entries): (Vec<_>, Vec<_>) =
        locked.into_iter().filter_map(report).map(|change| (change.data, change.log_entry)).unzip();
    if rows.is_empty() {
        return Ok(0);
    }
    account_data::save(tx, &rows).await?;
    pending_log_entry::enqueue(tx, log_entries).await?;
    // No id has grown by more than one, so one number is enough (processing §3).
    object_update_id::draw(tx, 1).await?;
    Ok(rows.len())
}
