//! Exchange policies of accounts (processing §6 "exchange"; webapi §12.5).

use domain::{
    AccountKey,
    account::{self as rules, Exchange, Policy},
    signal::Signal,
    update_id::Patch,
    usage::Counters,
};
use persistence::{Db, Tx, account_exchange, admission, outbox, pending_log_entry, usage_stats::Event};

use super::Error;
use crate::client::{self, Client, Stop};

/// A holder's wish.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The policy the account is to have. `None`: its peg does not name any account of the holder, which is only told
    /// after the limits and the PIN have been checked.
    pub policy: Option<Policy>,
    /// The update id the object is to get.
    pub latest_update_id: i64,
}

/// Changes the policy of an account. Returns the policy it has now.
pub async fn update(db: &Db, client: Client<'_>, key: AccountKey, request: &Request) -> Result<Exchange, Error> {
    db.retrying("update_account_exchange", || async {
        let mut tx = db.begin("update_account_exchange").await?;
        let outcome = attempt(&mut tx, client, key, request).await;
        client::end(tx, outcome).await
    })
    .await
}

async fn attempt(tx: &mut Tx, client: Client<'_>, key: AccountKey, request: &Request) -> Result<Exchange, Stop<Error>> {
    let admission = admission::to_account_part(tx, key.creditor_id, client.proof.is_needed()).await?;
    let admitted = client.admit(tx, key.creditor_id, admission, Counters::allow_reconfig).await?;
    let policy = request.policy.clone().ok_or_else(|| admitted.refuse(Error::PegDoesNotExist))?;
    let peg = policy.peg.map(|peg| peg.debtor_id);
    let locked = account_exchange::lock(tx, key, peg).await?;
    let (exchange, peg_exists) = locked.ok_or_else(|| admitted.refuse(Error::AccountDoesNotExist))?;
    let exchange = match rules::adopt_policy(key, &exchange, policy, request.latest_update_id, client.now) {
        Patch::Conflict => return Err(admitted.refuse(Error::UpdateConflict)),
        Patch::Unchanged => exchange,
        Patch::Apply(_) if peg.is_some() && !peg_exists => return Err(admitted.refuse(Error::PegDoesNotExist)),
        Patch::Apply(changed) => {
            account_exchange::save(tx, key, &changed.exchange).await?;
            pending_log_entry::enqueue(tx, [changed.log_entry]).await?;
            outbox::insert(tx, [Signal::UpdatedPolicy(changed.signal)]).await?;
            changed.exchange
        }
    };
    client.register(tx, key.creditor_id, Event::Reconfigured).await?;
    Ok(exchange)
}
