//! What an account's server tells (webapi §12.5).

use actix_web::{HttpResponse, web::Data};
use persistence::account_data;

use crate::{ApiError, State, caller::AccountScope, render::info::AccountInfo, reply};

/// Shows what the debtor's server tells about an account.
///
/// It changes whenever the server tells something new; nobody else can change it. Before the server has confirmed the
/// account, there is no `identity`.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/{debtorId}/info",
    operation_id = "getAccountInfo",
    tag = "accounts",
    responses((status = 200, description = "What the server tells.", body = AccountInfo)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: AccountScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let mut conn = state.db.conn().await?;
    let data = account_data::get(&mut conn, scope.key()).await?.ok_or(ApiError::NotFound)?;
    reply::ok(&AccountInfo::new(scope.key(), &data.server, &data.config, data.info))
}
