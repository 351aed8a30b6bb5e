//! What the scanners may delete (processing §13.2, §15).

use chrono::{NaiveDate, TimeDelta};

use crate::{CreditorId, Shard, Timestamp, creditor::StatusFlags, time};

/// What a split has left behind of the parent shard.
///
/// Nothing counts as such unless the operator has said that it is to be deleted.
#[derive(Clone, Copy, Debug)]
pub struct LeftOvers {
    shard: Shard,
    delete: bool,
}

impl LeftOvers {
    /// Of the shard. `delete`: whether they are to be deleted (`DELETE_PARENT_SHARD_RECORDS`).
    pub const fn new(shard: Shard, delete: bool) -> Self {
        Self { shard, delete }
    }

    /// Whether the shard is responsible for the creditor.
    pub fn is_ours(&self, creditor_id: CreditorId) -> bool {
        self.shard.is_valid(creditor_id)
    }

    /// Whether the creditor is to be deleted because it belongs to the sibling shard.
    ///
    /// One that the parent was not responsible for stays: it is a mistake that somebody should look at.
    pub fn contains_creditor(&self, creditor_id: CreditorId) -> bool {
        self.delete && !self.shard.is_valid(creditor_id) && self.shard.is_valid_for_parent(creditor_id)
    }

    /// Whether the creditor's log entries, ledger entries and committed transfers are to be deleted because it is none of
    /// ours.
    pub fn contains_record(&self, creditor_id: CreditorId) -> bool {
        self.delete && !self.shard.is_valid(creditor_id)
    }
}

/// How long creditors stay that nobody uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CreditorRetention {
    /// Those that were reserved and never activated.
    pub inactive: TimeDelta,
    /// Those that were deactivated; counted in days.
    pub deactivated: TimeDelta,
}

/// How far a creditor is in its life.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stage {
    /// Activated? Deactivated?
    pub status: StatusFlags,
    /// When its id was reserved.
    pub created_at: Timestamp,
    /// When it was deactivated, if that is known.
    pub deactivation_date: Option<NaiveDate>,
}

impl CreditorRetention {
    /// Whether a creditor has stayed long enough.
    pub fn is_over(&self, stage: &Stage, now: Timestamp) -> bool {
        if stage.status.is_deactivated() {
            let cutoff = time::before(now, self.deactivated).date_naive();
            stage.deactivation_date.is_none_or(|date| date < cutoff)
        } else {
            !stage.status.is_activated() && is_over(stage.created_at, self.inactive, now)
        }
    }
}

/// Which creditors are to be deleted.
#[derive(Clone, Copy, Debug)]
pub struct CreditorRules {
    /// How long those stay that nobody uses.
    pub retention: CreditorRetention,
    /// Those that a split has left behind do not stay.
    pub left_overs: LeftOvers,
}

impl CreditorRules {
    /// Whether the creditor is to be deleted.
    pub fn condemn(&self, creditor_id: CreditorId, stage: &Stage, now: Timestamp) -> bool {
        self.left_overs.contains_creditor(creditor_id) || self.retention.is_over(stage, now)
    }
}

/// Which log entries, ledger entries, or committed transfers are to be deleted.
#[derive(Clone, Copy, Debug)]
pub struct RecordRules {
    /// How long they stay.
    pub retention: TimeDelta,
    /// Those that a split has left behind do not stay.
    pub left_overs: LeftOvers,
    /// Fewer than so many of one page are spared. Any dead row takes its page out of the visibility map, and with it the
    /// page's other rows out of the reach of index-only scans; so pages should be emptied, not perforated.
    pub min_group: usize,
}

impl RecordRules {
    /// Whether a record of the creditor, from the moment `since`, need not stay.
    pub fn condemn(&self, creditor_id: CreditorId, since: Timestamp, now: Timestamp) -> bool {
        is_over(since, self.retention, now) || self.left_overs.contains_record(creditor_id)
    }

    /// Which of a page's records are to be deleted now. `facts` tells a record's creditor, and from when it is.
    pub fn select<'a, R>(
        &self,
        page: &'a [R],
        facts: impl Fn(&R) -> (CreditorId, Timestamp),
        now: Timestamp,
    ) -> Vec<&'a R> {
        let is_condemned = |record: &&R| {
            let (creditor_id, since) = facts(record);
            self.condemn(creditor_id, since, now)
        };
        let condemned: Vec<&R> = page.iter().filter(is_condemned).collect();
        if condemned.len() < self.min_group { Vec::new() } else { condemned }
    }
}

/// Whether something from the moment `since` has stayed for `retention`.
pub fn is_over(since: Timestamp, retention: TimeDelta, now: Timestamp) -> bool {
    since < time::before(now, retention)
}

/// How long committed transfers stay: as long as something may refer to them, after the longest delay they may have had.
pub fn of_committed_transfers(max_transfer_delay: TimeDelta, log: TimeDelta, ledger: TimeDelta) -> TimeDelta {
    max_transfer_delay.checked_add(&log.max(ledger)).unwrap_or(TimeDelta::MAX)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::{Realm, test_values::now};

    const MICROSECOND: TimeDelta = TimeDelta::microseconds(1);

    fn stage(bits: i16, created_at: Timestamp, deactivation_date: Option<NaiveDate>) -> Stage {
        Stage { status: StatusFlags::from_bits(bits), created_at, deactivation_date }
    }

    #[test]
    fn creditors_go_when_nobody_uses_them() {
        let retention = CreditorRetention { inactive: TimeDelta::days(14), deactivated: TimeDelta::days(1826) };
        let (fresh, limit) = (now(), now() - retention.inactive);
        let old = limit - MICROSECOND;
        let last_day = (now() - retention.deactivated).date_naive();
        let cases = [
            ("reserved", stage(0, limit, None), false),
            ("reserved long ago", stage(0, old, None), true),
            ("active", stage(1, old, None), false),
            ("active, with a date", stage(1, old, last_day.pred_opt()), false),
            ("deactivated", stage(3, fresh, Some(last_day)), false),
            ("deactivated long ago", stage(3, fresh, last_day.pred_opt()), true),
            ("deactivated, nobody knows when", stage(3, fresh, None), true),
        ];
        for (what, stage, expected) in cases {
            assert_eq!(retention.is_over(&stage, now()), expected, "{what}");
        }
    }

    #[test]
    fn left_overs_are_what_is_not_ours() {
        let (left_overs, [ours, siblings, strangers]) = after_a_split();
        let cases = [(ours, (false, false), true), (siblings, (true, true), false), (strangers, (false, true), false)];
        for (id, expected, is_ours) in cases {
            assert_eq!((left_overs.contains_creditor(id), left_overs.contains_record(id)), expected, "{id:?}");
            assert_eq!(left_overs.is_ours(id), is_ours, "{id:?}");
            let kept = LeftOvers { delete: false, ..left_overs };
            assert!(!kept.contains_creditor(id) && !kept.contains_record(id), "{id:?}");
        }
    }

    /// Those of a shard `1.#`, and one id of each kind: ours, the sibling's, that of strangers.
    fn after_a_split() -> (LeftOvers, [CreditorId; 3]) {
        let (min, max) = (CreditorId::new(0x1_0000_0000), CreditorId::new(0x1_0000_ffff));
        let shard = Shard::new(min, max, Realm::parse("1.#").unwrap());
        let find =
            |valid: bool| (min.get()..=max.get()).map(CreditorId::new).find(|id| shard.is_valid(*id) == valid).unwrap();
        (LeftOvers::new(shard, true), [find(true), find(false), CreditorId::new(7)])
    }

    #[test]
    fn a_stranger_is_kept_and_its_records_are_not() {
        let (left_overs, [ours, siblings, strangers]) = after_a_split();
        let retention = CreditorRetention { inactive: TimeDelta::days(14), deactivated: TimeDelta::days(1826) };
        let creditors = CreditorRules { retention, left_overs };
        let records = RecordRules { retention: TimeDelta::days(45), left_overs, min_group: 1 };
        let long_ago = now() - TimeDelta::days(46);
        for (id, deletes_active, deletes_fresh) in
            [(ours, false, false), (siblings, true, true), (strangers, false, true)]
        {
            assert_eq!(creditors.condemn(id, &stage(1, long_ago, None), now()), deletes_active, "{id:?}");
            assert!(creditors.condemn(id, &stage(0, long_ago, None), now()), "{id:?}");
            assert_eq!(records.condemn(id, now(), now()), deletes_fresh, "{id:?}");
            assert!(records.condemn(id, long_ago, now()), "{id:?}");
        }
    }

    proptest! {
        /// All that is condemned, or nothing; and nothing only if it is too little.
        #[test]
        fn pages_are_emptied_or_spared(
            ages in proptest::collection::vec((44_i64..48, 0_usize..3), 0..60),
            min_group in 1_usize..40,
        ) {
            let (left_overs, ids) = after_a_split();
            let rules = RecordRules { retention: TimeDelta::days(45), left_overs, min_group };
            let page: Vec<_> = ages.iter().map(|&(days, whose)| (ids[whose], now() - TimeDelta::days(days))).collect();
            let selected = rules.select(&page, |&record| record, now());
            let condemned: Vec<_> = page.iter().filter(|(id, since)| rules.condemn(*id, *since, now())).collect();
            prop_assert!(condemned.iter().all(|(id, since)| *id != ids[0] || *since < now() - rules.retention));
            if condemned.len() < min_group {
                prop_assert_eq!(selected.len(), 0);
            } else {
                prop_assert_eq!(selected, condemned);
            }
        }
    }

    #[test]
    fn transfers_stay_as_long_as_entries_about_them() {
        let days = TimeDelta::days;
        assert_eq!(of_committed_transfers(days(14), days(45), days(30)), days(59));
        assert_eq!(of_committed_transfers(days(14), days(30), days(45)), days(59));
        assert_eq!(of_committed_transfers(TimeDelta::MAX, days(30), days(45)), TimeDelta::MAX);
        assert!(!is_over(now() - days(59), days(59), now()));
        assert!(is_over(now() - days(59) - MICROSECOND, days(59), now()));
    }
}
