//! Instants.

use chrono::{DateTime, NaiveDate, Utc};

/// An instant in UTC with microsecond precision, as PostgreSQL stores it.
pub type Timestamp = DateTime<Utc>;

/// 1970-01-01T00:00:00Z, the "never" of several columns (processing §1).
pub const EPOCH: Timestamp = DateTime::UNIX_EPOCH;

/// 1970-01-01: the creation date of an account that has no server account yet.
pub const EPOCH_DATE: NaiveDate = DateTime::UNIX_EPOCH.date_naive();
