//! Loops that do work which waits in the database.

use std::{future::Future, process::ExitCode, time::Duration};

use persistence::{Error, Fault};
use runtime::{
    Wake,
    tasks::{self, Group},
    worker::{Backoff, Ended, LoopOptions, OnError, Pass, Worker},
};
use tracing::warn;

use crate::{Database, Process};

/// A loop that reconciles a table, in a number of copies.
#[derive(Clone, Copy, Debug)]
pub struct Job {
    /// What its log lines call it.
    pub name: &'static str,
    /// How many copies run side by side.
    pub copies: u32,
    /// How long it waits when nobody wakes it.
    pub period: Duration,
    /// Whether it ends when nothing is left to do.
    pub quit_early: bool,
    /// Whose wake-ups it listens to.
    pub stage: persistence::Wake,
}

impl Process {
    /// Runs the job's loops until the stop: `make` makes the pass of each copy.
    ///
    /// While the database is away, the loops wait for it. Any other failure ends all of them, after the passes under way.
    /// The status is that of operations §5: 0 only if the loops quit early.
    pub async fn work<M, P, Fut>(&self, database: &Database, job: Job, make: M) -> anyhow::Result<ExitCode>
    where
        M: Fn() -> P,
        P: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = persistence::Result<Pass>> + Send + 'static,
    {
        let stop = self.stop.child();
        let mut group = Group::new(stop.clone());
        for _ in 0..job.copies.max(1) {
            let worker = Worker {
                name: job.name,
                options: LoopOptions {
                    period: job.period,
                    jitter_first: false,
                    quit_early: job.quit_early,
                    on_error: OnError::End,
                },
                wake: if job.quit_early { Wake::new() } else { self.listen(database, job.stage) },
                stop: stop.clone(),
                random: self.random.clone(),
            };
            group.spawn(job.name, run(worker, make()));
        }
        let outcome = group.finish().await;
        let asked = self.stop.is_stopped();
        // Nothing is measured any more.
        self.stop.stop();
        database.db.settle().await;
        outcome?;
        Ok(if asked { ExitCode::FAILURE } else { ExitCode::SUCCESS })
    }

    /// Measures now, and then again after each period, until the stop. What cannot be measured before it is told in the
    /// log, and tried again.
    pub fn measure<F, Fut>(&self, name: &'static str, period: Duration, mut measure: F)
    where
        F: FnMut() -> Fut + Send + 'static,
        Fut: Future<Output = persistence::Result<()>> + Send + 'static,
    {
        let stop = self.stop.clone();
        tasks::spawn(name, async move {
            while !stop.is_stopped() {
                if let Err(error) = measure().await
                    && !stop.is_stopped()
                {
                    warn!(error = &error as &dyn std::error::Error, "The metrics of the {name} are not up to date.");
                }
                tokio::select! {
                    biased;
                    () = stop.stopped() => return,
                    () = tokio::time::sleep(period) => {}
                }
            }
        });
    }
}

/// Runs one loop, beginning again after failures that mean that the database is away.
async fn run<P, Fut>(worker: Worker, mut pass: P) -> Result<(), Error>
where
    P: FnMut() -> Fut + Send,
    Fut: Future<Output = persistence::Result<Pass>> + Send,
{
    let mut failures = 0;
    loop {
        let error = match worker.run(&mut pass).await {
            Ok(Ended::Stopped | Ended::QuitEarly) => return Ok(()),
            Err(error) if error.fault() == Fault::Unavailable => error,
            Err(error) => return Err(error),
        };
        failures += 1;
        let pause = PATIENCE.pause(failures, &*worker.random);
        warn!(
            error = &error as &dyn std::error::Error,
            pause_seconds = pause.as_secs_f64(),
            "The worker {} waits for the database.",
            worker.name
        );
        tokio::select! {
            biased;
            () = worker.stop.stopped() => return Ok(()),
            () = tokio::time::sleep(pause) => {}
        }
    }
}

/// Pauses while the database is away.
const PATIENCE: Backoff = Backoff { first: Duration::from_millis(200), cap: Duration::from_secs(5) };
