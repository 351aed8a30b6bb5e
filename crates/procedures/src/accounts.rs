//! What clients do with their accounts (processing §6).

pub mod config;
mod create;
mod delete;
pub mod display;
pub mod exchange;
pub mod knowledge;

pub use create::{Creation, create};
pub use delete::{Deletion, delete};

use domain::account;
use persistence::{Retry, account_exchange};

use crate::client::Refused;

/// Why a request was refused.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// It was not even looked at.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The creditor is not active.
    #[error("the creditor does not exist")]
    CreditorDoesNotExist,
    /// The creditor has no such account.
    #[error("the account does not exist")]
    AccountDoesNotExist,
    /// The client has not seen the newest state of the object.
    #[error("the update id is not the next one")]
    UpdateConflict,
    /// Another account of the creditor has the name.
    #[error("another account has the same debtor name")]
    NameConflict,
    /// The creditor has no account to which this one could be pegged.
    #[error("the account of the peg does not exist")]
    PegDoesNotExist,
    /// The account must not be deleted.
    #[error(transparent)]
    Undeletable(#[from] account::Refused),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] persistence::Error),
}

impl Retry for Error {
    /// A peg whose account was deleted meanwhile, and the deletion of an account to which another one was pegged
    /// meanwhile, fail when they are committed; the second time they are refused for the right reason.
    fn is_race(&self) -> bool {
        matches!(
            self,
            Self::Database(error)
                if error.is_race() || error.is_foreign_key_violation(account_exchange::PEG_CONSTRAINT)
        )
    }
}
