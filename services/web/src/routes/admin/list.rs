//! The list of all creditors (webapi §12.1).

use actix_web::{HttpRequest, HttpResponse, web::Data};
use domain::{CreditorId, uris};
use persistence::creditor;

use crate::{
    ApiError, State,
    caller::AdminScope,
    render::{
        creditor::{CreditorsList, enumeration},
        page::{ObjectReference, ObjectReferencesPage, request_uri},
    },
    reply,
};

/// Tells where the list of all creditors begins.
///
/// `first` is the URI of the first page.
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

/// Lists active creditors.
///
/// The page begins with the smallest id that is not below the one in the path, in the order of signed 64-bit numbers.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/enumerate",
    operation_id = "getCreditorsPage",
    tag = "admin",
    responses((status = 200, description = "A part of the list.", body = ObjectReferencesPage)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn page(
    scope: AdminScope,
    request: HttpRequest,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let limit = state.settings.web.page_sizes.creditors;
    let first = scope.any_creditor_id()?;
    let mut conn = state.db.conn().await?;
    let mut creditor_ids = creditor::list_active(&mut conn, first, i64::from(limit) + 1).await?;
    let next = take_next_page(&mut creditor_ids, limit);
    // What the shard is not responsible for is left over from before a split.
    let valid = creditor_ids.into_iter().filter(|id| state.shard.is_valid(*id));
    let items = valid.map(|id| ObjectReference::to(uris::creditor(id))).collect();
    reply::ok(&ObjectReferencesPage::new(request_uri(&request), items, next))
}

/// Cuts off the creditors above the limit, and tells where the next page begins.
fn take_next_page(creditor_ids: &mut Vec<CreditorId>, limit: u32) -> Option<String> {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let next = creditor_ids.get(limit).copied().map(enumeration);
    creditor_ids.truncate(limit);
    next
}
