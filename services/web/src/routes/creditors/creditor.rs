//! A creditor (webapi §12.2).

use actix_web::{HttpResponse, web::Data};

use super::active;
use crate::{ApiError, State, caller::CreditorScope, render::creditor::Creditor, reply};

/// Shows a creditor.
///
/// A creditor that is not active is answered with 403, other than its wallet.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/",
    operation_id = "getCreditor",
    tag = "creditors",
    responses((status = 200, description = "The creditor.", body = Creditor)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: CreditorScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let creditor = active(&state, scope.creditor_id()).await?.ok_or(ApiError::Forbidden)?;
    reply::ok(&Creditor::new(&creditor))
}
