//! A wallet (webapi §12.2).

use actix_web::{HttpResponse, web::Data};
use domain::pin::Status;
use persistence::creditor;

use crate::{ApiError, State, caller::CreditorScope, render::wallet::Wallet, reply};

/// Shows a wallet.
///
/// It tells where everything else of the creditor is found, how far the log has come, and whether the PIN is asked for.
#[utoipa::path(
    get,
    path = "/creditors/{creditorId}/wallet",
    operation_id = "getWallet",
    tag = "creditors",
    responses((status = 200, description = "The wallet.", body = Wallet)),
    security(("oauth2" = ["access.readonly"]))
)]
pub(crate) async fn get(scope: CreditorScope, state: Data<State>) -> Result<HttpResponse, ApiError> {
    let creditor_id = scope.creditor_id();
    let mut conn = state.db.conn().await?;
    let found = creditor::get_with_pin_status(&mut conn, creditor_id).await?;
    let (creditor, pin) = found.filter(|(creditor, _)| creditor.status.is_active()).ok_or(ApiError::NotFound)?;
    let require_pin = !scope.pin_reset() && pin.is_some_and(|status| status != Status::Off);
    let retention = state.settings.policy.log_retention;
    reply::ok(&Wallet::new(creditor_id, creditor.last_log_entry_id, retention, require_pin))
}
