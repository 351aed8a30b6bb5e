//! How accounts are shown (processing §6 "display"; webapi §12.5).

use domain::{
    AccountKey,
    account::{self as rules, Appearance, Display},
    update_id::Patch,
    usage::Counters,
};
use futures::future::try_join;
use persistence::{
    Db, Tx, account_display,
    admission::{self, Admission},
    pending_log_entry,
    usage_stats::Event,
};

use super::Error;
use crate::client::{self, Client, Stop};

/// A holder's wish.
#[derive(Clone, Debug, PartialEq)]
pub struct Request {
    /// How the account is to be shown.
    pub appearance: Appearance,
    /// The update id the object is to get.
    pub latest_update_id: i64,
}

/// Changes how an account is shown. Returns how it is shown now.
pub async fn update(db: &Db, client: Client<'_>, key: AccountKey, request: &Request) -> Result<Display, Error> {
    db.retrying("update_account_display", || async {
        let name = request.appearance.debtor_name.clone();
        let read = db.begin_with("update_account_display", |tx| {
            let admission = admission::to_account_part(tx, key.creditor_id, client.proof.is_needed());
            Box::pin(try_join(admission, account_display::lock(tx, key, name)))
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
    locked: Option<(Display, bool)>,
) -> Result<Display, Stop<Error>> {
    let admitted = client.admit(tx, key.creditor_id, admission, Counters::allow_reconfig)?;
    let (display, name_is_taken) = locked.ok_or_else(|| admitted.refuse(Error::AccountDoesNotExist))?;
    let appearance = request.appearance.clone();
    let display = match rules::rearrange(key, &display, appearance, request.latest_update_id, client.now) {
        Patch::Conflict => return Err(admitted.refuse(Error::UpdateConflict)),
        Patch::Unchanged => display,
        Patch::Apply(changed) if changed.is_renamed && name_is_taken => {
            return Err(admitted.refuse(Error::NameConflict));
        }
        Patch::Apply(changed) => {
            account_display::save(tx, key, &changed.display);
            pending_log_entry::enqueue(tx, [changed.log_entry]);
            changed.display
        }
    };
    client.register(tx, key.creditor_id, Event::Reconfigured);
    Ok(display)
}
