//! What operators see of the updates.

use std::time::Duration;

use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use procedures::ledger_updates::Report;
use tracing::debug;

const ENTRIES: &str = "creditors_ledger_entries_total";
const BATCH_ACCOUNTS: &str = "creditors_ledger_batch_accounts";
const BATCH_ENTRIES: &str = "creditors_ledger_batch_entries";
const BATCH_SECONDS: &str = "creditors_ledger_batch_seconds";
const PENDING: &str = "creditors_ledger_pending_rows";
const LAG: &str = "creditors_ledger_lag_seconds";

/// Explains the metrics to whoever reads them.
pub(crate) fn describe() {
    describe_counter!(ENTRIES, Unit::Count, "Ledger entries that were made.");
    describe_histogram!(BATCH_ACCOUNTS, Unit::Count, "Accounts per transaction.");
    describe_histogram!(BATCH_ENTRIES, Unit::Count, "Ledger entries per transaction.");
    describe_histogram!(BATCH_SECONDS, Unit::Seconds, "From claiming accounts to the commit.");
    describe_gauge!(PENDING, Unit::Count, "Accounts whose ledgers wait to be brought forward.");
    describe_gauge!(LAG, Unit::Seconds, "How long, at least, one of them has been waiting.");
}

/// A batch is done.
#[expect(clippy::cast_precision_loss, reason = "a batch is far from 2⁵² rows")]
pub(crate) fn record(report: &Report, duration: Duration) {
    counter!(ENTRIES).increment(u64::try_from(report.entries).unwrap_or(u64::MAX));
    histogram!(BATCH_ACCOUNTS).record(report.accounts as f64);
    histogram!(BATCH_ENTRIES).record(report.entries as f64);
    histogram!(BATCH_SECONDS).record(duration);
    debug!(
        accounts = report.accounts,
        finished = report.finished,
        entries = report.entries,
        duration_seconds = duration.as_secs_f64(),
        "Brought {} ledgers forward.",
        report.accounts
    );
}

/// So much is waiting, for so long.
pub(crate) fn set_waiting(rows: i64, lag: Duration) {
    #[expect(clippy::cast_precision_loss, reason = "a metric of more than 2⁵² rows need not be exact")]
    gauge!(PENDING).set(rows as f64);
    gauge!(LAG).set(lag.as_secs_f64());
}
