//! How accounts are shown (processing §6 "display"; webapi §12.5).

use domain::{
    AccountKey,
    account::{self as rules, Appearance, Display},
    update_id::Patch,
    usage::Counters,
};
use persistence::{Db, Tx, account_display, admission, pending_log_entry, usage_stats::Event};

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
        let mut tx = db.begin("update_account_display").await?;
        let outcome = attempt(&mut tx, client, key, request).await;
        client::end(tx, outcome).await
    })
    .await
}

async fn attempt(tx: &mut Tx, client: Client<'_>, key: AccountKey, request: &Request) -> Result<Display, Stop<Error>> {
    let admission = admission::to_account_part(tx, key.creditor_id, client.proof.is_needed()).await?;
    let admitted = client.admit(tx, key.creditor_id, admission, Counters::allow_reconfig).await?;
    let locked = account_display::lock(tx, key, request.appearance.debtor_name.as_deref()).await?;
    let (display, name_is_taken) = locked.ok_or_else(|| admitted.refuse(Error::AccountDoesNotExist))?;
    let appearance = request.appearance.clone();
    let display = match rules::rearrange(key, &display, appearance, request.latest_update_id, client.now) {
        Patch::Conflict => return Err(admitted.refuse(Error::UpdateConflict)),
        Patch::Unchanged => display,
        Patch::Apply(changed) if changed.is_renamed && name_is_taken => {
            return Err(admitted.refuse(Error::NameConflict));
        }
        Patch::Apply(changed) => {
            account_display::save(tx, key, &changed.display).await?;
            pending_log_entry::enqueue(tx, [changed.log_entry]).await?;
            changed.display
        }
    };
    client.register(tx, key.creditor_id, Event::Reconfigured).await?;
    Ok(display)
}
