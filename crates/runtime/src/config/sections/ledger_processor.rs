//! The updates of the accounts' ledgers.

use std::time::Duration;

use super::{MAX_WAIT, SECONDS};
use crate::config::Kind;
use crate::config::reader::Reader;
use crate::config::variable::variables;

variables! {
    LedgerProcessor {
        THREADS = "PROCESS_LEDGER_UPDATES_THREADS", Kind::Int(1, 10_000), ["1"], "parallel workers";
        WAIT = "APP_PROCESS_LEDGER_UPDATES_WAIT", Kind::Float(0.0, MAX_WAIT), ["5"],
            "seconds from the start of one pass to the start of the next, if nothing happens in between";
        BURST = "APP_PROCESS_LEDGER_UPDATES_BURST", Kind::Int(1, 1_000_000), ["1000"],
            "transfers of one account that are processed together";
        MAX_COUNT = "APP_PROCESS_LEDGER_UPDATES_MAX_COUNT", Kind::Int(1, 100_000_000), ["50000"],
            "accounts that are looked at together";
    }
}

/// The updates of the accounts' ledgers (processing §7, §16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LedgerProcessor {
    /// Parallel workers, at least 1.
    pub threads: u32,
    /// From the start of one pass to the start of the next.
    pub wait: Duration,
    /// Transfers of one account that are processed together, at least 1.
    pub burst: u32,
    /// Accounts that are looked at together, at least 1.
    pub max_count: u32,
}

impl LedgerProcessor {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        Self {
            threads: reader.int(&THREADS),
            wait: reader.duration(&WAIT, SECONDS),
            burst: reader.int(&BURST),
            max_count: reader.int(&MAX_COUNT),
        }
    }
}
