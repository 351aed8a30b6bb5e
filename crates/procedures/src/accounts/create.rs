//! New accounts (processing §6 "create account"; webapi §12.4).

use domain::{
    AccountKey,
    account::{self, Opened},
    creditor::StatusFlags,
    log_entry,
    signal::Signal,
    usage::Counters,
};
use futures::future::try_join;
use persistence::{
    Db, Tx,
    account::{Account, Prospect, insert, prepare},
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
#[derive(Clone, Debug, PartialEq)]
pub enum Creation {
    /// The account was created.
    Created(Box<Account>),
    /// The creditor had it already.
    Exists,
}

/// Creates an account for an active creditor.
pub async fn create(db: &Db, client: Client<'_>, key: AccountKey) -> Result<Creation, Error> {
    db.retrying("create_account", || async {
        let read = db.begin_with("create_account", |tx| {
            Box::pin(try_join(creditor::lock(tx, [key.creditor_id]), prepare(tx, key)))
        });
        let (mut tx, (mut creditor, prospect)) = read.await?;
        let outcome = attempt(&mut tx, client, key, creditor.pop(), prospect);
        client::end(tx, outcome).await
    })
    .await
}

fn attempt(
    tx: &mut Tx,
    client: Client<'_>,
    key: AccountKey,
    creditor: Option<Creditor>,
    prospect: Prospect,
) -> Result<Creation, Stop<Error>> {
    client.check_usage(&prospect.usage, Counters::allow_account_creation)?;
    let creditor = creditor.filter(is_active).ok_or(Stop::Refused(Error::CreditorDoesNotExist))?;
    if prospect.exists {
        return Ok(Creation::Exists);
    }
    let opened = account::open(key, prospect.update_ids, creditor.accounts, client.now);
    let account = insert(tx, &opened, client.now);
    let Opened { creditor: accounts, log_entries, configure_account, .. } = opened;
    let (last_log_entry_id, log_entries) = log_entry::append(creditor.last_log_entry_id, log_entries);
    log::append(tx, log_entries);
    creditor::save_accounts(tx, key.creditor_id, accounts, last_log_entry_id);
    outgoing::enqueue(tx, [Signal::ConfigureAccount(configure_account)]);
    client.register(tx, key.creditor_id, Event::AccountCreated);
    Ok(Creation::Created(Box::new(account)))
}

const fn is_active(creditor: &Creditor) -> bool {
    StatusFlags::is_active(creditor.status)
}
