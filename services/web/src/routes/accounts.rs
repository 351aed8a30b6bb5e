//! Accounts and their parts (webapi §12.4, §12.5).

pub(crate) mod account;
pub(crate) mod committed_transfer;
pub(crate) mod config;
pub(crate) mod display;
pub(crate) mod entries;
pub(crate) mod exchange;
pub(crate) mod info;
pub(crate) mod knowledge;
pub(crate) mod ledger;
pub(crate) mod list;

use procedures::accounts::Error;

use crate::{
    ApiError,
    audit::Audit::Deletions,
    caller::Access::Creditor,
    routing::{Resource, resource},
};

/// The routes of accounts.
pub(super) fn resources() -> [Resource; 10] {
    [
        resource("/creditors/{creditorId}/accounts/", Creditor).get(list::get).post(list::post),
        resource("/creditors/{creditorId}/accounts/{debtorId}/", Creditor)
            .audited(Deletions)
            .get(account::get)
            .delete(account::delete),
        resource("/creditors/{creditorId}/accounts/{debtorId}/config", Creditor).get(config::get).patch(config::patch),
        resource("/creditors/{creditorId}/accounts/{debtorId}/display", Creditor)
            .get(display::get)
            .patch(display::patch),
        resource("/creditors/{creditorId}/accounts/{debtorId}/exchange", Creditor)
            .get(exchange::get)
            .patch(exchange::patch),
        resource("/creditors/{creditorId}/accounts/{debtorId}/knowledge", Creditor)
            .get(knowledge::get)
            .patch(knowledge::patch),
        resource("/creditors/{creditorId}/accounts/{debtorId}/info", Creditor).get(info::get),
        resource("/creditors/{creditorId}/accounts/{debtorId}/ledger", Creditor).get(ledger::get),
        resource("/creditors/{creditorId}/accounts/{debtorId}/entries", Creditor).get(entries::get),
        resource("/creditors/{creditorId}/accounts/{debtorId}/transfers/{transferId}", Creditor)
            .get(committed_transfer::get),
    ]
}

impl From<Error> for ApiError {
    fn from(error: Error) -> Self {
        match error {
            Error::Refused(refused) => refused.into(),
            Error::CreditorDoesNotExist | Error::AccountDoesNotExist => Self::NotFound,
            Error::UpdateConflict => Self::UpdateConflict,
            Error::NameConflict => {
                Self::field(&["debtorName"], "Another account with the same debtorName already exist.")
            }
            Error::PegDoesNotExist => Self::field(&["peg", "account", "uri"], "Account does not exist."),
            Error::Undeletable(_) => Self::Forbidden,
            Error::Database(error) => error.into(),
        }
    }
}
