//! What operators see of the additions.

use std::{sync::Arc, time::Duration};

use domain::Timestamp;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use persistence::{Db, Result, pending_log_entry};
use procedures::log_additions::Report;
use runtime::Clock;
use tracing::debug;

/// From one measurement of the queue to the next.
pub(crate) const PERIOD: Duration = Duration::from_secs(10);

const ENTRIES: &str = "creditors_log_entries_total";
const DROPPED: &str = "creditors_log_dropped_total";
const BATCH_ENTRIES: &str = "creditors_log_batch_entries";
const BATCH_SECONDS: &str = "creditors_log_batch_seconds";
const PENDING: &str = "creditors_log_pending_rows";
const LAG: &str = "creditors_log_lag_seconds";

/// Explains the metrics to whoever reads them.
pub(crate) fn describe() {
    describe_counter!(ENTRIES, Unit::Count, "Log entries that were made.");
    describe_counter!(DROPPED, Unit::Count, "Pending log entries of creditors that do not exist, dropped.");
    describe_histogram!(BATCH_ENTRIES, Unit::Count, "Pending log entries per transaction.");
    describe_histogram!(BATCH_SECONDS, Unit::Seconds, "From looking for pending log entries to the commit.");
    describe_gauge!(PENDING, Unit::Count, "Log entries that wait for their numbers.");
    describe_gauge!(LAG, Unit::Seconds, "How long the oldest of them has been waiting.");
}

/// A batch is done.
pub(crate) fn record(report: &Report, duration: Duration) {
    let dropped = u64::try_from(report.dropped).unwrap_or(u64::MAX);
    let taken = report.taken.unsigned_abs().saturating_add(dropped);
    counter!(ENTRIES).increment(report.logged.unsigned_abs());
    counter!(DROPPED).increment(dropped);
    #[expect(clippy::cast_precision_loss, reason = "a batch is far from 2⁵² entries")]
    histogram!(BATCH_ENTRIES).record(taken as f64);
    histogram!(BATCH_SECONDS).record(duration);
    debug!(
        taken = report.taken,
        logged = report.logged,
        dropped = report.dropped,
        busy = report.busy,
        duration_seconds = duration.as_secs_f64(),
        "Added {} log entries.",
        report.logged
    );
}

/// Measures the queue.
pub(crate) async fn measure(db: Db, clock: Arc<dyn Clock>) -> Result<()> {
    let (rows, oldest) = pending_log_entry::depth(&mut *db.conn().await?).await?;
    #[expect(clippy::cast_precision_loss, reason = "a metric of more than 2⁵² rows need not be exact")]
    gauge!(PENDING).set(rows as f64);
    gauge!(LAG).set(age(oldest, clock.now()).as_secs_f64());
    Ok(())
}

fn age(oldest: Option<Timestamp>, now: Timestamp) -> Duration {
    // Another machine's clock may be ahead.
    oldest.and_then(|oldest| (now - oldest).to_std().ok()).unwrap_or_default()
}
