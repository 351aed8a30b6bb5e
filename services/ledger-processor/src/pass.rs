//! One transaction's worth of ledger updates.

use std::{sync::Arc, time::Instant};

use chrono::TimeDelta;
use domain::{AccountKey, time};
use hosting::{Place, Round};
use persistence::{Db, Result};
use procedures::ledger_updates::{self, Limits, Report};
use runtime::{Clock, worker::Pass};

use crate::metrics;

/// One loop's work.
pub(crate) struct Updates {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) limits: Limits,
    /// How long a missing transfer is waited for.
    pub(crate) max_transfer_delay: TimeDelta,
    pub(crate) round: Round<AccountKey>,
}

impl Updates {
    /// Brings some ledgers forward.
    pub(crate) async fn pass(self: Arc<Self>) -> Result<Pass> {
        let started = Instant::now();
        let place = self.round.place();
        let most = if place.is_single { 1 } else { self.limits.accounts };
        let report = match self.db.retrying("ledger_updates", || self.update(place, most)).await {
            Ok(report) => report,
            Err(error) => return self.round.failed(error),
        };
        if report.accounts > 0 {
            metrics::record(&report, started.elapsed());
        }
        self.round.done(report.accounts == most, report.finished < report.accounts)
    }

    async fn update(&self, place: Place<AccountKey>, most: usize) -> Result<Report> {
        let claim = self.db.begin_with("ledger_updates", |tx| Box::pin(ledger_updates::claim(tx, place.after, most)));
        let (mut tx, claimed) = claim.await?;
        self.round.begin(claimed.last().copied());
        let now = self.clock.now();
        let cutoff = time::before(now, self.max_transfer_delay);
        let outcome = ledger_updates::extend(&mut tx, &claimed, self.limits.burst, cutoff, now).await;
        // After a failure, its locks must be gone before the next look, which would pass over them.
        tx.conclude(outcome).await
    }
}
