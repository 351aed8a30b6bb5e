//! Logs (webapi §12.2).

use actix_web::{HttpRequest, HttpResponse, web::Data};
use persistence::log_entry;

use super::follow;
use crate::{
    ApiError, State,
    caller::CreditorScope,
    parse::Query,
    render::{
        log::{LogEntriesPage, LogEntry},
        page::request_uri,
    },
    reply,
    requests::creditors::LogPageQuery,
};

/// Shows a part of the log.
///
/// Entries are in the order of their ids, which have no gaps. `next` is there when there may be more of them already;
/// otherwise `forthcoming` tells where to look later. The logs of former creditors can be read too.
///
/// With the header `Accept: text/event-stream` the log is followed: each entry is sent as an event as soon as it is there. An
/// event's id is that of the entry, so that `Last-Event-ID` or `prev` tell where to go on.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/log",
    operation_id = "getLogPage",
    tag = "creditors",
    params(LogPageQuery),
    responses((status = 200, description = "A part of the log.", body = LogEntriesPage)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(
    scope: CreditorScope,
    Query(query): Query<LogPageQuery>,
    request: HttpRequest,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    if follow::is_wanted(&request) {
        return follow::stream(state, scope.creditor_id(), &request, query.prev).await;
    }
    let limit = state.settings.web.page_sizes.log_entries;
    let mut conn = state.db.conn().await?;
    let page = log_entry::page(&mut conn, scope.creditor_id(), query.prev, limit.into()).await?;
    let page = page.ok_or(ApiError::NotFound)?;
    let entries = page.entries.into_iter();
    let items = entries.map(|logged| LogEntry::new(logged.entry_id, &logged.entry, logged.data.as_deref())).collect();
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    reply::ok(&LogEntriesPage::new(request_uri(&request), items, limit, page.last_log_entry_id))
}
