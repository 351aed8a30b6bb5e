//! New transfers (processing §5 "Initiate"; webapi §12.6).

use domain::{
    CreditorId,
    creditor::StatusFlags,
    signal::Kind,
    transfer::{self as rules, Initiation, Request, RunningTransfer},
    usage::Counters,
};
use persistence::{
    Db, Tx,
    admission::{self, Admission},
    running_transfer,
};

use super::Error;
use crate::{
    client::{self, Client, Stop},
    outgoing,
};

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
    let creditor_id = request.account.creditor_id;
    // Repeated only if a transfer with the same id is there when this one is written, but not when it is read.
    loop {
        if let Some(row) = db.retrying("create_transfer", || start(db, client, request)).await? {
            return Ok(Creation::Created(Box::new(row)));
        }
        let existing = running_transfer::get(&mut *db.conn().await?, creditor_id, request.transfer_uuid).await?;
        match rules::initiate(existing.as_ref(), request) {
            Initiation::New => {}
            Initiation::Same => return Ok(Creation::Exists),
            Initiation::Conflict => return Err(Error::TransferConflict),
        }
    }
}

/// `None`: the creditor has a transfer with that id.
async fn start(db: &Db, client: Client<'_>, request: &Request) -> Result<Option<RunningTransfer>, Error> {
    let creditor_id = request.account.creditor_id;
    let admission = db.begin_with("create_transfer", |tx| {
        Box::pin(admission::to_transfers(tx, creditor_id, client.proof.is_needed()))
    });
    let (mut tx, (admission, request_id)) = admission.await?;
    if let Err(stop) = admit(&mut tx, client, creditor_id, admission) {
        return client::end(tx, Err(stop)).await;
    }
    let started = rules::start(request.clone(), request_id, client.now);
    let is_new = running_transfer::start(tx, &started, client.clock()).await?;
    if is_new {
        let signal = &started.signal;
        outgoing::enqueued(Kind::PrepareTransfer, signal.account, Some(signal.coordinator_request_id));
    }
    Ok(is_new.then_some(started.row))
}

fn admit(tx: &mut Tx, client: Client<'_>, creditor_id: CreditorId, admission: Admission) -> Result<(), Stop<Error>> {
    // The PIN belongs to active creditors only. It is locked, so that its absence is newer than the status may be.
    let is_active = admission.status.is_some_and(StatusFlags::is_active) && admission.pin.is_some();
    let admitted = client.admit(tx, creditor_id, admission, Counters::allow_transfer_creation)?;
    if is_active { Ok(()) } else { Err(admitted.refuse(Error::CreditorDoesNotExist)) }
}
