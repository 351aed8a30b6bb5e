//! The lists of a creditor's accounts and transfers (webapi §12.2).

use actix_web::{HttpResponse, web::Data};

use super::active;
use crate::{
    ApiError, State,
    caller::CreditorScope,
    render::wallet::{AccountsList, TransfersList},
    reply,
};

/// Tells where the list of accounts begins.
///
/// The list's update id changes when an account is created or deleted.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts-list",
    operation_id = "getAccountsList",
    tag = "creditors",
    responses((status = 200, description = "The list of accounts.", body = AccountsList)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn accounts(scope: CreditorScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let creditor = active(&state, scope.creditor_id()).await?.ok_or(ApiError::NotFound)?;
    let head = creditor.accounts;
    reply::ok(&AccountsList::new(creditor.creditor_id, head.list_update_id, head.list_update_ts))
}

/// Tells where the list of transfers begins.
///
/// The list's update id changes when a transfer is initiated or deleted.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/transfers-list",
    operation_id = "getTransfersList",
    tag = "creditors",
    responses((status = 200, description = "The list of transfers.", body = TransfersList)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn transfers(scope: CreditorScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let creditor = active(&state, scope.creditor_id()).await?.ok_or(ApiError::NotFound)?;
    let (update_id, updated_at) = (creditor.transfers_list_latest_update_id, creditor.transfers_list_latest_update_ts);
    reply::ok(&TransfersList::new(creditor.creditor_id, update_id, updated_at))
}
