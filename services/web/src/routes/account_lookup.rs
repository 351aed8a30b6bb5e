//! Which debtor does an account belong to? (webapi §12.3)

use actix_web::HttpResponse;

use crate::{ApiError, caller::CreditorScope, parse::Body, render, reply, requests::identities::AccountIdentity};

/// Tells the debtor of an account.
///
/// Nothing is looked up: the URI of the account tells its debtor.
#[utoipa::path(
    post,
    path = "/creditors/{creditorId}/account-lookup",
    operation_id = "accountLookup",
    tag = "accounts",
    request_body = render::identities::AccountIdentity,
    responses((status = 200, description = "The debtor.", body = render::identities::DebtorIdentity)),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn post(_: CreditorScope, Body(account): Body<AccountIdentity>) -> Result<HttpResponse, ApiError> {
    let (debtor_id, _) = account.account(&["uri"])?;
    reply::ok(&render::identities::DebtorIdentity::new(debtor_id))
}
