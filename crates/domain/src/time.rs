//! Instants.

use chrono::{DateTime, NaiveDate, TimeDelta, Utc};

/// An instant in UTC with microsecond precision, as PostgreSQL stores it.
pub type Timestamp = DateTime<Utc>;

/// 1970-01-01T00:00:00Z, the "never" of several columns (processing §1).
pub const EPOCH: Timestamp = DateTime::UNIX_EPOCH;

/// 1970-01-01: the creation date of an account that has no server account yet.
pub const EPOCH_DATE: NaiveDate = DateTime::UNIX_EPOCH.naive_utc().date();

/// The instant `delay` before `now`; the earliest instant there is, if that would be earlier still.
pub fn before(now: Timestamp, delay: TimeDelta) -> Timestamp {
    now.checked_sub_signed(delay).unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// Time passed from `earlier` to `later`; negative when they are the other way round.
pub fn between(earlier: Timestamp, later: Timestamp) -> TimeDelta {
    later.signed_duration_since(earlier)
}
