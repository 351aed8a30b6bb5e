//! A running transfer (webapi §12.6).

use actix_web::{HttpResponse, web::Data};
use persistence::running_transfer;
use procedures::{
    client::Proof,
    transfers::{self, Deletion},
};

use super::rendered;
use crate::{
    ApiError, State, caller::TransferScope, parse::Body, render::transfer::Transfer, reply,
    requests::transfers::TransferCancelationRequest,
};

/// Shows a running transfer.
///
/// Its `result` is there when the transfer has ended.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/transfers/{transferUuid}",
    operation_id = "getTransfer",
    tag = "transfers",
    responses((status = 200, description = "The transfer.", body = Transfer)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: TransferScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let mut conn = state.db.conn().await?;
    let row = running_transfer::get(&mut conn, scope.creditor_id(), scope.transfer_uuid()).await?;
    reply::ok(&rendered(&state, row.ok_or(ApiError::NotFound)?))
}

/// Cancels a transfer.
///
/// Possible until the debtor's server has prepared it; afterwards the answer is 403. Repeating the request does no
/// harm.
#[utoipa::path(
    post,
    path = "/creditors/{creditorId}/transfers/{transferUuid}",
    operation_id = "cancelTransfer",
    tag = "transfers",
    request_body = TransferCancelationRequest,
    responses(
        (status = 200, description = "The transfer as it is now.", body = Transfer),
        (status = 403, description = "The transfer cannot be canceled anymore.")
    ),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn cancel(
    scope: TransferScope,
    Body(TransferCancelationRequest {}): Body<TransferCancelationRequest>,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let now = state.clock.now();
    let row = transfers::cancel(&state.db, scope.creditor_id(), scope.transfer_uuid(), now).await?;
    reply::ok(&rendered(&state, row))
}

/// Deletes a transfer.
///
/// Should be done some time after the transfer has ended. Deleting does not cancel, but what is prepared later will be
/// dismissed.
#[utoipa::path(
    delete,
    path = "/creditors/{creditorId}/transfers/{transferUuid}",
    operation_id = "deleteTransfer",
    tag = "transfers",
    responses((status = 204, description = "The transfer does not exist, or not anymore.")),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn delete(scope: TransferScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let client = state.client(Proof::NotNeeded);
    let (Deletion::Deleted | Deletion::Absent) =
        transfers::delete(&state.db, client, scope.creditor_id(), scope.transfer_uuid()).await?;
    Ok(reply::no_content())
}
