//! Deleting transfers (processing §5 "Delete"; webapi §12.6).

use domain::{CreditorId, transfer as rules};
use persistence::{Db, pending_log_entry, running_transfer, usage_stats::Event};
use uuid::Uuid;

use super::Error;
use crate::client::Client;

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
        let locked = db.begin_with("delete_transfer", |tx| {
            Box::pin(running_transfer::lock_for_deletion(tx, creditor_id, transfer_uuid))
        });
        let (mut tx, exists) = locked.await?;
        if !exists {
            tx.rollback().await?;
            return Ok(Deletion::Absent);
        }
        running_transfer::delete(&mut tx, creditor_id, transfer_uuid);
        pending_log_entry::enqueue(&mut tx, [rules::delete(creditor_id, transfer_uuid, client.now)]);
        client.register(&mut tx, creditor_id, Event::TransferDeleted);
        tx.commit().await?;
        Ok(Deletion::Deleted)
    })
    .await
}
