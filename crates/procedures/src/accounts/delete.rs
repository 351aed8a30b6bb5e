//! Deleting accounts (processing §6 "delete account"; webapi §12.4).

use domain::{AccountKey, account as rules, log_entry, signal::Signal};
use futures::future::try_join;
use persistence::{
    Db, Tx,
    account::{self, Candidate},
    creditor::{self, Creditor},
    log_entry as log,
    usage_stats::Event,
};

use super::Error;
use crate::{
    client::{self, Client, Stop},
    outgoing,
};

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
        let read = db.begin_with("delete_account", |tx| {
            Box::pin(try_join(creditor::lock(tx, [key.creditor_id]), account::lock_for_deletion(tx, key)))
        });
        let (mut tx, (mut creditor, candidate)) = read.await?;
        let outcome = attempt(&mut tx, client, key, creditor.pop(), candidate);
        client::end(tx, outcome).await
    })
    .await
}

fn attempt(
    tx: &mut Tx,
    client: Client<'_>,
    key: AccountKey,
    creditor: Option<Creditor>,
    candidate: Option<Candidate>,
) -> Result<Deletion, Stop<Error>> {
    let (Some(creditor), Some(candidate)) = (creditor, candidate) else { return Ok(Deletion::Absent) };
    rules::allow_deletion(&candidate.data, candidate.debtor_name.as_deref(), candidate.is_pegged_to)
        .map_err(|reason| Stop::Refused(reason.into()))?;
    let closed = rules::close(&candidate.data, creditor.accounts, candidate.deletion_id, client.now);
    account::delete(tx, key);
    let (last_log_entry_id, log_entries) = log_entry::append(creditor.last_log_entry_id, closed.log_entries);
    log::append(tx, log_entries);
    creditor::save_accounts(tx, key.creditor_id, closed.creditor, last_log_entry_id);
    outgoing::enqueue(tx, <[Signal; 3]>::from(closed.stop_trade));
    client.register(tx, key.creditor_id, Event::AccountDeleted);
    Ok(Deletion::Deleted)
}
