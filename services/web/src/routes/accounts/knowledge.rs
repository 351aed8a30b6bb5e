//! What the client has noted about an account (webapi §12.5).

use actix_web::{HttpResponse, web::Data};
use persistence::account_knowledge;
use procedures::{accounts, client::Proof};

use crate::{
    ApiError, State,
    caller::AccountScope,
    parse::Body,
    render::knowledge::{AccountKnowledge, AccountKnowledgeSchema},
    reply,
    requests::knowledge::AccountKnowledgeUpdate,
};

/// Shows what the wallet app has noted about an account.
///
/// Only apps write and read it: nothing else depends on it.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/{debtorId}/knowledge",
    operation_id = "getAccountKnowledge",
    tag = "accounts",
    responses((status = 200, description = "The notes.", body = AccountKnowledgeSchema)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: AccountScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let mut conn = state.db.conn().await?;
    let notes = account_knowledge::get(&mut conn, scope.key()).await?.ok_or(ApiError::NotFound)?;
    reply::ok(&AccountKnowledge::new(scope.key(), &notes)?)
}

/// Notes what the wallet app knows about an account.
///
/// Any members are stored and given back as they are, up to 8000 bytes; some names have a type. By comparing with the
/// account's `info`, an app finds out what its user has not been told yet. The PIN is not asked for.
#[utoipa::path(
    patch,
    path = "/creditors/{creditorId}/accounts/{debtorId}/knowledge",
    operation_id = "updateAccountKnowledge",
    tag = "accounts",
    request_body = AccountKnowledgeSchema,
    responses(
        (status = 200, description = "The notes as they are now.", body = AccountKnowledgeSchema),
        (status = 409, description = "The update id is not the next one.")
    ),
    security(("oauth2" = ["access"]))
)]
pub(crate) async fn patch(
    scope: AccountScope,
    Body(update): Body<AccountKnowledgeUpdate>,
    state: Data<State>,
) -> Result<HttpResponse, ApiError> {
    let request = accounts::knowledge::Request {
        data: update.text(),
        is_same: |stored: &str| update.is_same(stored),
        latest_update_id: update.latest_update_id,
    };
    let client = state.client(Proof::NotNeeded);
    let notes = accounts::knowledge::update(&state.db, client, scope.key(), &request).await?;
    reply::ok(&AccountKnowledge::new(scope.key(), &notes)?)
}
