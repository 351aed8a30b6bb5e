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

use crate::ApiError;

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
