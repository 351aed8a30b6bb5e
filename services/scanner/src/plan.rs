//! What the command line and the environment amount to.

use std::time::Duration;

use chrono::TimeDelta;
use domain::{
    account::{Checkup, Patience},
    retention::{self, CreditorRetention, CreditorRules, LeftOvers, RecordRules},
    sharding::{InvalidRoutingKey, Shard},
};
use persistence::scan;
use runtime::config::{Policy, Scan, Settings};

use crate::arguments::{Arguments, Days, Hours, Table};

/// Which tables are scanned, and how.
pub(crate) struct Plan {
    /// The tables.
    pub(crate) tables: Vec<scan::Table>,
    /// Whether to end after a while.
    pub(crate) quit_early: bool,
    /// A goal that was given on the command line.
    goal: Option<Duration>,
}

impl Plan {
    pub(crate) fn new(arguments: &Arguments) -> Self {
        let (table, goal, quit_early) = match &arguments.table {
            None => (None, None, false),
            Some(Table::Accounts(Hours { hours, quit_early, .. })) => {
                (Some(scan::Table::Accounts), *hours, *quit_early)
            }
            Some(Table::Creditors(days)) => of_days(scan::Table::Creditors, *days),
            Some(Table::LogEntries(days)) => of_days(scan::Table::LogEntries, *days),
            Some(Table::LedgerEntries(days)) => of_days(scan::Table::LedgerEntries, *days),
            Some(Table::CommittedTransfers(days)) => of_days(scan::Table::CommittedTransfers, *days),
        };
        Self {
            tables: table.map_or_else(|| scan::Table::ALL.to_vec(), |table| vec![table]),
            quit_early: arguments.quit_early || quit_early,
            goal: goal.filter(|goal| !goal.is_zero()),
        }
    }

    /// How a table is scanned.
    pub(crate) fn scan(&self, table: scan::Table, settings: &Settings) -> Scan {
        let scans = &settings.scans;
        let configured = match table {
            scan::Table::Creditors => scans.creditors,
            scan::Table::Accounts => scans.accounts,
            scan::Table::LogEntries => scans.log_entries,
            scan::Table::LedgerEntries => scans.ledger_entries,
            scan::Table::CommittedTransfers => scans.committed_transfers,
        };
        Scan { goal: self.goal.unwrap_or(configured.goal), ..configured }
    }
}

fn of_days(table: scan::Table, days: Days) -> (Option<scan::Table>, Option<Duration>, bool) {
    (Some(table), days.days, days.quit_early)
}

/// What is to be deleted and repaired.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rules {
    pub(crate) shard: Shard,
    pub(crate) creditors: CreditorRules,
    pub(crate) checkup: Checkup,
    pub(crate) log_entries: RecordRules,
    pub(crate) ledger_entries: RecordRules,
    pub(crate) committed_transfers: RecordRules,
}

impl Rules {
    pub(crate) fn new(settings: &Settings) -> Result<Self, InvalidRoutingKey> {
        let Settings { shard, policy, scans, .. } = settings;
        let delete = shard.delete_parent_shard_records;
        let shard = Shard::parse(shard.min_creditor_id, shard.max_creditor_id, &shard.routing_key)?;
        let left_overs = LeftOvers::new(shard, delete);
        let records = |retention, min_group| RecordRules { retention, left_overs, min_group };
        Ok(Self {
            shard,
            creditors: CreditorRules { retention: creditor_retention(policy), left_overs },
            checkup: checkup(policy),
            log_entries: records(policy.log_retention, scans.min_groups.log_entries),
            ledger_entries: records(policy.ledger_retention, scans.min_groups.ledger_entries),
            committed_transfers: records(transfer_retention(policy), scans.min_groups.committed_transfers),
        })
    }
}

const fn creditor_retention(policy: &Policy) -> CreditorRetention {
    CreditorRetention {
        inactive: policy.inactive_creditor_retention,
        deactivated: policy.deactivated_creditor_retention,
    }
}

const fn checkup(policy: &Policy) -> Checkup {
    Checkup {
        max_transfer_delay: policy.max_transfer_delay,
        patience: Patience { config: policy.max_config_delay, heartbeat: policy.max_heartbeat_delay },
    }
}

fn transfer_retention(policy: &Policy) -> TimeDelta {
    retention::of_committed_transfers(policy.max_transfer_delay, policy.log_retention, policy.ledger_retention)
}

#[cfg(test)]
mod tests {
    use runtime::config::Environment;

    use super::*;

    fn settings(variables: &[(&str, &str)]) -> Settings {
        Settings::load(&Environment::from_pairs(variables.iter().copied())).unwrap()
    }

    #[test]
    fn the_command_line_wins_unless_it_says_0() {
        let settings = settings(&[("APP_LOG_ENTRIES_SCAN_DAYS", "3"), ("APP_LOG_ENTRIES_SCAN_BEAT_MILLISECS", "7")]);
        let day = Duration::from_hours(24);
        for (days, goal) in [(None, 3 * day), (Some(Duration::ZERO), 3 * day), (Some(day), day)] {
            let table = Table::LogEntries(Days { days, quit_early: true });
            let plan = Plan::new(&Arguments { table: Some(table), quit_early: false });
            assert_eq!((plan.tables.as_slice(), plan.quit_early), (&[scan::Table::LogEntries][..], true));
            let scan = plan.scan(scan::Table::LogEntries, &settings);
            assert_eq!((scan.goal, scan.beat), (goal, Duration::from_millis(7)));
        }
        let all = Plan::new(&Arguments::default());
        assert_eq!((all.tables.as_slice(), all.quit_early), (&scan::Table::ALL[..], false));
        assert_eq!(all.scan(scan::Table::Accounts, &settings).goal, Duration::from_hours(8));
    }

    #[test]
    fn rules_are_those_of_the_policy() {
        let rules = Rules::new(&settings(&[
            ("APP_LOG_RETENTION_DAYS", "50"),
            ("APP_LEDGER_RETENTION_DAYS", "60"),
            ("APP_MAX_TRANSFER_DELAY_DAYS", "7"),
            ("APP_LEDGER_ENTRIES_SCAN_MIN_GROUP", "1"),
        ]))
        .unwrap();
        let days = TimeDelta::days;
        assert_eq!((rules.log_entries.retention, rules.log_entries.min_group), (days(50), 25));
        assert_eq!((rules.ledger_entries.retention, rules.ledger_entries.min_group), (days(60), 1));
        assert_eq!((rules.committed_transfers.retention, rules.committed_transfers.min_group), (days(67), 25));
        assert_eq!(rules.checkup.max_transfer_delay, days(7));
        assert_eq!(rules.checkup.patience, Patience { config: days(1), heartbeat: days(365) });
        let retention = CreditorRetention { inactive: days(14), deactivated: days(1826) };
        assert_eq!(rules.creditors.retention, retention);
    }
}
