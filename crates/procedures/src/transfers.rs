//! What clients do with their transfers (processing §5).

mod cancel;
mod create;
mod delete;

pub use cancel::cancel;
pub use create::{Creation, create};
pub use delete::{Deletion, delete};

use persistence::Retry;

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
    /// The creditor has no such transfer.
    #[error("the transfer does not exist")]
    TransferDoesNotExist,
    /// The client has used the id for another transfer.
    #[error("the creditor has another transfer with the same id")]
    TransferConflict,
    /// The transfer was prepared: it may be committed any moment.
    #[error(transparent)]
    NotCancelable(#[from] domain::transfer::Forbidden),
    /// The database failed.
    #[error(transparent)]
    Database(#[from] persistence::Error),
}

impl Retry for Error {
    fn is_race(&self) -> bool {
        matches!(self, Self::Database(error) if error.is_race())
    }
}
