//! PINs (webapi §12.2).

use actix_web::{HttpResponse, web::Data};
use domain::pin::{ChangeRequest, NewPin, Pin, Salt};
use persistence::pin_info;
use procedures::pins::{self, Error};

use crate::{
    ApiError, State, caller::CreditorScope, parse::Body, render::wallet::PinInfo, reply,
    requests::creditors::PinInfoUpdate,
};

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refused) => refused.into(),
            Error::UpdateConflict => Self::UpdateConflict,
            Error::Database(error) => error.into(),
        }
    }
}

/// Shows the state of the PIN.
///
/// The PIN itself is never shown.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/pin",
    operation_id = "getPinInfo",
    tag = "creditors",
    responses((status = 200, description = "The state of the PIN.", body = PinInfo)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: CreditorScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let creditor_id = scope.creditor_id();
    let mut conn = state.db.conn().await?;
    let info = pin_info::get(&mut conn, creditor_id).await?.ok_or(ApiError::NotFound)?;
    reply::ok(&PinInfo::new(creditor_id, &info))
}

/// Changes the PIN.
///
/// With the status `on`, `newPin` is required. Unless the PIN is off, or the caller has the scope `disable_pin`, the
/// current `pin` must be given too. Unlike other changes, this one cannot be repeated: the second time it is a
/// conflict.
#[utoipa::path(
    patch,
    path = "/creditors/{creditorId}/pin",
    operation_id = "updatePinInfo",
    tag = "creditors",
    request_body = PinInfo,
    responses(
        (status = 200, description = "The state of the PIN as it is now.", body = PinInfo),
        (status = 403, description = "Wrong PIN, or too many changes."),
        (status = 409, description = "The update id is not the next one.")
    ),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn patch(
    scope: CreditorScope,
    Body(update): Body<PinInfoUpdate>,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let creditor_id = scope.creditor_id();
    let new_pin = update.new_pin.as_ref().map(|pin| protect(&state, pin));
    let request = ChangeRequest::new(update.status, new_pin, update.latest_update_id).map_err(ApiError::internal)?;
    let client = state.client(scope.proof(update.pin.as_ref()));
    let info = pins::update(&state.db, client, creditor_id, &request).await?;
    reply::ok(&PinInfo::new(creditor_id, &info))
}

fn protect(state: &State, pin: &Pin) -> NewPin {
    let mut bytes = [0; 6];
    state.random.fill(&mut bytes);
    NewPin::new(pin, Salt::from_random(bytes), &state.policy.pin_secret)
}
