//! Exchange policies of accounts (processing §6 "exchange"; webapi §12.5).

use domain::{
    AccountKey, DebtorId,
    account::{self as rules, Exchange, Policy},
    signal::Signal,
    update_id::Patch,
    usage::Counters,
};
use futures::future::try_join;
use persistence::{
    Db, Tx, account_exchange,
    admission::{self, Admission},
    pending_log_entry,
    usage_stats::Event,
};

use super::Error;
use crate::{
    client::{self, Client, Stop},
    outgoing,
};

/// A holder's wish.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// The policy the account is to have. `None`: its peg does not name any account of the holder, which is only told
    /// after the limits and the PIN have been checked.
    pub policy: Option<Policy>,
    /// The update id the object is to get.
    pub latest_update_id: i64,
}

impl Request {
    /// The debtor of the account to which this one is to be pegged.
    fn peg(&self) -> Option<DebtorId> {
        Some(self.policy.as_ref()?.peg.as_ref()?.debtor_id)
    }
}

/// Changes the policy of an account. Returns the policy it has now.
pub async fn update(db: &Db, client: Client<'_>, key: AccountKey, request: &Request) -> Result<Exchange, Error> {
    db.retrying("update_account_exchange", || async {
        let read = db.begin_with("update_account_exchange", |tx| {
            let admission = admission::to_account_part(tx, key.creditor_id, client.proof.is_needed());
            Box::pin(try_join(admission, account_exchange::lock(tx, key, request.peg())))
        });
        let (mut tx, (admission, locked)) = read.await?;
        let outcome = attempt(&mut tx, client, key, request, admission, locked);
        client::end(tx, outcome).await
    })
    .await
}

fn attempt(
    tx: &mut Tx,
    client: Client<'_>,
    key: AccountKey,
    request: &Request,
    admission: Admission,
    locked: Option<(Exchange, bool)>,
) -> Result<Exchange, Stop<Error>> {
    let admitted = client.admit(tx, key.creditor_id, admission, Counters::allow_reconfig)?;
    let policy = request.policy.clone().ok_or_else(|| admitted.refuse(Error::PegDoesNotExist))?;
    let (exchange, peg_exists) = locked.ok_or_else(|| admitted.refuse(Error::AccountDoesNotExist))?;
    let exchange = match rules::adopt_policy(key, &exchange, policy, request.latest_update_id, client.now) {
        Patch::Conflict => return Err(admitted.refuse(Error::UpdateConflict)),
        Patch::Unchanged => exchange,
        Patch::Apply(_) if request.peg().is_some() && !peg_exists => {
            return Err(admitted.refuse(Error::PegDoesNotExist));
        }
        Patch::Apply(changed) => {
            account_exchange::save(tx, key, &changed.exchange);
            pending_log_entry::enqueue(tx, [changed.log_entry]);
            outgoing::enqueue(tx, [Signal::UpdatedPolicy(changed.signal)]);
            changed.exchange
        }
    };
    client.register(tx, key.creditor_id, Event::Reconfigured);
    Ok(exchange)
}
