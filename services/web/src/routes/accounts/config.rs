//! How an account is configured (webapi §12.5).

use actix_web::{HttpResponse, web::Data};
use persistence::account_data;
use procedures::accounts;

use crate::{
    ApiError, State, caller::AccountScope, parse::Body, render::config::AccountConfig, reply,
    requests::accounts::AccountConfigUpdate,
};

/// Shows the configuration of an account.
///
/// It is what the account's owner wants, and was sent to the debtor's server: whether the server has confirmed it, the
/// account's `info` tells.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/{debtorId}/config",
    operation_id = "getAccountConfig",
    tag = "accounts",
    responses((status = 200, description = "The configuration.", body = AccountConfig)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: AccountScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let mut conn = state.db.conn().await?;
    let data = account_data::get(&mut conn, scope.key()).await?.ok_or(ApiError::NotFound)?;
    reply::ok(&AccountConfig::new(scope.key(), data.config))
}

/// Configures an account.
///
/// The new configuration is sent to the debtor's server. Until the server has confirmed it, the account is not safe to
/// delete; an error is shown as `configError` in the account's `info`.
#[utoipa::path(
    patch,
    path = "/creditors/{creditorId}/accounts/{debtorId}/config",
    operation_id = "updateAccountConfig",
    tag = "accounts",
    request_body = AccountConfig,
    responses(
        (status = 200, description = "The configuration as it is now.", body = AccountConfig),
        (status = 403, description = "Wrong PIN, or too many changes."),
        (status = 409, description = "The update id is not the next one.")
    ),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn patch(
    scope: AccountScope,
    Body(update): Body<AccountConfigUpdate>,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let (request, pin) = update.split();
    let client = state.client(scope.proof(pin.as_ref()));
    let config = accounts::config::update(&state.db, client, scope.key(), &request).await?;
    reply::ok(&AccountConfig::new(scope.key(), config))
}
