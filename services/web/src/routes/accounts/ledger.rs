//! The ledger of an account (webapi §12.5).

use actix_web::{HttpResponse, web::Data};
use persistence::account_data;

use crate::{
    ApiError, State,
    caller::AccountScope,
    render::{account::interest_basis, ledger::AccountLedger},
    reply,
};

/// Shows the ledger of an account.
///
/// The principal is what the entries add up to; the interest is calculated at the moment of the request.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/{debtorId}/ledger",
    operation_id = "getAccountLedger",
    tag = "accounts",
    responses((status = 200, description = "The ledger.", body = AccountLedger)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: AccountScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let mut conn = state.db.conn().await?;
    let data = account_data::get(&mut conn, scope.key()).await?.ok_or(ApiError::NotFound)?;
    reply::ok(&AccountLedger::new(scope.key(), &data.ledger, interest_basis(&data), state.clock.now()))
}
