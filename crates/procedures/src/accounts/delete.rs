//! Deleting accounts (processing §6 "delete account"; webapi §12.4).

use domain::{AccountKey, account as rules, log_entry, signal::Signal};
use persistence::{Db, Tx, account, creditor, log_entry as log, outbox, usage_stats::Event};

use super::Error;
use crate::client::{self, Client, Stop};

/// What has become of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The account was deleted.
    Deleted,
    /// The creditor had no such account.
    Absent,
}

/// Deletes an account, if that is safe and no other account is pegged to it. The creditor's status does not matter.
pub async fn delete(db: &Db, client: Client<'_>, key: AccountKey) -> Result<Deletion, Error> {
    db.retrying("delete_account", || async {
        let mut tx = db.begin("delete_account").await?;
        let outcome = attempt(&mut tx, client, key).await;
        client::end(tx, outcome).await
    })
    .await
}

async fn attempt(tx: &mut Tx, client: Client<'_>, key: AccountKey) -> Result<Deletion, Stop<Error>> {
    let Some(creditor) = creditor::lock(tx, [key.creditor_id]).await?.pop() else { return Ok(Deletion::Absent) };
    let Some(candidate) = account::lock_for_deletion(tx, key).await? else { return Ok(Deletion::Absent) };
    rules::allow_deletion(&candidate.data, candidate.debtor_name.as_deref(), candidate.is_pegged_to)
        .map_err(|reason| Stop::Refused(reason.into()))?;
    let closed = rules::close(&candidate.data, creditor.accounts, candidate.deletion_id, client.now);
    account::delete(tx, key).await?;
    let (last_log_entry_id, log_entries) = log_entry::append(creditor.last_log_entry_id, closed.log_entries);
    log::append(tx, log_entries).await?;
    creditor::save_accounts(tx, key.creditor_id, closed.creditor, last_log_entry_id).await?;
    outbox::insert(tx, <[Signal; 3]>::from(closed.stop_trade)).await?;
    client.register(tx, key.creditor_id, Event::AccountDeleted).await?;
    Ok(Deletion::Deleted)
}
