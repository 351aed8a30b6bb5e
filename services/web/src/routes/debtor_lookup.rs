//! Does the creditor have an account with a debtor? (webapi §12.3)

use actix_web::{HttpResponse, web::Data};
use domain::{AccountKey, uris};
use persistence::account;

use crate::{
    ApiError, State, caller::CreditorScope, location::BaseUrl, parse::Body, render, reply,
    requests::identities::DebtorIdentity,
};

/// Leads to the account with a debtor.
///
/// Without such an account, the answer is 204.
#[utoipa::path(
    post,
    path = "/creditors/{creditorId}/debtor-lookup",
    operation_id = "debtorLookup",
    tag = "accounts",
    request_body = render::identities::DebtorIdentity,
    responses(
        (status = 204, description = "There is no account with the debtor."),
        (status = 303, description = "The account with the debtor.",
         headers(("Location" = String, description = "Its URI.")))
    ),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn post(
    scope: CreditorScope,
    Body(debtor): Body<DebtorIdentity>,
    base: BaseUrl,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let key = AccountKey::new(scope.creditor_id(), debtor.debtor_id()?);
    let mut conn = state.db.conn().await?;
    let exists = account::exists(&mut conn, key).await?;
    Ok(if exists { reply::see_other(&base, &uris::account(key)) } else { reply::no_content() })
}
