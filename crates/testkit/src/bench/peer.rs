//! What the peer implementation reaches, and our bars.
//!
//! Measured on 2 cores and 24 GB, PostgreSQL 15 (512 MB buffers, fsync on), RabbitMQ 3.10, the load generator on the
//! same machine. Medians of 4 or 5 runs on a shared, noisy machine (spread ±40 %); "quiet" is one run on an idle one.
//! Absolute figures do not carry over to other machines.

use super::figures::{
    Row,
    Value::{self, Megabytes, Milliseconds, Percent, Rate, Seconds},
};

/// Figures of the peer implementation.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Peer {
    pub(super) median: Value,
    pub(super) quiet: Option<Value>,
    /// Processor time per item, service + PostgreSQL.
    pub(super) cpu: Option<&'static str>,
}

/// What a kind of work is compared with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Standard {
    bar: Option<Value>,
    peer: Option<Peer>,
}

impl Standard {
    const fn peer(bar: Value, median: Value, quiet: Option<Value>, cpu: Option<&'static str>) -> Self {
        Self { bar: Some(bar), peer: Some(Peer { median, quiet, cpu }) }
    }

    const fn bar(bar: Value) -> Self {
        Self { bar: Some(bar), peer: None }
    }

    /// What the same program has reached on the machine where the peer was measured.
    const fn machine(median: f64) -> Self {
        Self { bar: None, peer: Some(Peer { median: Rate(median), quiet: None, cpu: None }) }
    }
}

impl Row {
    /// Puts the bar and the peer's figures next to ours.
    pub(super) fn against(mut self, standard: Standard) -> Self {
        if let Some(bar) = standard.bar {
            self = self.bar(bar);
        }
        if let Some(peer) = standard.peer {
            self = self.peer(peer);
        }
        self
    }
}

/// Three threads, prefetch 10; tuned, 2 × 10 threads and prefetch 100, it reaches 207/s, quiet 237/s.
pub(super) const CONSUME: Standard =
    Standard::peer(Rate(10_000.0), Rate(111.0), Some(Rate(170.0)), Some("4.9 + 1.1 ms"));
pub(super) const CONSUME_TUNED: Standard = Standard::peer(Rate(10_000.0), Rate(207.0), Some(Rate(237.0)), None);
pub(super) const CONSUME_LONE_P99: Standard = Standard::bar(Milliseconds(10.0));
pub(super) const CONSUME_MEMORY: Standard = Standard::bar(Megabytes(60.0));
/// Stored functions, 10 threads.
pub(super) const LOG: Standard =
    Standard::peer(Rate(80_000.0), Rate(17_109.0), Some(Rate(16_868.0)), Some("29 + 54 µs"));
pub(super) const LOG_HOT: Standard = Standard::bar(Rate(80_000.0));
/// Stored functions, 10 threads.
pub(super) const LEDGER: Standard =
    Standard::peer(Rate(60_000.0), Rate(13_431.0), Some(Rate(13_968.0)), Some("37 + 58 µs"));
pub(super) const FLUSH: Standard =
    Standard::peer(Rate(16_000.0), Rate(4_793.0), Some(Rate(5_246.0)), Some("147 + 21 µs"));

/// Of a processor: nobody should feel a scan.
pub(super) const SCAN_SHARE: Standard = Standard::bar(Percent(0.1));
pub(super) const SCAN_DELETE: Standard = Standard::bar(Rate(20_000.0));
/// The 99th percentile on an idle system.
pub(super) const FLUSH_LONE: Standard = Standard::bar(Milliseconds(20.0));
pub(super) const FLUSH_BACKLOG: Standard = Standard::bar(Rate(16_000.0));

/// More processor time than with trusted headers.
pub(super) const CACHED_TOKEN: Standard = Standard::bar(Percent(5.0));
pub(super) const SIGNED_TOKEN: Standard = Standard::bar(Milliseconds(0.1));

pub(super) const GET_WALLET: Standard = Standard::peer(Rate(8_000.0), Rate(229.0), Some(Rate(296.0)), Some("5.3 ms"));
pub(super) const GET_ACCOUNT: Standard = Standard::peer(Rate(5_000.0), Rate(183.0), Some(Rate(213.0)), Some("7.7 ms"));
pub(super) const GET_LOG_PAGE: Standard = Standard::peer(Rate(2_500.0), Rate(32.0), Some(Rate(56.0)), Some("35.7 ms"));
pub(super) const GET_LEDGER_PAGE: Standard =
    Standard::peer(Rate(2_500.0), Rate(28.0), Some(Rate(48.0)), Some("38.5 ms"));
pub(super) const POST_TRANSFER: Standard = Standard::peer(Rate(2_500.0), Rate(96.0), Some(Rate(115.0)), Some("9.0 ms"));
pub(super) const PATCH_DISPLAY: Standard =
    Standard::peer(Rate(2_500.0), Rate(101.0), Some(Rate(137.0)), Some("8.0 ms"));
/// The 99th percentile with half of the load that it can take.
pub(super) const HALF_LOAD: Standard = Standard::bar(Milliseconds(10.0));

pub(super) const PAYMENT: Standard =
    Standard::peer(Milliseconds(15.0), Milliseconds(1_110.0), Some(Milliseconds(1_200.0)), None);
pub(super) const INCOMING_LOG: Standard =
    Standard::peer(Milliseconds(15.0), Milliseconds(3_650.0), Some(Milliseconds(3_500.0)), None);
pub(super) const INCOMING_LEDGER: Standard = Standard::peer(Milliseconds(25.0), Milliseconds(6_000.0), None, None);
/// Two hundred clients in a closed loop; the median payment takes the peer 9.9 s.
pub(super) const PAYMENTS: Standard = Standard::peer(Rate(1_000.0), Rate(18.0), Some(Rate(29.0)), Some("38 + 12 ms"));
/// The 99th percentile of a lone payment.
pub(super) const PAYMENT_P99: Standard = Standard::bar(Milliseconds(100.0));

pub(super) const MEMORY: Standard = Standard::peer(Megabytes(120.0), Megabytes(798.0), None, None);
pub(super) const MEMORY_EACH: Standard = Standard::bar(Megabytes(30.0));
pub(super) const MEMORY_ALL: Standard = Standard::bar(Megabytes(150.0));
pub(super) const READY: Standard = Standard::bar(Milliseconds(1_000.0));
pub(super) const IDLE_SERVICES: Standard = Standard::peer(Seconds(0.2), Seconds(0.73), None, None);
pub(super) const IDLE_POSTGRES: Standard = Standard::peer(Seconds(0.1), Seconds(0.24), None, None);

pub(super) const COMMITS_1: Standard = Standard::machine(2_552.0);
pub(super) const COMMITS_10: Standard = Standard::machine(6_312.0);
pub(super) const COMMITS_32: Standard = Standard::machine(7_544.0);
pub(super) const SELECTS_10: Standard = Standard::machine(20_436.0);
pub(super) const INSERTS_1: Standard = Standard::machine(98_725.0);
pub(super) const INSERTS_4: Standard = Standard::machine(99_425.0);
pub(super) const PUBLISHED: Standard = Standard::machine(21_773.0);
pub(super) const CONSUMED_100: Standard = Standard::machine(37_705.0);
pub(super) const CONSUMED_1000: Standard = Standard::machine(68_380.0);
