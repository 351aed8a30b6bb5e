//! Per-creditor counters against abuse (processing §10, webapi §10).
//!
//! Totals (accounts, transfers) go up and down and may drift in the user's favour; event counts (configuration changes,
//! initiated transfers) expire after some hours.

use crate::{Timestamp, numeric};

/// A number of hours since 1970-01-01T00:00Z.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Hour(pub i32);

impl Hour {
    /// The hour in which `instant` lies.
    pub fn of(instant: Timestamp) -> Self {
        Self(numeric::clamp_to_i32(instant.timestamp().div_euclid(3600)))
    }
}

/// A count of events that expires.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct EventCount {
    /// Events since the count began.
    pub count: i16,
    /// The hour number at which the count expires.
    pub reset_at: i32,
}

impl EventCount {
    /// The count that matters at the given hour.
    pub const fn effective(self, hour: Hour) -> i16 {
        if hour.0 < self.reset_at { self.count } else { 0 }
    }

    /// One more event; a new count lasts for `clear_hours`.
    #[must_use]
    pub const fn register(self, hour: Hour, clear_hours: i32) -> Self {
        if hour.0 < self.reset_at {
            Self { count: self.count.saturating_add(1), reset_at: self.reset_at }
        } else {
            Self { count: 1, reset_at: hour.0.saturating_add(clear_hours) }
        }
    }
}

/// A row of `usage_stats`; a missing row is the same as [`Counters::default`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Accounts the creditor has.
    pub accounts: i16,
    /// Running transfers the creditor has.
    pub transfers: i16,
    /// Configuration changes of any kind.
    pub reconfigs: EventCount,
    /// Initiated transfers.
    pub initiations: EventCount,
}

/// The greatest counts with which operations are still refused: at a limit of 3, three are possible.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// `APP_MAX_CREDITOR_ACCOUNTS`.
    pub accounts: i32,
    /// `APP_MAX_CREDITOR_TRANSFERS`.
    pub transfers: i32,
    /// `APP_MAX_CREDITOR_RECONFIGS`.
    pub reconfigs: i32,
    /// `APP_MAX_CREDITOR_INITIATIONS`.
    pub initiations: i32,
}

/// What may be done.
impl Counters {
    /// Whether an account may be created.
    pub fn allow_account_creation(&self, limits: &Limits, hour: Hour) -> bool {
        is_below(self.accounts, limits.accounts) && self.allow_reconfig(limits, hour)
    }

    /// Whether a configuration, a PIN, … may be changed.
    pub fn allow_reconfig(&self, limits: &Limits, hour: Hour) -> bool {
        is_below(self.reconfigs.effective(hour), limits.reconfigs)
    }

    /// Whether a transfer may be initiated.
    pub fn allow_transfer_creation(&self, limits: &Limits, hour: Hour) -> bool {
        is_below(self.transfers, limits.transfers) && is_below(self.initiations.effective(hour), limits.initiations)
    }
}

/// What has been done.
impl Counters {
    /// An account was created.
    #[must_use]
    pub const fn register_account_creation(self, hour: Hour, clear_hours: i32) -> Self {
        self.change_accounts(1).register_reconfig(hour, clear_hours)
    }

    /// A configuration, a PIN, … was changed.
    #[must_use]
    pub const fn register_reconfig(self, hour: Hour, clear_hours: i32) -> Self {
        Self { reconfigs: self.reconfigs.register(hour, clear_hours), ..self }
    }

    /// A transfer was initiated.
    #[must_use]
    pub const fn register_transfer_creation(self, hour: Hour, clear_hours: i32) -> Self {
        Self { initiations: self.initiations.register(hour, clear_hours), ..self.change_transfers(1) }
    }

    /// `change` more accounts: −1 before a deletion is tried, +1 if nothing was deleted.
    #[must_use]
    pub const fn change_accounts(self, change: i16) -> Self {
        Self { accounts: self.accounts.saturating_add(change), ..self }
    }

    /// `change` more transfers: −1 before a deletion is tried, +1 if nothing was deleted.
    #[must_use]
    pub const fn change_transfers(self, change: i16) -> Self {
        Self { transfers: self.transfers.saturating_add(change), ..self }
    }
}

/// A limit of zero or less allows nothing, even to those whose count has drifted below zero.
fn is_below(count: i16, limit: i32) -> bool {
    limit > 0 && i32::from(count) < limit
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::time::EPOCH;

    const LIMITS: Limits = Limits { accounts: 2, transfers: 3, reconfigs: 4, initiations: 5 };
    const NOW: Hour = Hour(1000);

    #[test]
    fn hours() {
        for (seconds, hour) in [(0, 0), (3599, 0), (3600, 1), (-1, -1)] {
            assert_eq!(Hour::of(EPOCH + chrono::TimeDelta::seconds(seconds)), Hour(hour));
        }
    }

    #[test]
    fn limits() {
        let row = |accounts, transfers, reconfigs, initiations, reset_at| Counters {
            accounts,
            transfers,
            reconfigs: EventCount { count: reconfigs, reset_at },
            initiations: EventCount { count: initiations, reset_at },
        };
        // Each row with what it allows: account creation, configuration change, transfer creation.
        let cases = [
            (Counters::default(), [true, true, true]),
            (row(1, 2, 3, 4, 1001), [true, true, true]),
            (row(2, 2, 3, 4, 1001), [false, true, true]),
            (row(1, 3, 3, 4, 1001), [true, true, false]),
            (row(1, 2, 4, 4, 1001), [false, false, true]),
            (row(1, 2, 3, 5, 1001), [true, true, false]),
            (row(1, 2, 400, 500, 1000), [true, true, true]),
            (row(-7, -7, 0, 0, 0), [true, true, true]),
        ];
        for (row, expected) in cases {
            let actual = [
                row.allow_account_creation(&LIMITS, NOW),
                row.allow_reconfig(&LIMITS, NOW),
                row.allow_transfer_creation(&LIMITS, NOW),
            ];
            assert_eq!(actual, expected, "{row:?}");
        }
    }

    #[test]
    fn a_limit_of_zero_forbids_everything() {
        let drifted = Counters { accounts: -1, transfers: -1, ..Counters::default() };
        for row in [Counters::default(), drifted] {
            for limit in [0, -1] {
                assert!(!row.allow_account_creation(&Limits { accounts: limit, ..LIMITS }, NOW));
                assert!(!row.allow_account_creation(&Limits { reconfigs: limit, ..LIMITS }, NOW));
                assert!(!row.allow_reconfig(&Limits { reconfigs: limit, ..LIMITS }, NOW));
                assert!(!row.allow_transfer_creation(&Limits { transfers: limit, ..LIMITS }, NOW));
                assert!(!row.allow_transfer_creation(&Limits { initiations: limit, ..LIMITS }, NOW));
            }
        }
    }

    #[test]
    fn events_expire() {
        let first = EventCount::default().register(NOW, 10);
        assert_eq!(first, EventCount { count: 1, reset_at: 1010 });
        let second = first.register(Hour(1009), 10);
        assert_eq!(second, EventCount { count: 2, reset_at: 1010 });
        assert_eq!((second.effective(Hour(1009)), second.effective(Hour(1010))), (2, 0));
        assert_eq!(second.register(Hour(1010), 10), EventCount { count: 1, reset_at: 1020 });
    }

    #[test]
    fn with_no_time_to_live_nothing_is_ever_counted() {
        let mut row = Counters::default();
        for _ in 0..100 {
            row = row.register_account_creation(NOW, 0).register_transfer_creation(NOW, 0);
        }
        assert_eq!((row.accounts, row.reconfigs.effective(NOW)), (100, 0));
        assert_eq!((row.transfers, row.initiations.effective(NOW)), (100, 0));

        let row = Counters::default().register_reconfig(NOW, 10000).register_transfer_creation(NOW, 10000);
        assert!(!row.allow_reconfig(&Limits { reconfigs: 1, ..LIMITS }, NOW));
        assert!(!row.allow_transfer_creation(&Limits { initiations: 1, ..LIMITS }, NOW));
    }

    #[test]
    fn counts_saturate() {
        let full = Counters {
            accounts: i16::MAX,
            transfers: i16::MIN,
            reconfigs: EventCount { count: i16::MAX, reset_at: i32::MAX },
            ..Counters::default()
        };
        assert_eq!(full.change_accounts(1), full);
        assert_eq!(full.change_transfers(-1), full);
        assert_eq!(full.register_account_creation(NOW, 1), full);
        assert_eq!(EventCount::default().register(NOW, i32::MAX), EventCount { count: 1, reset_at: i32::MAX });
    }

    #[test]
    fn deletions_count_down_and_up_again() {
        let row = Counters::default().change_accounts(-1).change_transfers(-1);
        assert_eq!((row.accounts, row.transfers), (-1, -1));
        assert_eq!(row.change_accounts(1).change_transfers(1), Counters::default());
    }
}
