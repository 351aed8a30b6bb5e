//! One transaction's worth of log additions.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU32, Ordering},
    },
    time::{Duration, Instant},
};

use hosting::{Place, Round};
use persistence::{Db, Result};
use procedures::log_additions::{self, Report};
use runtime::worker::Pass;

use crate::metrics;

/// Before another look at creditors that somebody else had locked. It grows while there is nothing else to do.
const BUSY_PAUSE: Duration = Duration::from_millis(2);

/// So many times does the pause grow to its double: up to 64 ms.
const MOST_DOUBLINGS: u32 = 5;

/// One loop's work.
pub(crate) struct Additions {
    db: Db,
    /// Most pending entries in a transaction.
    rows: usize,
    round: Round<i64>,
    /// So many times in a row was there nothing but what others had locked.
    in_vain: AtomicU32,
}

impl Additions {
    pub(crate) fn new(db: Db, rows: usize) -> Self {
        Self { db, rows, round: Round::default(), in_vain: AtomicU32::new(0) }
    }

    /// Appends some pending entries to the logs.
    pub(crate) async fn pass(self: Arc<Self>) -> Result<Pass> {
        let started = Instant::now();
        let place = self.round.place();
        let report = match self.db.retrying("log_additions", || self.add(place)).await {
            Ok(report) => report,
            Err(error) => return self.round.failed(error),
        };
        if report.taken > 0 || report.dropped > 0 {
            metrics::record(&report, started.elapsed());
        }
        if report.taken == 0 && report.dropped == 0 && report.busy > 0 {
            let before = self.in_vain.fetch_add(1, Ordering::Relaxed);
            tokio::time::sleep(BUSY_PAUSE * 2_u32.pow(before.min(MOST_DOUBLINGS))).await;
        } else {
            self.in_vain.store(0, Ordering::Relaxed);
        }
        self.round.done(report.next.is_some(), report.busy > 0)
    }

    async fn add(&self, place: Place<i64>) -> Result<Report> {
        let from = place.after.map_or(i64::MIN, |id| id.saturating_add(1));
        let find = self.db.begin_with("log_additions", |tx| {
            if place.is_single {
                Box::pin(log_additions::find_one(tx, from, self.rows))
            } else {
                Box::pin(log_additions::find(tx, from, self.rows))
            }
        });
        let (mut tx, batch) = find.await?;
        self.round.begin(batch.last());
        let outcome = log_additions::append(&mut tx, batch).await;
        // After a failure, its locks must be gone before the next look, which would pass over them.
        tx.conclude(outcome).await
    }
}
