//! Changing PINs (processing §9 "Change PIN"; webapi §12.2).

use domain::{
    CreditorId,
    pin::{self as rules, ChangeOutcome, ChangeRequest, PinInfo},
    usage::Counters,
};
use persistence::{
    Db, Retry, Tx,
    admission::{self, Admission},
    pending_log_entry, pin_info,
    usage_stats::Event,
};

use crate::client::{self, Client, Refused, Stop};

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was not even looked at, or the old PIN is wrong.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The client has not seen the newest state of the object.
    #[error("the update id is not the next one")]
    UpdateConflict,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] persistence::Error),
}

impl Retry for Error {
    fn is_race(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_race())
    }
}

/// Changes the PIN of a creditor. Returns it as it is now.
///
/// Unlike with other operations, the update id is looked at before the PIN, and a repetition is a conflict.
pub async fn update(
    db: &Db,
    client: Client<'_>,
    creditor_id: CreditorId,
    request: &ChangeRequest,
) -> Result<PinInfo, Error> {
    db.retrying("update_pin", || async {
        let read = db.begin_with("update_pin", |tx| Box::pin(admission::to_pin(tx, creditor_id)));
        let (mut tx, admission) = read.await?;
        let outcome = attempt(&mut tx, client, creditor_id, request, admission);
        client::end(tx, outcome).await
    })
    .await
}

fn attempt(
    tx: &mut Tx,
    client: Client<'_>,
    creditor_id: CreditorId,
    request: &ChangeRequest,
    admission: Admission,
) -> Result<PinInfo, Stop<Error>> {
    client.check_usage(&admission.usage, Counters::allow_reconfig)?;
    let info = admission.pin.ok_or(Stop::Refused(Refused::CreditorDoesNotExist.into()))?;
    match rules::change(creditor_id, info, request.clone(), client.pin_check().as_ref(), client.now) {
        ChangeOutcome::Conflict => Err(Stop::Refused(Error::UpdateConflict)),
        ChangeOutcome::WrongPin(tried) => {
            client::keep_attempt(tx, creditor_id, &tried);
            let reason = Refused::WrongPin.into();
            Err(if tried.is_changed { Stop::RefusedAndCounted(reason) } else { Stop::Refused(reason) })
        }
        ChangeOutcome::Changed { info, log_entry } => {
            pin_info::save(tx, creditor_id, &info);
            pending_log_entry::enqueue(tx, [*log_entry]);
            client.register(tx, creditor_id, Event::Reconfigured);
            Ok(*info)
        }
    }
}
