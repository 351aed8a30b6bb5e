//! How an account takes part in circular trade (webapi §12.5).

use actix_web::{HttpResponse, web::Data};
use persistence::account_exchange;
use procedures::accounts;

use crate::{
    ApiError, State, caller::AccountScope, location::BaseUrl, parse::Body, render::exchange::AccountExchange, reply,
    requests::exchange::AccountExchangeUpdate,
};

/// Shows how an account takes part in circular trade.
///
/// Without a `policy`, it does not.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/{debtorId}/exchange",
    operation_id = "getAccountExchange",
    tag = "accounts",
    responses((status = 200, description = "The policy.", body = AccountExchange)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: AccountScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let mut conn = state.db.conn().await?;
    let exchange = account_exchange::get(&mut conn, scope.key()).await?.ok_or(ApiError::NotFound)?;
    reply::ok(&AccountExchange::new(scope.key(), exchange))
}

/// Changes how an account takes part in circular trade.
///
/// An account with a `policy` may be bought up to `maxPrincipal` and sold down to `minPrincipal`, at a rate that its
/// `peg` relates to another account of the creditor.
#[utoipa::path(
    patch,
    path = "/creditors/{creditorId}/accounts/{debtorId}/exchange",
    operation_id = "updateAccountExchange",
    tag = "accounts",
    request_body = AccountExchange,
    responses(
        (status = 200, description = "The policy as it is now.", body = AccountExchange),
        (status = 403, description = "Wrong PIN, or too many changes."),
        (status = 409, description = "The update id is not the next one.")
    ),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn patch(
    scope: AccountScope,
    Body(update): Body<AccountExchangeUpdate>,
    base: BaseUrl,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let request = accounts::exchange::Request {
        policy: update.policy(&base, scope.key()),
        latest_update_id: update.latest_update_id,
    };
    let client = state.client(scope.proof(update.pin.as_ref()));
    let exchange = accounts::exchange::update(&state.db, client, scope.key(), &request).await?;
    reply::ok(&AccountExchange::new(scope.key(), exchange))
}
