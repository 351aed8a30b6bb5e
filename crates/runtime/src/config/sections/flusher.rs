//! The flushing of outgoing messages.

use std::time::Duration;

use super::{MAX_WAIT, SECONDS};
use crate::config::Kind;
use crate::config::reader::Reader;
use crate::config::variable::variables;

const BURST: Kind = Kind::Int(1, 1_000_000);

variables! {
    Flusher {
        PROCESSES = "FLUSH_PROCESSES", Kind::Int(0, 10_000), ["1"],
            "parallel flushers; 0 = flush nothing, but keep running";
        PERIOD = "FLUSH_PERIOD", Kind::Float(0.0, MAX_WAIT), ["2.0"],
            "seconds from the start of one flush to the start of the next, if nothing happens in between";
        CONFIGURE_ACCOUNTS = "APP_FLUSH_CONFIGURE_ACCOUNTS_BURST_COUNT", BURST, ["5000"], "messages per batch";
        PREPARE_TRANSFERS = "APP_FLUSH_PREPARE_TRANSFERS_BURST_COUNT", BURST, ["5000"], "messages per batch";
        FINALIZE_TRANSFERS = "APP_FLUSH_FINALIZE_TRANSFERS_BURST_COUNT", BURST, ["5000"], "messages per batch";
        UPDATED_LEDGER = "APP_FLUSH_UPDATED_LEDGER_BURST_COUNT", BURST, ["5000"], "messages per batch";
        UPDATED_POLICY = "APP_FLUSH_UPDATED_POLICY_BURST_COUNT", BURST, ["5000"], "messages per batch";
        UPDATED_FLAGS = "APP_FLUSH_UPDATED_FLAGS_BURST_COUNT", BURST, ["5000"], "messages per batch";
        REJECTED_CONFIGS = "APP_FLUSH_REJECTED_CONFIGS_BURST_COUNT", BURST, ["5000"], "messages per batch";
    }
}

/// The flushing of outgoing messages (processing §14).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Flusher {
    /// Parallel flushers; with 0 the service idles.
    pub processes: u32,
    /// From the start of one flush to the start of the next.
    pub period: Duration,
    /// Largest batches.
    pub burst_counts: BurstCounts,
}

/// The largest number of messages in one batch, by type, each at least 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BurstCounts {
    /// `ConfigureAccount`
    pub configure_accounts: u32,
    /// `PrepareTransfer`
    pub prepare_transfers: u32,
    /// `FinalizeTransfer`
    pub finalize_transfers: u32,
    /// `UpdatedLedger`
    pub updated_ledger: u32,
    /// `UpdatedPolicy`
    pub updated_policy: u32,
    /// `UpdatedFlags`
    pub updated_flags: u32,
    /// `RejectedConfig`
    pub rejected_configs: u32,
}

impl Flusher {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        Self {
            processes: reader.int(&PROCESSES),
            period: reader.duration(&PERIOD, SECONDS),
            burst_counts: BurstCounts {
                configure_accounts: reader.int(&CONFIGURE_ACCOUNTS),
                prepare_transfers: reader.int(&PREPARE_TRANSFERS),
                finalize_transfers: reader.int(&FINALIZE_TRANSFERS),
                updated_ledger: reader.int(&UPDATED_LEDGER),
                updated_policy: reader.int(&UPDATED_POLICY),
                updated_flags: reader.int(&UPDATED_FLAGS),
                rejected_configs: reader.int(&REJECTED_CONFIGS),
            },
        }
    }
}
