//! New transfers (processing §5 "Initiate"; webapi §12.6).

use domain::{
    creditor::StatusFlags,
    transfer::{self as rules, Initiation, Request, RunningTransfer},
    usage::Counters,
};
use persistence::{Db, Tx, admission, running_transfer};

use super::Error;
use crate::client::{self, Client, Stop};

/// What has become of the wish.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Creation {
    /// The transfer was initiated.
    Created(Box<RunningTransfer>),
    /// It had been initiated before.
    Exists,
}

/// Initiates a transfer of an active creditor.
pub async fn create(db: &Db, client: Client<'_>, request: &Request) -> Result<Creation, Error> {
    db.retrying("create_transfer", || async {
        let mut tx = db.begin("create_transfer").await?;
        let outcome = attempt(&mut tx, client, request).await;
        client::end(tx, outcome).await
    })
    .await
}

async fn attempt(tx: &mut Tx, client: Client<'_>, request: &Request) -> Result<Creation, Stop<Error>> {
    let creditor_id = request.account.creditor_id;
    let (admission, request_id) = admission::to_transfers(tx, creditor_id, client.proof.is_needed()).await?;
    // The PIN belongs to active creditors only. It is locked, so that its absence is newer than the status may be.
    let is_active = admission.status.is_some_and(StatusFlags::is_active) && admission.pin.is_some();
    let admitted = client.admit(tx, creditor_id, admission, Counters::allow_transfer_creation).await?;
    if !is_active {
        return Err(admitted.refuse(Error::CreditorDoesNotExist));
    }
    let started = rules::start(request.clone(), request_id, client.now);
    // Repeated only if a transfer with the same id is there when this one is written, but not when it is read.
    loop {
        if running_transfer::start(tx, &started, client.clock()).await? {
            return Ok(Creation::Created(Box::new(started.row)));
        }
        let existing = running_transfer::get(&mut *tx, creditor_id, request.transfer_uuid).await?;
        match rules::initiate(existing.as_ref(), request) {
            Initiation::New => {}
            Initiation::Same => return Ok(Creation::Exists),
            Initiation::Conflict => return Err(admitted.refuse(Error::TransferConflict)),
        }
    }
}
