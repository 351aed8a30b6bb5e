//! What can go wrong between us and PostgreSQL, and what it means for the caller.

use std::time::Duration;

use diesel::result::{DatabaseErrorKind, Error as DieselError};

/// A failed piece of database work.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A statement failed.
    #[error("a database statement failed")]
    Statement(#[from] DieselError),
    /// A connection could not be made.
    #[error("the database cannot be reached")]
    Connect(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// No connection became free within the pool's time limit.
    #[error("no database connection became free in time")]
    PoolTimeout,
    /// No answer came within the caller's time limit. Whether anything was committed is unknown.
    #[error("the database has not answered within {} s", .0.as_secs())]
    Unanswered(Duration),
    /// The pool was closed: the process is shutting down.
    #[error("the database pool is closed")]
    PoolClosed,
    /// A row holds something that this software never writes and cannot read.
    #[error("table {table} holds a row that cannot be understood: {key}")]
    Inconsistent {
        /// The table.
        table: &'static str,
        /// The row's key, and what is wrong with it.
        key: String,
    },
}

/// The result of database work.
pub type Result<T, E = Error> = std::result::Result<T, E>;

/// What a caller should do about a failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Run the whole transaction again: a deadlock, a serialization failure, or a lost race to insert a row.
    Race,
    /// The database is away or unable to work; nothing is wrong with the data. Wait and try again.
    Unavailable,
    /// The statement can never succeed with these data.
    Data,
}

/// Errors that know whether running the transaction again may help.
pub trait Retry {
    /// True if the whole unit of work should be run again at once (database §1).
    fn is_race(&self) -> bool;
}

impl Retry for Error {
    fn is_race(&self) -> bool {
        self.fault() == Fault::Race
    }
}

impl Error {
    /// What a caller should do about this failure.
    ///
    /// Whatever is not known to be a matter of the data counts as [`Fault::Unavailable`]: waiting loses nothing, while
    /// discarding a message because, say, the disk was full would lose money.
    pub fn fault(&self) -> Fault {
        match self {
            Self::Statement(error) => statement_fault(error),
            Self::Connect(_) | Self::PoolTimeout | Self::Unanswered(_) | Self::PoolClosed => Fault::Unavailable,
            Self::Inconsistent { .. } => Fault::Data,
        }
    }

    /// True for a violation of the unique constraint or index with that name.
    pub fn is_unique_violation(&self, constraint: &str) -> bool {
        matches!(
            self,
            Self::Statement(DieselError::DatabaseError(DatabaseErrorKind::UniqueViolation, info))
                if info.constraint_name() == Some(constraint)
        )
    }

    /// What this means where nobody else can have inserted the row that violates the unique constraint: the row of `table`
    /// that its key was derived from does not say the truth.
    pub(crate) fn or_inconsistent(self, constraint: &str, table: &'static str) -> Self {
        match &self {
            Self::Statement(DieselError::DatabaseError(_, info)) if self.is_unique_violation(constraint) => {
                Self::Inconsistent { table, key: info.details().unwrap_or(constraint).to_owned() }
            }
            _ => self,
        }
    }

    /// True for a violation of the foreign key with that name.
    pub fn is_foreign_key_violation(&self, constraint: &str) -> bool {
        matches!(
            self,
            Self::Statement(DieselError::DatabaseError(DatabaseErrorKind::ForeignKeyViolation, info))
                if info.constraint_name() == Some(constraint)
        )
    }
}

fn statement_fault(error: &DieselError) -> Fault {
    match error {
        DieselError::DatabaseError(kind, info) => match kind {
            DatabaseErrorKind::SerializationFailure | DatabaseErrorKind::UniqueViolation => Fault::Race,
            DatabaseErrorKind::ForeignKeyViolation
            | DatabaseErrorKind::NotNullViolation
            | DatabaseErrorKind::CheckViolation => Fault::Data,
            _ => message_fault(info.message()),
        },
        DieselError::SerializationError(_) | DieselError::DeserializationError(_) | DieselError::NotFound => {
            Fault::Data
        }
        _ => Fault::Unavailable,
    }
}

/// The driver hides the SQLSTATE of most errors, so the message has to tell (in the server's English).
fn message_fault(message: &str) -> Fault {
    const RACES: [&str; 2] = ["deadlock detected", "could not serialize access"];
    const DATA: [&str; 5] = [
        "out of range",
        "invalid byte sequence",
        "unsupported Unicode escape",
        "value too long",
        "invalid input syntax",
    ];
    if RACES.iter().any(|text| message.contains(text)) {
        Fault::Race
    } else if DATA.iter().any(|text| message.contains(text)) {
        Fault::Data
    } else {
        Fault::Unavailable
    }
}
