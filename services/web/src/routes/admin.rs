//! The life of creditors (webapi §12.1).

pub(crate) mod activation;
pub(crate) mod list;
pub(crate) mod reservation;

use persistence::{Db, Tx};
use procedures::creditors::Error;

use crate::{
    ApiError,
    audit::Audit::Changes,
    caller::{
        Access::Admin,
        TokenScope::{Activate, Deactivate},
    },
    routing::{Resource, resource},
};

/// The routes of administrators.
pub(super) fn resources() -> [Resource; 6] {
    [
        resource("/creditors/.creditor-reserve", Admin).post(reservation::post_random).needs(Activate).audited(Changes),
        resource("/creditors/.list", Admin).get(list::get),
        resource("/creditors/{creditorId}/enumerate", Admin).get(list::page),
        resource("/creditors/{creditorId}/reserve", Admin).post(reservation::post).needs(Activate).audited(Changes),
        resource("/creditors/{creditorId}/activate", Admin).post(activation::activate).needs(Activate).audited(Changes),
        resource("/creditors/{creditorId}/deactivate", Admin)
            .post(activation::deactivate)
            .needs(Deactivate)
            .audited(Changes),
    ]
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::CreditorExists => Self::Conflict,
            Error::InvalidReservationId => Self::field(&["reservationId"], "Invalid ID."),
            Error::Database(error) => error.into(),
        }
    }
}

/// Carries out an order in one transaction. An order that is refused leaves nothing behind.
async fn order<T>(db: &Db, name: &'static str, work: impl AsyncFn(&mut Tx) -> Result<T, Error>) -> Result<T, Error> {
    db.retrying(name, || async {
        let mut tx = db.begin(name).await?;
        match work(&mut tx).await {
            Ok(value) => {
                tx.commit().await?;
                Ok(value)
            }
            // The connection is closed: nobody knows what state it is in.
            Err(error @ Error::Database(_)) => Err(error),
            Err(refusal @ (Error::CreditorExists | Error::InvalidReservationId)) => {
                tx.rollback().await?;
                Err(refusal)
            }
        }
    })
    .await
}
