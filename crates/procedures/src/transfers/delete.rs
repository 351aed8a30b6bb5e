//! Deleting transfers (processing §5 "Delete"; webapi §12.6).

use domain::{CreditorId, transfer as rules};
use persistence::{Db, Tx, pending_log_entry, running_transfer, usage_stats::Event};
use uuid::Uuid;

use super::Error;
use crate::client::{self, Client, Stop};

/// What has become of the wish.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Deletion {
    /// The transfer was deleted.
    Deleted,
    /// The creditor had no such transfer.
    Absent,
}

/// Deletes a transfer, which does not cancel it: if it is prepared later, it is dismissed.
pub async fn delete(
    db: &Db,
    client: Client<'_>,
    creditor_id: CreditorId,
    transfer_uuid: Uuid,
) -> Result<Deletion, Error> {
    db.retrying("delete_transfer", || async {
        let mut tx = db.begin("delete_transfer").await?;
        let outcome = attempt(&mut tx, client, creditor_id, transfer_uuid).await;
        client::end(tx, outcome).await
    })
    .await
}

async fn attempt(
    tx: &mut Tx,
    client: Client<'_>,
    creditor_id: CreditorId,
    transfer_uuid: Uuid,
) -> Result<Deletion, Stop<Error>> {
    if !running_transfer::delete(tx, creditor_id, transfer_uuid).await? {
        return Ok(Deletion::Absent);
    }
    pending_log_entry::enqueue(tx, [rules::delete(creditor_id, transfer_uuid, client.now)]).await?;
    client.register(tx, creditor_id, Event::TransferDeleted).await?;
    Ok(Deletion::Deleted)
}
