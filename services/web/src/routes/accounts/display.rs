//! How an account is shown (webapi §12.5).

use actix_web::{HttpResponse, web::Data};
use persistence::account_display;
use procedures::accounts;

use crate::{
    ApiError, State, caller::AccountScope, parse::Body, render::display::AccountDisplay, reply,
    requests::accounts::AccountDisplayUpdate,
};

/// Shows how an account is displayed.
///
/// An account without a `debtorName` is one that its owner has not accepted yet, or has given up: apps hide it.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/{debtorId}/display",
    operation_id = "getAccountDisplay",
    tag = "accounts",
    responses((status = 200, description = "How the account is shown.", body = AccountDisplay)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: AccountScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let mut conn = state.db.conn().await?;
    let display = account_display::get(&mut conn, scope.key()).await?.ok_or(ApiError::NotFound)?;
    reply::ok(&AccountDisplay::new(scope.key(), display))
}

/// Changes how an account is displayed.
///
/// No two accounts of a creditor can have the same `debtorName`.
#[utoipa::path(
    patch,
    path = "/creditors/{creditorId}/accounts/{debtorId}/display",
    operation_id = "updateAccountDisplay",
    tag = "accounts",
    request_body = AccountDisplay,
    responses(
        (status = 200, description = "How the account is shown now.", body = AccountDisplay),
        (status = 403, description = "Wrong PIN, or too many changes."),
        (status = 409, description = "The update id is not the next one.")
    ),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn patch(
    scope: AccountScope,
    Body(update): Body<AccountDisplayUpdate>,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let request =
        accounts::display::Request { appearance: update.appearance(), latest_update_id: update.latest_update_id };
    let client = state.client(scope.proof(update.pin.as_ref()));
    let display = accounts::display::update(&state.db, client, scope.key(), &request).await?;
    reply::ok(&AccountDisplay::new(scope.key(), display))
}
