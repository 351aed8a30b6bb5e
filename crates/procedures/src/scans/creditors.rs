//! Removal of creditors (processing §12, §13.2).

use domain::{
    CreditorId, Timestamp,
    retention::{CreditorRetention, LeftOvers},
};
use persistence::{Result, Tx, scans::creditors};

/// Deletes those of the creditors that nobody uses or that a split has left behind, with all that is theirs. Returns how
/// many.
///
/// Their logs, ledgers and committed transfers age by themselves.
pub async fn delete_creditors(
    tx: &mut Tx,
    creditor_ids: impl IntoIterator<Item = CreditorId>,
    retention: &CreditorRetention,
    left_overs: &LeftOvers,
    now: Timestamp,
) -> Result<usize> {
    let locked = creditors::lock(tx, creditor_ids).await?;
    let is_garbage = |(id, stage): &(_, _)| left_overs.contains_creditor(*id) || retention.is_over(stage, now);
    let garbage: Vec<CreditorId> = locked.into_iter().filter(is_garbage).map(|(id, _)| id).collect();
    creditors::delete(tx, garbage).await
}
