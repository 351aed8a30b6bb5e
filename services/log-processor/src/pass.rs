//! One transaction's worth of log additions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
    time::{Duration, Instant},
};

use persistence::Db;
use procedures::log_additions::{self, Report};
use runtime::worker::Pass;

/// Before another look at creditors that somebody else had locked.
const BUSY_PAUSE: Duration = Duration::from_millis(5);

/// The creditor at which the next pass begins, so that one busy log does not keep the others waiting.
#[derive(Clone)]
pub(crate) struct Cursor(Arc<AtomicI64>);

impl Default for Cursor {
    fn default() -> Self {
        Self(Arc::new(AtomicI64::new(i64::MIN)))
    }
}

impl Cursor {
    /// Moves on, and tells whether there may be more to do.
    fn advance(&self, report: Report) -> Pass {
        let from = self.0.swap(report.next.unwrap_or(i64::MIN), Ordering::Relaxed);
        let is_whole = from == i64::MIN && report.next.is_none();
        if is_whole && report.busy == 0 { Pass::Drained } else { Pass::Full }
    }
}

/// Appends up to `rows` pending entries to the logs.
pub(crate) async fn run(db: Db, cursor: Cursor, rows: usize) -> persistence::Result<Pass> {
    let started = Instant::now();
    let from = cursor.0.load(Ordering::Relaxed);
    let outcome: persistence::Result<Report> = db
        .retrying("log_additions", || async {
            let mut tx = db.begin("log_additions").await?;
            let report = log_additions::run(&mut tx, from, rows).await?;
            tx.commit().await?;
            Ok(report)
        })
        .await;
    let report = outcome?;
    if report.taken > 0 || report.dropped > 0 {
        metrics::counter!("creditors_log_entries_total").increment(report.logged.unsigned_abs());
        tracing::debug!(
            taken = report.taken,
            logged = report.logged,
            dropped = report.dropped,
            busy = report.busy,
            duration_seconds = started.elapsed().as_secs_f64(),
            "Added {} log entries.",
            report.logged
        );
    } else if report.busy > 0 {
        tokio::time::sleep(BUSY_PAUSE).await;
    }
    Ok(cursor.advance(report))
}
