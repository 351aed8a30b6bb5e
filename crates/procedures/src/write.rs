//! Writing what `domain` has decided.

use domain::account::{Changed, Data};
use persistence::{Result, Tx, account_data, object_update_id, pending_log_entry};

/// Writes accounts whose information has changed, with their log entries, and bumps the sequence of update ids.
pub(crate) async fn changed_infos(tx: &mut Tx, changes: Vec<Changed>) -> Result<()> {
    if changes.is_empty() {
        return Ok(());
    }
    let (rows, log_entries): (Vec<Data>, Vec<_>) =
        changes.into_iter().map(|change| (change.data, change.log_entry)).unzip();
    account_data::save(tx, &rows).await?;
    pending_log_entry::enqueue(tx, log_entries).await?;
    object_update_id::draw(tx, count(rows.len())).await?;
    Ok(())
}

/// The number of rows, as the database counts.
pub(crate) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
