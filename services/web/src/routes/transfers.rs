//! Running transfers (webapi §12.6).

pub(crate) mod list;
pub(crate) mod transfer;

use domain::transfer::RunningTransfer;
use procedures::transfers::Error;

use crate::{
    ApiError, State,
    audit::Audit::Deletions,
    caller::Access::Creditor,
    render::transfer::Transfer,
    routing::{Resource, resource},
};

/// The routes of running transfers.
pub(super) fn resources() -> [Resource; 2] {
    [
        resource("/creditors/{creditorId}/transfers/", Creditor).get(list::get).post(list::post),
        resource("/creditors/{creditorId}/transfers/{transferUuid}", Creditor)
            .audited(Deletions)
            .get(transfer::get)
            .post(transfer::cancel)
            .delete(transfer::delete),
    ]
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refused) => refused.into(),
            Error::CreditorDoesNotExist | Error::TransferDoesNotExist => Self::NotFound,
            Error::TransferConflict => Self::Conflict,
            Error::NotCancelable(_) => Self::Forbidden,
            Error::Database(error) => error.into(),
        }
    }
}

/// The transfer as it stands now.
fn rendered(state: &State, row: RunningTransfer) -> Transfer {
    Transfer::new(row, state.settings.policy.transfers_finalization_approx, state.clock.now())
}
