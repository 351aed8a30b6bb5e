//! Creditors become active, and cease to be (webapi §12.1).

use actix_web::{HttpResponse, web::Data};
use procedures::creditors;

use super::order;
use crate::{
    ApiError, State,
    caller::AdminScope,
    parse::Body,
    render::creditor::Creditor,
    reply,
    requests::admin::{CreditorActivationRequest, CreditorDeactivationRequest},
};

/// Makes a creditor active.
///
/// With the `reservationId` of a reservation, it is the reserved creditor; repeating the request does no harm. Without
/// one, the id is reserved and activated at once.
#[utoipa::path(
    post,
    path = "/creditors/{creditorId}/activate",
    operation_id = "activateCreditor",
    tag = "admin",
    request_body = CreditorActivationRequest,
    responses(
        (status = 200, description = "The creditor is active.", body = Creditor),
        (status = 409, description = "The id is taken.")
    ),
    security(("oauth2" = ["activate"]))
)]
pub(crate) async fn activate(
    scope: AdminScope,
    Body(request): Body<CreditorActivationRequest>,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let creditor_id = scope.creditor_id()?;
    let (reservation_id, now) = (request.reservation_id.as_deref(), state.clock.now());
    let work = async |tx: &mut _| creditors::activate(tx, creditor_id, reservation_id, now).await;
    let creditor = order(&state.db, "activate_creditor", work).await?;
    reply::ok(&Creditor::new(&creditor))
}

/// Deactivates a creditor for ever.
///
/// All of its accounts and running transfers are deleted. Its log, ledger entries and committed transfers can be read
/// for some time. Nothing happens if the creditor is not active. Only superusers may do this.
#[utoipa::path(
    post,
    path = "/creditors/{creditorId}/deactivate",
    operation_id = "deactivateCreditor",
    tag = "admin",
    request_body = CreditorDeactivationRequest,
    responses((status = 204, description = "The creditor is not active, or not anymore.")),
    security(("oauth2" = ["deactivate"]))
)]
pub(crate) async fn deactivate(
    scope: AdminScope,
    Body(CreditorDeactivationRequest {}): Body<CreditorDeactivationRequest>,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let creditor_id = scope.creditor_id()?;
    scope.require_superuser()?;
    let now = state.clock.now();
    let work = async |tx: &mut _| creditors::deactivate(tx, creditor_id, now).await;
    order(&state.db, "deactivate_creditor", work).await?;
    Ok(reply::no_content())
}
