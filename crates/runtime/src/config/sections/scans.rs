//! The table scanners.

use std::time::Duration;

use super::{DAYS, HOURS, MAX_DAYS, MAX_HOURS, MILLISECONDS};
use crate::config::reader::Reader;
use crate::config::variable::variables;
use crate::config::{Kind, Variable};

const GOAL_DAYS: Kind = Kind::Float(0.0, MAX_DAYS);
const BLOCKS: Kind = Kind::Int(1, 1_000_000);
const GROUP: Kind = Kind::Int(1, 1_000_000);
const BEAT: Kind = Kind::Int(1, 86_400_000);

variables! {
    Scans {
        CREDITORS_GOAL = "APP_CREDITORS_SCAN_DAYS", GOAL_DAYS, ["7"], "days for one pass over the creditors";
        CREDITORS_BLOCKS = "APP_CREDITORS_SCAN_BLOCKS_PER_QUERY", BLOCKS, ["40"], "blocks read at once";
        CREDITORS_BEAT = "APP_CREDITORS_SCAN_BEAT_MILLISECS", BEAT, ["100"], "aim for one step, in milliseconds";
        ACCOUNTS_GOAL = "APP_ACCOUNTS_SCAN_HOURS", Kind::Float(0.0, MAX_HOURS), ["8"],
            "hours for one pass over the accounts";
        ACCOUNTS_BLOCKS = "APP_ACCOUNTS_SCAN_BLOCKS_PER_QUERY", BLOCKS, ["160"], "blocks read at once";
        ACCOUNTS_BEAT = "APP_ACCOUNTS_SCAN_BEAT_MILLISECS", BEAT, ["100"], "aim for one step, in milliseconds";
        LOG_GOAL = "APP_LOG_ENTRIES_SCAN_DAYS", GOAL_DAYS, ["7"], "days for one pass over the log entries";
        LOG_BLOCKS = "APP_LOG_ENTRIES_SCAN_BLOCKS_PER_QUERY", BLOCKS, ["40"], "blocks read at once";
        LOG_BEAT = "APP_LOG_ENTRIES_SCAN_BEAT_MILLISECS", BEAT, ["100"], "aim for one step, in milliseconds";
        LOG_GROUP = "APP_LOG_ENTRIES_SCAN_MIN_GROUP", GROUP, ["25"],
            "fewer overdue rows of one page than this are not deleted";
        LEDGER_GOAL = "APP_LEDGER_ENTRIES_SCAN_DAYS", GOAL_DAYS, ["7"], "days for one pass over the ledger entries";
        LEDGER_BLOCKS = "APP_LEDGER_ENTRIES_SCAN_BLOCKS_PER_QUERY", BLOCKS, ["40"], "blocks read at once";
        LEDGER_BEAT = "APP_LEDGER_ENTRIES_SCAN_BEAT_MILLISECS", BEAT, ["100"], "aim for one step, in milliseconds";
        LEDGER_GROUP = "APP_LEDGER_ENTRIES_SCAN_MIN_GROUP", GROUP, ["50"],
            "fewer overdue rows of one page than this are not deleted";
        TRANSFERS_GOAL = "APP_COMMITTED_TRANSFERS_SCAN_DAYS", GOAL_DAYS, ["7"],
            "days for one pass over the committed transfers";
        TRANSFERS_BLOCKS = "APP_COMMITTED_TRANSFERS_SCAN_BLOCKS_PER_QUERY", BLOCKS, ["100"], "blocks read at once";
        TRANSFERS_BEAT = "APP_COMMITTED_TRANSFERS_SCAN_BEAT_MILLISECS", BEAT, ["100"],
            "aim for one step, in milliseconds";
        TRANSFERS_GROUP = "APP_COMMITTED_TRANSFERS_SCAN_MIN_GROUP", GROUP, ["25"],
            "fewer overdue rows of one page than this are not deleted";
    }
}

/// The rhythms of the table scanners (processing §13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scans {
    /// Creditors.
    pub creditors: Scan,
    /// Accounts.
    pub accounts: Scan,
    /// Log entries.
    pub log_entries: Scan,
    /// Ledger entries.
    pub ledger_entries: Scan,
    /// Committed transfers.
    pub committed_transfers: Scan,
    /// How few rows of a page are spared.
    pub min_groups: MinGroups,
}

/// Fewer overdue rows of one page than this are not deleted (processing §13.2); at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MinGroups {
    /// Log entries.
    pub log_entries: usize,
    /// Ledger entries.
    pub ledger_entries: usize,
    /// Committed transfers.
    pub committed_transfers: usize,
}

/// The rhythm of one table scanner.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Scan {
    /// How long one pass over the table should take.
    pub goal: Duration,
    /// Blocks read at once, at least 1.
    pub blocks_per_query: u32,
    /// The aim for the duration of one step.
    pub beat: Duration,
}

impl Scans {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        Self {
            creditors: scan(reader, (&CREDITORS_GOAL, DAYS), &CREDITORS_BLOCKS, &CREDITORS_BEAT),
            accounts: scan(reader, (&ACCOUNTS_GOAL, HOURS), &ACCOUNTS_BLOCKS, &ACCOUNTS_BEAT),
            log_entries: scan(reader, (&LOG_GOAL, DAYS), &LOG_BLOCKS, &LOG_BEAT),
            ledger_entries: scan(reader, (&LEDGER_GOAL, DAYS), &LEDGER_BLOCKS, &LEDGER_BEAT),
            committed_transfers: scan(reader, (&TRANSFERS_GOAL, DAYS), &TRANSFERS_BLOCKS, &TRANSFERS_BEAT),
            min_groups: MinGroups {
                log_entries: reader.int(&LOG_GROUP),
                ledger_entries: reader.int(&LEDGER_GROUP),
                committed_transfers: reader.int(&TRANSFERS_GROUP),
            },
        }
    }
}

fn scan(reader: &mut Reader, (goal, unit): (&Variable, Duration), blocks: &Variable, beat: &Variable) -> Scan {
    Scan {
        goal: reader.duration(goal, unit),
        blocks_per_query: reader.int(blocks),
        beat: MILLISECONDS * reader.int::<u32>(beat),
    }
}
