//! How the authority keeps its book.

use chrono::TimeDelta;

/// The habits of an authority.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BookOptions {
    /// Longest time between the preparation of a transfer and its commit.
    pub commit_period: TimeDelta,
    /// Longest transfer note in bytes, 0…500.
    pub transfer_note_max_bytes: i32,
    /// How long after its making an AccountUpdate may still be applied.
    pub update_ttl: TimeDelta,
    /// An account of which nothing has been told for this long has its AccountUpdate repeated.
    pub heartbeat_period: TimeDelta,
    /// A prepared transfer that has not been finalised for this long is announced again.
    pub reminder_period: TimeDelta,
    /// An account scheduled for deletion is removed this long after the last AccountUpdate about it. Must be longer
    /// than messages travel, since an AccountUpdate arriving after the AccountPurge would seem to revive the account.
    pub purge_delay: TimeDelta,
    /// How long a finalised transfer is remembered, to answer repeated messages about it.
    pub memory: TimeDelta,
}

impl Default for BookOptions {
    fn default() -> Self {
        Self {
            commit_period: TimeDelta::days(30),
            transfer_note_max_bytes: 500,
            update_ttl: TimeDelta::days(7),
            heartbeat_period: TimeDelta::days(1),
            reminder_period: TimeDelta::minutes(1),
            purge_delay: TimeDelta::seconds(2),
            memory: TimeDelta::hours(1),
        }
    }
}
