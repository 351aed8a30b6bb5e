//! The life of creditors, as administrators order it (processing §12).

use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp, account,
    creditor::{self as rules, Activation, ActivationError},
    signal::Signal,
};
use persistence::{Retry, Tx, creditor, creditor::Creditor, object_update_id, pin_info};

use crate::outgoing;

/// Why an order was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The id is taken.
    #[error("the creditor exists")]
    CreditorExists,
    /// There is no such reservation.
    #[error("invalid reservation id")]
    InvalidReservationId,
    /// The database failed.
    #[error(transparent)]
    Database(#[from] persistence::Error),
}

impl Retry for Error {
    fn is_race(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_race())
    }
}

impl From<ActivationError> for Error {
    fn from(error: ActivationError) -> Self {
        match error {
            ActivationError::CreditorExists => Self::CreditorExists,
            ActivationError::InvalidReservationId => Self::InvalidReservationId,
        }
    }
}

/// Reserves a creditor id.
pub async fn reserve(tx: &mut Tx, creditor_id: CreditorId, now: Timestamp) -> Result<Creditor, Error> {
    creditor::insert(tx, creditor_id, now).await?.ok_or(Error::CreditorExists)
}

/// Activates a creditor: the reserved one, or, without a reservation id, a new one.
pub async fn activate(
    tx: &mut Tx,
    creditor_id: CreditorId,
    reservation_id: Option<&str>,
    now: Timestamp,
) -> Result<Creditor, Error> {
    let (row, given) = match reservation_id {
        None => {
            let row = reserve(tx, creditor_id, now).await?;
            let reservation_id = row.reservation_id.unwrap_or(0).to_string();
            (row, reservation_id)
        }
        Some(given) => {
            let row = creditor::lock(tx.share(), [creditor_id]).await?.pop().ok_or(Error::InvalidReservationId)?;
            (row, given.to_owned())
        }
    };
    match rules::activate(row.status, row.reservation_id, &given)? {
        Activation::Repeated => Ok(row),
        Activation::First(status) => {
            creditor::activate(tx, [(creditor_id, status)], now).await?;
            Ok(Creditor { status, ..row })
        }
    }
}

/// Deactivates an active creditor: its PIN, accounts and running transfers are removed, and the circular-trade
/// subsystem is told to stop trading for it. Nothing happens to a creditor that is not active.
pub async fn deactivate(tx: &mut Tx, creditor_id: CreditorId, now: Timestamp) -> Result<(), Error> {
    let Some(row) = creditor::lock(tx.share(), [creditor_id]).await?.pop() else { return Ok(()) };
    let Some(status) = row.status.deactivate() else { return Ok(()) };
    pin_info::lock_for_removal(tx, creditor_id).await?;
    let update_id = object_update_id::draw(tx, 1).await?;
    let debtor_ids = creditor::lock_accounts(tx, creditor_id).await?;
    let signals = debtor_ids.into_iter().flat_map(|debtor_id| {
        let key = AccountKey::new(creditor_id, DebtorId::new(debtor_id));
        <[Signal; 3]>::from(account::stop_trade(key, update_id, now))
    });
    outgoing::enqueue(tx, signals);
    creditor::deactivate(tx, creditor_id, status, now.date_naive()).await?;
    Ok(())
}
