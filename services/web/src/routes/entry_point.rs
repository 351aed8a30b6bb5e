//! Where wallets begin (webapi §12.2).

use actix_web::HttpResponse;
use domain::uris;

use crate::{
    caller::{AnyScope, Role},
    location::BaseUrl,
    reply,
};

/// Leads the caller to its wallet.
///
/// Where every wallet app begins. Only creditors have a wallet.
#[utoipa::path(
    get,
    path = "/creditors/.wallet",
    operation_id = "redirectToWallet",
    tag = "creditors",
    responses(
        (status = 204, description = "The caller is not a creditor."),
        (status = 303, description = "The wallet of the caller.", headers(("Location" = String, description = "Its URI.")))
    ),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: AnyScope, base: BaseUrl) -> HttpResponse {
    match scope.role() {
        Role::Creditor(id) => reply::see_other(&base, &uris::wallet(id)),
        Role::Superuser | Role::Supervisor => reply::no_content(),
    }
}
