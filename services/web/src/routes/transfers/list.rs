//! The running transfers of a creditor (webapi §12.6).

use actix_web::{HttpRequest, HttpResponse, web::Data};
use domain::uris;
use persistence::running_transfer;
use procedures::transfers::{self, Creation};
use uuid::Uuid;

use super::rendered;
use crate::{
    ApiError, State,
    caller::CreditorScope,
    location::BaseUrl,
    parse::{Body, Query},
    render::{
        page::{ObjectReferencesPage, request_uri},
        transfer::{Transfer, item},
    },
    reply,
    requests::transfers::{TransferCreationRequest, TransfersPageQuery},
};

/// Lists running transfers.
///
/// Those that have a result are listed until they are deleted. The items are in the order of their UUIDs.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/transfers/",
    operation_id = "getTransfersPage",
    tag = "transfers",
    params(TransfersPageQuery),
    responses((status = 200, description = "A part of the list.", body = ObjectReferencesPage)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(
    scope: CreditorScope,
    Query(query): Query<TransfersPageQuery>,
    request: HttpRequest,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let limit = state.settings.web.page_sizes.transfers;
    let mut conn = state.db.conn().await?;
    let uuids = running_transfer::list(&mut conn, scope.creditor_id(), query.prev, limit.into()).await?;
    let next = next_page(&uuids, limit);
    let items = uuids.into_iter().map(item).collect();
    reply::ok(&ObjectReferencesPage::new(request_uri(&request), items, next))
}

/// A full page may not be the last one.
fn next_page(uuids: &[Uuid], limit: u32) -> Option<String> {
    let is_full = u32::try_from(uuids.len()).is_ok_and(|length| length >= limit);
    uuids.last().filter(|_| is_full).map(|last| format!("?prev={last}"))
}

/// Initiates a transfer.
///
/// The client chooses the `transferUuid`, and may repeat the request without paying twice: the answer is then 303. The
/// result comes later; `checkupAt` tells when to look, if the log is not followed.
#[utoipa::path(
    post,
    path = "/creditors/{creditorId}/transfers/",
    operation_id = "createTransfer",
    tag = "transfers",
    request_body = TransferCreationRequest,
    responses(
        (status = 201, description = "The new transfer.", body = Transfer,
         headers(("Location" = String, description = "Its URI."))),
        (status = 303, description = "The same transfer was initiated before.",
         headers(("Location" = String, description = "Its URI."))),
        (status = 403, description = "Wrong PIN, or too many transfers."),
        (status = 409, description = "Another transfer has the same UUID.")
    ),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn post(
    scope: CreditorScope,
    Body(request): Body<TransferCreationRequest>,
    base: BaseUrl,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let creditor_id = scope.creditor_id();
    let (request, pin) = request.split(creditor_id)?;
    let uri = uris::transfer(creditor_id, request.transfer_uuid);
    let client = state.client(scope.proof(pin.as_ref()));
    match transfers::create(&state.db, client, &request).await? {
        Creation::Created(row) => reply::created(&base, &uri, &rendered(&state, *row)),
        Creation::Exists => Ok(reply::see_other(&base, &uri)),
    }
}
