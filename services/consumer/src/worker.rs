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
}

/// A worker.
pub(crate) struct Worker {
    pub(crate) shared: Arc<Shared>,
    pub(crate) consumer: Consumer,
    pub(crate) largest_batch: usize,
    pub(crate) drain: Option<Drain>,
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
        while let Some(batch) = self.next_batch().await {
            self.handle(batch).await?;
        }
        Ok(())
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
        let tally = Tally::new(&batch.deliveries, &judged.condemned);
        if batch.ack_all().await.is_ok() {
            tally.record(&self.shared.queue, began.elapsed());
        }
        Ok(())
    }

    /// Gives the batch back, once, and consumes nothing until the database would take it.
    ///
    /// That the database answers is not enough: it may have become read-only, or its disk may be full. To resume then
    /// would have the same messages delivered again and again, up to the broker's limit.
    async fn wait_for_database(&mut self, batch: Batch, messages: &[Incoming], cause: &persistence::Error) {
        let _trouble = self.shared.health.trouble(WORKERS);
        let _pause = Pause::begin("database");
        self.consumer.pause().await;
        drop(batch);
        let applier = &self.shared.applier;
        let probe = || async {
            match applier.rehearse(messages).await {
                Err(error) if error.fault() != Fault::Data => Err(chain(&error)),
                _ => Ok(()),
            }
        };
        if self.database.wait_out("the database", chain(cause), probe).await {
            self.consumer.resume();
        }
    }

    /// Gives the batch back, once, and consumes nothing until there is a queue of dead letters.
    async fn wait_for_dead_letters(&mut self, batch: Batch, cause: String) {
        let _trouble = self.shared.health.trouble(WORKERS);
        let _pause = Pause::begin("dead_letters");
        self.consumer.pause().await;
        drop(batch);
        let probe = || self.shared.dead_letters.exist();
        if self.dead_letters.wait_out("the queue of dead letters", cause, probe).await {
            self.consumer.resume();
        }
    }
}
