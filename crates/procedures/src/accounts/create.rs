//! New accounts (processing §6 "create account"; webapi §12.4).

use domain::{
    AccountKey,
    account::{self, Opened},
    creditor::StatusFlags,
    log_entry,
    signal::Signal,
    usage::Counters,
};
use persistence::{
    Db, Tx,
    account::{Account, insert, prepare},
    creditor::{self, Creditor},
    log_entry as log, outbox,
    usage_stats::Event,
};

use super::Error;
use crate::client::{self, Client, Stop};

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
        let mut tx = db.begin("create_account").await?;
        let outcome = attempt(&mut tx, client, key).await;
        client::end(tx, outcome).await
    })
    .await
}

async fn attempt(tx: &mut Tx, client: Client<'_>, key: AccountKey) -> Result<Creation, Stop<Error>> {
    let creditor = creditor::lock(tx, [key.creditor_id]).await?.pop();
    let prospect = prepare(tx, key).await?;
    client.check_usage(&prospect.usage, Counters::allow_account_creation)?;
    let creditor = creditor.filter(is_active).ok_or(Stop::Refused(Error::CreditorDoesNotExist))?;
    if prospect.exists {
        return Ok(Creation::Exists);
    }
    let opened = account::open(key, prospect.update_ids, creditor.accounts, client.now);
    let account = insert(tx, &opened, client.now).await?;
    let Opened { creditor: accounts, log_entries, configure_account, .. } = opened;
    let (last_log_entry_id, log_entries) = log_entry::append(creditor.last_log_entry_id, log_entries);
    log::append(tx, log_entries).await?;
    creditor::save_accounts(tx, key.creditor_id, accounts, last_log_entry_id).await?;
    outbox::insert(tx, [Signal::ConfigureAccount(configure_account)]).await?;
    client.register(tx, key.creditor_id, Event::AccountCreated).await?;
    Ok(Creation::Created(Box::new(account)))
}

const fn is_active(creditor: &Creditor) -> bool {
    StatusFlags::is_active(creditor.status)
}
