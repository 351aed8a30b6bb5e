//! Flushes one kind of messages. Each kind has a lane of its own, so that none waits for another.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use amqp::{Publisher, Status};
use domain::signal::Kind;
use persistence::{
    Db,
    outbox::{RowId, Wanted},
};
use runtime::{
    Damper, Random, Stop,
    worker::{Backoff, Pass},
};
use smp::outgoing::message_type;
use tokio::time::sleep;
use tracing::{error, warn};

use crate::{
    batch::{self, Flushed},
    bell::Bell,
    duty::Jurisdiction,
    error::Error,
    metrics,
    pace::Pace,
    postponed::Postponed,
    upkeep::{LITTER, Upkeep},
};

/// After interruptions in a row.
const PAUSES: Backoff = Backoff { first: Duration::from_millis(500), cap: Duration::from_secs(30) };

/// How long a lane that is to quit early waits for the broker.
const PATIENCE: Duration = Duration::from_secs(30);

/// After going through a table that holds messages for more destinations out of reach than are remembered: all of these
/// are tried again each time, and whoever is in reach waits for so long.
const CROWDED: Duration = Duration::from_secs(2);

/// One kind of messages, and how to flush it.
pub(crate) struct Lane {
    pub(crate) kind: Kind,
    pub(crate) batch: i64,
    pub(crate) quit_early: bool,
    pub(crate) jurisdiction: Jurisdiction,
    pub(crate) db: Db,
    pub(crate) publisher: Arc<Publisher>,
    pub(crate) bell: Bell,
    pub(crate) stop: Stop,
    pub(crate) random: Arc<dyn Random>,
    pub(crate) upkeep: Upkeep,
}

/// A lane at work.
struct Flushing {
    lane: Lane,
    postponed: Postponed,
    pace: Pace,
    /// Where in the table the next batch begins.
    after: RowId,
    /// Whether messages were refused, on the way through the table, for more destinations than can be remembered.
    crowded: bool,
    /// Interruptions in a row.
    failures: u32,
    /// Rows removed since the table was last vacuumed.
    litter: usize,
}

impl Lane {
    /// Flushes whenever the bell rings, until told to stop; or once, if it is to quit early. The batch at hand is
    /// finished.
    pub(crate) async fn run(self) -> Result<(), Error> {
        let postponed = Postponed::new(Arc::clone(&self.random));
        let pace = Pace::new(self.batch);
        let mut flushing =
            Flushing { lane: self, postponed, pace, after: RowId::START, crowded: false, failures: 0, litter: 0 };
        if flushing.lane.quit_early {
            return flushing.work().await;
        }
        let mut damper = Damper::default();
        while flushing.called().await {
            let began = Instant::now();
            flushing.work().await?;
            flushing.lane.bell.damp(&mut damper, began.elapsed(), &flushing.lane.stop).await;
        }
        Ok(())
    }

    /// Waits for a connection to the broker; no row is locked meanwhile. False when told to stop.
    async fn broker_is_there(&self) -> Result<bool, Error> {
        if self.stop.is_stopped() || self.publisher.is_connected() {
            return Ok(!self.stop.is_stopped());
        }
        let mut status = self.publisher.status();
        tokio::select! {
            biased;
            () = self.stop.stopped() => Ok(false),
            ready = status.wait_for(Status::is_ready) => Ok(ready.is_ok()),
            () = sleep(PATIENCE), if self.quit_early => Err(Error::NoBroker(PATIENCE)),
        }
    }

    async fn rest(&self, pause: Duration) {
        tokio::select! {
            biased;
            () = self.stop.stopped() => {}
            () = sleep(pause) => {}
        }
    }
}

impl Flushing {
    /// Waits for the bell, or for the time to try a postponed destination again. False when told to stop.
    async fn called(&self) -> bool {
        let wait = self.postponed.wait(tokio::time::Instant::now());
        self.lane.bell.wait(wait, &self.lane.stop).await
    }

    /// Flushes until nothing is left but what is postponed.
    async fn work(&mut self) -> Result<(), Error> {
        while self.lane.broker_is_there().await? {
            match self.flush().await {
                Ok(pass) => {
                    self.failures = 0;
                    if pass == Pass::Drained {
                        return Ok(());
                    }
                }
                Err(misrouted @ Error::Misrouted(_)) => return Err(misrouted),
                Err(interruption) => self.interrupted(interruption).await?,
            }
        }
        Ok(())
    }

    /// One batch. A table is gone through from its beginning to its end; it is drained when that takes one batch only.
    /// Whatever is refused on the way, the rows behind it have their turn.
    async fn flush(&mut self) -> Result<Pass, Error> {
        let (began, after) = (Instant::now(), std::mem::take(&mut self.after));
        self.crowded &= after != RowId::START;
        let skip = self.postponed.skip(tokio::time::Instant::now());
        let lane = &self.lane;
        let limit = self.pace.limit();
        let wanted = Wanted { after, skip, limit };
        let outcome = batch::flush(&lane.db, &lane.publisher, &lane.jurisdiction, lane.kind, wanted).await;
        let rows = outcome.as_ref().map_or(0, |flushed| flushed.rows);
        let is_full = i64::try_from(rows).is_ok_and(|rows| rows >= limit);
        self.pace.took(began.elapsed(), is_full);
        let flushed = outcome?;
        metrics::record(lane.kind, &flushed, began.elapsed());
        self.litter = self.litter.saturating_add(flushed.removed);
        self.learn(&flushed)?;
        if is_full {
            self.after = flushed.last;
            return Ok(Pass::Full);
        }
        if self.crowded {
            return Err(Error::Refused);
        }
        if after == RowId::START {
            self.tidy_up();
            return Ok(Pass::Drained);
        }
        Ok(Pass::Full)
    }

    /// The table is empty or nearly so: the best time to have the traces of many rows removed.
    fn tidy_up(&mut self) {
        if self.litter >= LITTER {
            self.litter = 0;
            self.lane.upkeep.vacuum(self.lane.kind);
        }
    }

    /// Draws the conclusions from a batch.
    fn learn(&mut self, flushed: &Flushed) -> Result<(), Error> {
        let (now, refused) = (tokio::time::Instant::now(), flushed.refused());
        for destination in flushed.accepted().difference(&refused) {
            self.postponed.accepted(*destination);
        }
        for destination in &refused {
            self.crowded |= !self.postponed.refused(*destination, now);
        }
        metrics::tell_refusals(self.lane.kind, flushed);
        metrics::set_postponed(self.lane.kind, self.postponed.skip(now).len());
        if let Some(creditor_id) = flushed.misrouted.first() {
            error!(
                creditor_id = creditor_id.get(),
                message_type = message_type(self.lane.kind),
                messages = flushed.misrouted.len(),
                "The agent is not responsible for this creditor."
            );
            return Err(Error::Misrouted(*creditor_id));
        }
        match flushed.unconfirmed() {
            0 => Ok(()),
            count => Err(Error::Unconfirmed(count)),
        }
    }

    /// Rests before the next attempt. A connection is lost now and then, so the first attempt after that is made as
    /// soon as there is a new one. Who is to quit early makes only that.
    async fn interrupted(&mut self, cause: Error) -> Result<(), Error> {
        self.failures = self.failures.saturating_add(1);
        let at_once = self.failures == 1 && matches!(cause, Error::Unconfirmed(_));
        if self.lane.quit_early && !at_once {
            return Err(cause);
        }
        let pause = match cause {
            _ if at_once => Duration::ZERO,
            Error::Refused => CROWDED,
            _ => PAUSES.pause(self.failures, &*self.lane.random),
        };
        warn!(
            message_type = message_type(self.lane.kind),
            pause_seconds = pause.as_secs_f64(),
            error = &cause as &dyn std::error::Error,
            "The flushing of {} messages was interrupted, and goes on after a pause.",
            message_type(self.lane.kind)
        );
        self.lane.rest(pause).await;
        Ok(())
    }
}
