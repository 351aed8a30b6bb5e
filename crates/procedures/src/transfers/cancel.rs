//! Cancelling transfers (processing §5 "Cancel"; webapi §12.6).

use domain::{
    CreditorId, Timestamp,
    transfer::{self as rules, Canceled, RunningTransfer},
};
use persistence::{Db, Tx, pending_log_entry, running_transfer};
use uuid::Uuid;

use super::Error;
use crate::client::{self, Stop};

/// Cancels a transfer that was not prepared yet. Returns it as it is now.
pub async fn cancel(
    db: &Db,
    creditor_id: CreditorId,
    transfer_uuid: Uuid,
    now: Timestamp,
) -> Result<RunningTransfer, Error> {
    db.retrying("cancel_transfer", || async {
        let locked =
            db.begin_with("cancel_transfer", |tx| Box::pin(running_transfer::lock(tx, creditor_id, transfer_uuid)));
        let (mut tx, row) = locked.await?;
        let outcome = attempt(&mut tx, row, now);
        client::end(tx, outcome).await
    })
    .await
}

fn attempt(tx: &mut Tx, row: Option<RunningTransfer>, now: Timestamp) -> Result<RunningTransfer, Stop<Error>> {
    let row = row.ok_or(Stop::Refused(Error::TransferDoesNotExist))?;
    match rules::cancel(row, now).map_err(|reason| Stop::Refused(reason.into()))? {
        Canceled::Before(row) => Ok(*row),
        Canceled::Now(finalized) => {
            running_transfer::save(tx, [&finalized.row]);
            pending_log_entry::enqueue(tx, [finalized.log_entry]);
            Ok(finalized.row)
        }
    }
}
