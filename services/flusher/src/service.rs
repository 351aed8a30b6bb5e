//! The whole service: workers, and what they share.

use std::{process::ExitCode, sync::Arc};

use anyhow::Result;
use hosting::{Database, Identity, Process};
use observability::admin::ports;
use runtime::{
    Context, Stop, Wake,
    tasks::Group,
    worker::{Backoff, LoopOptions, OnError, Worker},
};
use tracing::{info, warn};

use crate::{
    NAME, Options, bell::Bell, broker, broker::Broker, config::Config, depth, depth::Gauge, dispatcher::Dispatcher,
    error::Error, lane::Lane, metrics, upkeep, upkeep::Upkeep,
};

const IDENTITY: Identity =
    Identity { name: NAME, admin_port: ports::FLUSHER, conditions: &[broker::CONDITION, "database"] };

/// Flushes until told to stop, or until everything is flushed, and finishes what has begun.
///
/// The status is always 1, of an orderly end too (operations §5). A database or a broker that goes away is waited for;
/// an error means that somebody has to change something.
pub async fn run(options: Options, context: Context) -> Result<ExitCode> {
    // What stops us is not always a reason to stop those who called us.
    let stop = context.stop.child();
    let process = Process::start(Context { stop: stop.clone(), ..context }, IDENTITY)?;
    metrics::describe();
    let config = Config::new(&process.settings, &options)?;
    let outcome = if config.is_idle() { idle(&config, &process).await } else { flush(&config, &process).await };
    process.readiness.drain();
    stop.stop();
    outcome.map(|()| ExitCode::FAILURE)
}

async fn idle(config: &Config, process: &Process) -> Result<()> {
    warn!("There is nothing to flush with: flushing nothing.");
    for condition in IDENTITY.conditions {
        process.readiness.set(condition, true);
    }
    if !config.quit_early {
        process.stop.stopped().await;
    }
    Ok(())
}

async fn flush(config: &Config, process: &Process) -> Result<()> {
    let database = process.open_database(config.connections()?).await?;
    // Is stopped after the lanes, whose last batches need it.
    let lasting = Stop::new();
    let brokers: Vec<Broker> =
        (0..config.workers).map(|_| Broker::connect(&config.broker, &config.kinds, &lasting)).collect();
    let statuses: Vec<_> = brokers.iter().flat_map(Broker::statuses).collect();
    broker::watch_all(&statuses, &process.readiness);
    let mut group = Group::new(process.stop.clone());
    let (upkeep, requests) = Upkeep::new();
    for broker in &brokers {
        start_worker(&mut group, config, process, &database, broker, &upkeep);
    }
    if !config.quit_early {
        group.spawn("upkeep", upkeep::run(database.db.clone(), requests, process.stop.clone()));
        start_gauge(&mut group, config, process, &database);
    }
    info!(workers = config.workers, kinds = config.kinds.len(), "Flushing {} kinds of messages.", config.kinds.len());
    let outcome = group.finish().await;
    for broker in brokers {
        broker.close().await;
    }
    Ok(outcome?)
}

/// A lane for each kind, and a dispatcher that calls them. Lanes that quit early need no call.
fn start_worker(
    group: &mut Group<Error>,
    config: &Config,
    process: &Process,
    database: &Database,
    broker: &Broker,
    upkeep: &Upkeep,
) {
    let mut bells = Vec::new();
    for &kind in &config.kinds {
        let Some(publisher) = broker.publisher(kind) else { continue };
        let bell = Bell::default();
        bells.push((kind, bell.clone()));
        let lane = Lane {
            kind,
            batch: config.batch(kind),
            quit_early: config.quit_early,
            jurisdiction: config.jurisdiction,
            db: database.db.clone(),
            publisher,
            bell,
            stop: process.stop.clone(),
            random: Arc::clone(&process.random),
            upkeep: upkeep.clone(),
        };
        group.spawn("lane", lane.run());
    }
    if !config.quit_early {
        let dispatcher = Dispatcher { db: database.db.clone(), bells };
        let wake = process.listen(database, persistence::Wake::Outbox);
        let options = LoopOptions { jitter_first: true, ..LoopOptions::every(config.period) };
        let worker = worker(process, "dispatcher", options, wake);
        group.spawn("dispatcher", async move {
            worker.run(|| dispatcher.look()).await?;
            Ok(())
        });
    }
}

fn start_gauge(group: &mut Group<Error>, config: &Config, process: &Process, database: &Database) {
    let gauge = Gauge { db: database.db.clone(), kinds: config.kinds.clone(), clock: Arc::clone(&process.clock) };
    let worker = worker(process, "gauge", LoopOptions::every(depth::PERIOD), Wake::new());
    group.spawn("gauge", async move {
        worker.run(|| gauge.measure()).await?;
        Ok(())
    });
}

/// A loop that goes on after errors.
fn worker(process: &Process, name: &'static str, options: LoopOptions, wake: Wake) -> Worker {
    Worker {
        name,
        options: LoopOptions { on_error: OnError::Retry(Backoff::default()), ..options },
        wake,
        stop: process.stop.clone(),
        random: Arc::clone(&process.random),
    }
}
