//! Configuring accounts (processing §6 "config"; webapi §12.5).

use domain::{
    AccountKey,
    account::{self as rules, Config, ConfigRequest, Data},
    signal::Signal,
    update_id::Patch,
    usage::Counters,
};
use futures::future::try_join;
use persistence::{
    Db, Tx, account_data,
    admission::{self, Admission},
    pending_log_entry,
    usage_stats::Event,
};

use super::Error;
use crate::{
    client::{self, Client, Stop},
    outgoing,
};

/// Configures an account. Returns its configuration, which is the same as before if the wish was fulfilled before.
pub async fn update(db: &Db, client: Client<'_>, key: AccountKey, request: &ConfigRequest) -> Result<Config, Error> {
    db.retrying("update_account_config", || async {
        let read = db.begin_with("update_account_config", |tx| {
            let admission = admission::to_account_part(tx, key.creditor_id, client.proof.is_needed());
            Box::pin(try_join(admission, account_data::lock(tx, [key])))
        });
        let (mut tx, (admission, mut locked)) = read.await?;
        let outcome = attempt(&mut tx, client, key, request, admission, locked.pop());
        client::end(tx, outcome).await
    })
    .await
}

fn attempt(
    tx: &mut Tx,
    client: Client<'_>,
    key: AccountKey,
    request: &ConfigRequest,
    admission: Admission,
    locked: Option<Data>,
) -> Result<Config, Stop<Error>> {
    let admitted = client.admit(tx, key.creditor_id, admission, Counters::allow_reconfig)?;
    let data = locked.ok_or_else(|| admitted.refuse(Error::AccountDoesNotExist))?;
    let config = data.config.clone();
    let config = match rules::reconfigure(data, request.clone(), client.now) {
        Patch::Conflict => return Err(admitted.refuse(Error::UpdateConflict)),
        Patch::Unchanged => config,
        Patch::Apply(changed) => {
            account_data::save(tx, [&changed.data]);
            pending_log_entry::enqueue(tx, changed.log_entries);
            let signals =
                [Signal::UpdatedFlags(changed.updated_flags), Signal::ConfigureAccount(changed.configure_account)];
            outgoing::enqueue(tx, signals);
            changed.data.config
        }
    };
    client.register(tx, key.creditor_id, Event::Reconfigured);
    Ok(config)
}
