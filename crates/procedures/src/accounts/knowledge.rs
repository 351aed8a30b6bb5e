//! What clients note about accounts (processing §6 "knowledge"; webapi §12.5). The PIN is not asked for.

use domain::{AccountKey, account as rules, update_id::Patch, usage::Counters};
use futures::future::try_join;
use persistence::{
    Db, Tx,
    account_knowledge::{self, Notes},
    admission::{self, Admission},
    pending_log_entry,
    usage_stats::Event,
};

use super::Error;
use crate::client::{self, Client, Stop};

/// A client's wish.
#[derive(Clone, Copy, Debug)]
pub struct Request<'a, F> {
    /// The text of the JSON object to store.
    pub data: &'a str,
    /// Whether it means the same as a stored text.
    pub is_same: F,
    /// The update id the object is to get.
    pub latest_update_id: i64,
}

/// Replaces the notes about an account. Returns the notes as they are stored now.
pub async fn update<F: Fn(&str) -> bool>(
    db: &Db,
    client: Client<'_>,
    key: AccountKey,
    request: &Request<'_, F>,
) -> Result<Notes, Error> {
    db.retrying("update_account_knowledge", || async {
        let read = db.begin_with("update_account_knowledge", |tx| {
            let admission = admission::to_account_part(tx, key.creditor_id, false);
            Box::pin(try_join(admission, account_knowledge::lock(tx, key)))
        });
        let (mut tx, (admission, locked)) = read.await?;
        let outcome = attempt(&mut tx, client, key, request, &admission, locked);
        client::end(tx, outcome).await
    })
    .await
}

fn attempt<F: Fn(&str) -> bool>(
    tx: &mut Tx,
    client: Client<'_>,
    key: AccountKey,
    request: &Request<'_, F>,
    admission: &Admission,
    locked: Option<Notes>,
) -> Result<Notes, Stop<Error>> {
    client.check_usage(&admission.usage, Counters::allow_reconfig)?;
    let notes = locked.ok_or(Stop::Refused(Error::AccountDoesNotExist))?;
    let is_same = (request.is_same)(&notes.data);
    let notes = match rules::note(key, notes.knowledge, is_same, request.latest_update_id, client.now) {
        Patch::Conflict => return Err(Stop::Refused(Error::UpdateConflict)),
        Patch::Unchanged => notes,
        Patch::Apply(changed) => {
            let notes = Notes { data: request.data.to_owned(), knowledge: changed.knowledge };
            account_knowledge::save(tx, key, &notes);
            pending_log_entry::enqueue(tx, [changed.log_entry]);
            notes
        }
    };
    client.register(tx, key.creditor_id, Event::Reconfigured);
    Ok(notes)
}
