//! The accounts of a creditor (webapi §12.4).

use actix_web::{HttpRequest, HttpResponse, web::Data};
use domain::{AccountKey, DebtorId, uris};
use persistence::account;
use procedures::{
    accounts::{self, Creation},
    client::Proof,
};

use crate::{
    ApiError, State,
    caller::CreditorScope,
    location::BaseUrl,
    parse::{Body, Query},
    render::{
        self,
        account::Account,
        page::{ObjectReferencesPage, request_uri},
    },
    reply,
    requests::{accounts::AccountsPageQuery, identities::DebtorIdentity},
};

/// Lists accounts.
///
/// The items are in the order of their debtors' ids, as signed 64-bit numbers.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/",
    operation_id = "getAccountsPage",
    tag = "accounts",
    params(AccountsPageQuery),
    responses((status = 200, description = "A part of the list.", body = ObjectReferencesPage)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(
    scope: CreditorScope,
    Query(query): Query<AccountsPageQuery>,
    request: HttpRequest,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let limit = state.settings.web.page_sizes.accounts;
    let mut conn = state.db.conn().await?;
    let debtor_ids = account::list(&mut conn, scope.creditor_id(), query.prev, limit.into()).await?;
    let next = next_page(&debtor_ids, limit);
    let items = debtor_ids.into_iter().map(render::account::item).collect();
    reply::ok(&ObjectReferencesPage::new(request_uri(&request), items, next))
}

/// A full page may not be the last one.
fn next_page(debtor_ids: &[DebtorId], limit: u32) -> Option<String> {
    let is_full = u32::try_from(debtor_ids.len()).is_ok_and(|length| length >= limit);
    let last = debtor_ids.last().filter(|_| is_full);
    last.map(|debtor_id| format!("?prev={}", debtor_id.unsigned()))
}

/// Opens an account with a debtor.
///
/// The debtor's server is told, and must confirm the account before it can be used: then its `info` has an `identity`.
/// If the creditor has the account already, the answer is 303.
#[utoipa::path(
    post,
    path = "/creditors/{creditorId}/accounts/",
    operation_id = "createAccount",
    tag = "accounts",
    request_body = render::identities::DebtorIdentity,
    responses(
        (status = 201, description = "The new account.", body = Account,
         headers(("Location" = String, description = "Its URI."))),
        (status = 303, description = "The creditor has it already.",
         headers(("Location" = String, description = "Its URI."))),
        (status = 403, description = "The creditor has done too much already.")
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
    let client = state.client(Proof::NotNeeded);
    match accounts::create(&state.db, client, key).await? {
        Creation::Created(account) => reply::created(&base, &uris::account(key), &Account::new(*account, client.now)?),
        Creation::Exists => Ok(reply::see_other(&base, &uris::account(key))),
    }
}
