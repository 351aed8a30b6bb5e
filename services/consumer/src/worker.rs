//! One worker: takes batches from its own connection, and sees each of them through.

use std::{sync::Arc, time::Instant};

use amqp::{Batch, Consumer};
use domain::{Shard, incoming::Incoming};
use persistence::Fault;
use runtime::{Clock, Stop};
use tokio::time::{sleep, timeout};
use tracing::info;

use crate::{
    Error,
    apply::Applier,
    dead_letters::DeadLetters,
    draining::Drain,
    error::chain,
    health::{Health, WORKERS},
    judge::judge,
    metrics::{Pause, Tally},
    outage::{News, Outage, Outages},
    patience::Patience,
};

/// What all workers of a process use.
pub(crate) struct Shared {
    pub(crate) queue: String,
    pub(crate) shard: Shard,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) applier: Applier,
    pub(crate) dead_letters: DeadLetters,
    pub(crate) health: Health,
    pub(crate) outages: Outages,
}

/// A worker.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) consumer: Consumer,
    pub(crate) largest_batch: usize,
    pub(crate) drain: Option<Drain>,
    pub(crate) news: News,
    pub(crate) stop: Stop,
    pub(crate) database: Patience,
    pub(crate) dead_letters: Patience,
}

impl Worker {
    /// Works until told to stop. The batch at hand is finished; what has not been begun goes back to the queue.
    pub(crate) async fn run(mut self) -> Result<(), Error> {
        let outcome = self.consume().await;
        self.consumer.close().await;
        outcome
    }

    async fn consume(&mut self) -> Result<(), Error> {
        while !self.stop.is_stopped() {
            let mut news = self.news.clone();
            let batch = tokio::select! {
                biased;
                () = news.in_force() => {
                    self.sit_out().await;
                    continue;
                }
                batch = self.next_batch() => batch,
            };
            let Some(batch) = batch else { break };
            self.handle(batch).await?;
        }
        Ok(())
    }

    /// Returns what is held, waits for the end of an outage, and consumes again.
    async fn sit_out(&mut self) {
        let _waiting = self.news.cause().map(|cause| (self.shared.health.trouble(WORKERS), Pause::begin(cause)));
        self.consumer.pause().await;
        tokio::select! {
            biased;
            () = self.stop.stopped() => {}
            () = self.news.over() => self.consumer.resume(),
        }
    }

    async fn next_batch(&mut self) -> Option<Batch> {
        while let Some(drain) = &mut self.drain {
            if let Ok(batch) = timeout(drain.patience(), self.consumer.next_batch(self.largest_batch)).await {
                return batch;
            }
            let away = drain.step_away(self.shared.clock.now());
            info!(
                queue = self.shared.queue,
                pause_seconds = away.as_secs_f64(),
                "The queue {} is empty; stepping away from it for {:.1} s.",
                self.shared.queue,
                away.as_secs_f64()
            );
            let _pause = Pause::begin("draining");
            self.consumer.pause().await;
            tokio::select! {
                () = self.stop.stopped() => return None,
                () = sleep(away) => {}
            }
            self.consumer.resume();
        }
        self.consumer.next_batch(self.largest_batch).await
    }

    /// Whatever happens, the batch is acknowledged only after everything in it is written or put aside.
    async fn handle(&mut self, batch: Batch) -> Result<(), Error> {
        let began = Instant::now();
        let mut judged = judge(&batch.deliveries, &self.shared.shard)?;
        match self.shared.applier.apply(&judged.messages).await {
            Ok(refused) => judged.condemn(refused),
            Err(cause) => {
                self.wait_for_database(batch, &judged.messages, &cause).await;
                return Ok(());
            }
        }
        if !judged.messages.is_empty() {
            self.database.forget();
        }
        let now = self.shared.clock.now();
        if let Err(cause) = self.shared.dead_letters.bury(&batch.deliveries, &judged.condemned, now).await {
            self.wait_for_dead_letters(batch, cause).await;
            return Ok(());
        }
        if !judged.condemned.is_empty() {
            self.dead_letters.forget();
        }
        let tally = Tally::new(&batch.deliveries, &judged);
        if batch.ack_all().await.is_ok() {
            tally.record(&self.shared.queue, began.elapsed(), self.shared.clock.now());
        }
        Ok(())
    }

    /// Gives the batch back, once, and lets nobody consume until the database would take it.
    ///
    /// That the database answers is not enough: it may have become read-only, or its disk may be full. To resume then
    /// would have the same messages delivered again and again, up to the broker's limit.
    async fn wait_for_database(&mut self, batch: Batch, messages: &[Incoming], cause: &persistence::Error) {
        let Some(_outage) = self.give_up(batch, "database").await else { return };
        let _waiting = (self.shared.health.trouble(WORKERS), Pause::begin("database"));
        let applier = &self.shared.applier;
        let probe = || async {
            match applier.rehearse(messages).await {
                Err(error) if error.fault() != Fault::Data => Err(chain(&error)),
                _ => Ok(()),
            }
        };
        self.database.wait_out("the database", chain(cause), probe).await;
    }

    /// Gives the batch back, once, and lets nobody consume until there is a queue of dead letters.
    async fn wait_for_dead_letters(&mut self, batch: Batch, cause: String) {
        let Some(_outage) = self.give_up(batch, "dead_letters").await else { return };
        let _waiting = (self.shared.health.trouble(WORKERS), Pause::begin("dead_letters"));
        let probe = || self.shared.dead_letters.exist();
        self.dead_letters.wait_out("the queue of dead letters", cause, probe).await;
    }

    /// Returns the batch to the queue when nobody gets messages any more. `None` if another worker has declared the outage
    /// before: then the next thing to do is to sit it out.
    async fn give_up(&mut self, batch: Batch, cause: &'static str) -> Option<Outage> {
        let outage = self.shared.outages.declare(cause);
        let deliveries_stop = async {
            match &outage {
                Some(outage) => outage.stop_deliveries().await,
                None => self.news.in_force().await,
            }
        };
        tokio::select! {
            () = self.stop.stopped() => {}
            () = deliveries_stop => {}
        }
        self.consumer.pause().await;
        drop(batch);
        outage
    }
}
