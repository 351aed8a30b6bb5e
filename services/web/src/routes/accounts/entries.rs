//! The entries of an account's ledger (webapi §12.5).

use actix_web::{HttpRequest, HttpResponse, web::Data};
use persistence::ledger_entry::{self, Range};

use crate::{
    ApiError, State,
    caller::AccountScope,
    parse::Query,
    render::{
        ledger::{LedgerEntriesPage, LedgerEntry},
        page::request_uri,
    },
    reply,
    requests::accounts::LedgerEntriesQuery,
};

/// Shows entries of a ledger.
///
/// The newest entries come first, from below `prev` down to above `stop`. The entries of deleted accounts can be read
/// too.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/{debtorId}/entries",
    operation_id = "getAccountLedgerEntriesPage",
    tag = "accounts",
    params(LedgerEntriesQuery),
    responses((status = 200, description = "A part of the ledger.", body = LedgerEntriesPage)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(
    scope: AccountScope,
    Query(query): Query<LedgerEntriesQuery>,
    request: HttpRequest,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let limit = state.settings.web.page_sizes.ledger_entries;
    let range = Range { before: query.prev, after: query.stop };
    let mut conn = state.db.conn().await?;
    let entries = ledger_entry::page(&mut conn, scope.key(), range, limit.into()).await?;
    let items = entries.iter().map(|entry| LedgerEntry::new(scope.key(), entry)).collect();
    reply::ok(&LedgerEntriesPage::new(request_uri(&request), items, limit, query.stop))
}
