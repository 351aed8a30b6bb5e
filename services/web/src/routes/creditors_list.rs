//! The list of all creditors (webapi §12.1).

use actix_web::HttpResponse;

use crate::{ApiError, caller::AdminScope, render::creditor::CreditorsList, reply};

/// Tells where the list of creditors begins.
#[utoipa::path(
    get,
    path = "/creditors/.list",
    operation_id = "getCreditorsList",
    tag = "admin",
    responses((status = 200, description = "The list of creditors.", body = CreditorsList)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(_: AdminScope) -> Result<HttpResponse, ApiError> {
    reply::ok(&CreditorsList::new())
}
