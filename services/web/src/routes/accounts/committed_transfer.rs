//! A transfer to or from an account (webapi §12.5).

use actix_web::{HttpResponse, web::Data};
use domain::uris::Slug;
use persistence::committed_transfer::{self, Key};

use crate::{ApiError, State, caller::CommittedTransferScope, render::transfer::CommittedTransfer, reply};

/// Shows a committed transfer.
///
/// A transfer to or from an account that has happened. Those of deleted accounts can be read too.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/accounts/{debtorId}/transfers/{transferId}",
    operation_id = "getCommittedTransfer",
    tag = "transfers",
    responses((status = 200, description = "The transfer.", body = CommittedTransfer)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: CommittedTransferScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let Slug { creation_date, transfer_number } = scope.slug();
    let mut conn = state.db.conn().await?;
    let key = Key { account: scope.key(), creation_date, transfer_number };
    let transfer = committed_transfer::get(&mut conn, key).await?.ok_or(ApiError::NotFound)?;
    reply::ok(&CommittedTransfer::new(transfer))
}
