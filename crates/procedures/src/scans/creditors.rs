//! Creditors that nobody uses, or that a split has left behind.

use domain::{CreditorId, Timestamp, retention::CreditorRules};
use persistence::{Result, Tx, creditor};

/// Deletes those of the creditors that the rules condemn. Tells how many.
pub async fn collect(tx: &mut Tx, creditor_ids: &[CreditorId], rules: &CreditorRules, now: Timestamp) -> Result<usize> {
    let locked = creditor::lock_unless_busy(tx, creditor_ids.iter().copied()).await?;
    let condemned = locked.into_iter().filter(|(id, stage)| rules.condemn(*id, stage, now)).map(|(id, _)| id);
    creditor::delete(tx, condemned).await
}
