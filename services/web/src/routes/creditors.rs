//! Wallets, and what they consist of (webapi §12.2).

pub(crate) mod creditor;
mod follow;
pub(crate) mod lists;
pub(crate) mod log;
pub(crate) mod pin;
pub(crate) mod wallet;

use domain::CreditorId;
use persistence::creditor::Creditor;

use crate::{
    ApiError, State,
    audit::Audit,
    caller::Access,
    routing::{Resource, resource},
};

/// The routes of wallets.
pub(super) fn resources() -> [Resource; 6] {
    [
        resource("/creditors/{creditorId}/", Access::Creditor).get(creditor::get),
        resource("/creditors/{creditorId}/wallet", Access::Creditor).get(wallet::get),
        resource("/creditors/{creditorId}/pin", Access::Creditor)
            .audited(Audit::PinResets)
            .get(pin::get)
            .patch(pin::patch),
        resource("/creditors/{creditorId}/log", Access::Creditor).get(log::get),
        resource("/creditors/{creditorId}/accounts-list", Access::Creditor).get(lists::accounts),
        resource("/creditors/{creditorId}/transfers-list", Access::Creditor).get(lists::transfers),
    ]
}

/// The creditor, if it is active.
async fn active(state: &State, creditor_id: CreditorId) -> Result<Option<Creditor>, ApiError> {
    let mut conn = state.db.conn().await?;
    let creditor = persistence::creditor::get(&mut conn, creditor_id).await?;
    Ok(creditor.filter(|creditor| creditor.status.is_active()))
}
