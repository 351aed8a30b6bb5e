//! An account (webapi §12.4).

use actix_web::{HttpResponse, web::Data};
use persistence::account;
use procedures::{accounts, client::Proof};

use crate::{ApiError, State, caller::AccountScope, render::account::Account, reply};

/// Shows an account with all of its parts.
///
/// Each part is an object of its own too, with its own `uri` and `latestUpdateId`.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/{debtorId}/",
    operation_id = "getAccount",
    tag = "accounts",
    responses((status = 200, description = "The account.", body = Account)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: AccountScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let mut conn = state.db.conn().await?;
    let account = account::get(&mut conn, scope.key()).await?.ok_or(ApiError::NotFound)?;
    reply::ok(&Account::new(account, state.clock.now())?)
}

/// Deletes an account.
///
/// Allowed if nothing is lost by it (`safeToDelete` in the account's `info`), if the configuration allows an unsafe
/// deletion, or if the account has no `debtorName`; and only if no other account is pegged to it.
#[utoipa::path(
    delete,
    path = "/creditors/{creditorId}/accounts/{debtorId}/",
    operation_id = "deleteAccount",
    tag = "accounts",
    responses(
        (status = 204, description = "The account does not exist, or not anymore."),
        (status = 403, description = "The account must not be deleted: that is not safe, or another account is pegged to it.")
    ),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn delete(scope: AccountScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let (accounts::Deletion::Deleted | accounts::Deletion::Absent) =
        accounts::delete(&state.db, state.client(Proof::NotNeeded), scope.key()).await?;
    Ok(reply::no_content())
}
