//! The whole service: workers, and what they share.

use std::sync::Arc;

use amqp::{Consumer, ConsumerOptions, Publisher, PublisherOptions};
use observability::Readiness;
use persistence::Db;
use runtime::{
    Clock, Random, Stop,
    tasks::{self, Failure, Group},
};
use tracing::info;

use crate::{
    Config, Error, NAME,
    apply::Applier,
    config::LARGEST_BATCH,
    dead_letters::DeadLetters,
    draining::Drain,
    health::{BROKER, Health, WORKERS},
    metrics,
    outage::Outages,
    patience::Patience,
    queue_check,
    subscription::watch,
    worker::{Shared, Worker},
};

/// What a consumer works with.
#[derive(Clone)]
pub struct Means {
    /// The database of the shard; as many connections as there are workers are of use.
    pub db: Db,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Spreads out attempts that follow failures.
    pub random: Arc<dyn Random>,
    /// Learns of the conditions `broker` and `workers`: that every worker has its subscription, and that none has paused
    /// because of a failure.
    pub readiness: Readiness,
}

/// Consumes messages until told to stop; then finishes the batches at hand, and returns the rest to the queue.
///
/// A database or a broker that goes away is waited for. An error means that somebody has to change something: see
/// [`Error`].
pub async fn consume(config: Config, means: Means, stop: Stop) -> Result<(), Error> {
    metrics::describe();
    let readiness = means.readiness.clone();
    // What stops our workers is not always a reason to stop those who called us.
    let stop = stop.child();
    // Is never told to stop: the workers' last batches may still need the publisher.
    let lasting = Stop::new();
    let consumers: Vec<Consumer> = (0..config.workers).map(|_| consumer(&config, &stop)).collect();
    let outages = Outages::new(consumers.iter().map(Consumer::brake));
    let shared = Arc::new(share(&config, &means, outages, &lasting));
    let outcome = work(&config, &means, consumers, &shared, &stop).await;
    readiness.drain();
    if let Some(shared) = Arc::into_inner(shared) {
        shared.dead_letters.close().await;
    }
    outcome
}

fn consumer(config: &Config, stop: &Stop) -> Consumer {
    let options =
        ConsumerOptions { name: NAME.to_owned(), queue: config.queue.clone(), prefetch_count: config.prefetch.max(1) };
    Consumer::start(config.broker.clone(), options, stop.token())
}

fn share(config: &Config, means: &Means, outages: Outages, lasting: &Stop) -> Shared {
    let publisher = PublisherOptions::new(format!("{NAME} dead letters"));
    let publisher = Publisher::start(config.broker.clone(), publisher, lasting.token());
    Shared {
        queue: config.queue.clone(),
        shard: config.handlers.shard,
        clock: Arc::clone(&means.clock),
        applier: Applier { db: means.db.clone(), clock: Arc::clone(&means.clock), context: config.handlers.clone() },
        dead_letters: DeadLetters::new(publisher, config.broker.clone(), &config.queue),
        health: Health::new(means.readiness.clone()),
        outages,
    }
}

async fn work(
    config: &Config,
    means: &Means,
    consumers: Vec<Consumer>,
    shared: &Arc<Shared>,
    stop: &Stop,
) -> Result<(), Error> {
    let mut group = Group::new(stop.clone());
    let health = &shared.health;
    drop(health.trouble(WORKERS));
    let connecting = health.trouble(BROKER);
    for consumer in consumers {
        let worker = worker(config, means, consumer, shared, stop);
        let watching = watch(worker.consumer.status(), config.queue.clone(), health.clone(), health.trouble(BROKER));
        group.spawn("subscription", watching);
        group.spawn("worker", worker.run());
    }
    drop(connecting);
    info!(queue = config.queue, workers = config.workers, "Consuming the queue {}.", config.queue);
    if config.workers == 0 {
        stop.stopped().await;
    } else {
        let (broker, queue) = (config.broker.clone(), config.queue.clone());
        // Nobody waits for it, and a stop does not interrupt it: requests to the broker must not be cut off.
        tasks::spawn("queue check", async move { queue_check::check(&broker, &queue).await });
    }
    group.finish().await.map_err(|failure| match failure {
        Failure::Failed(_, error) => error,
        lost @ Failure::Lost(_) => Error::Lost(lost.to_string()),
    })
}

fn worker(config: &Config, means: &Means, consumer: Consumer, shared: &Arc<Shared>, stop: &Stop) -> Worker {
    let patience = || Patience::new(stop.clone(), Arc::clone(&means.random));
    Worker {
        shared: Arc::clone(shared),
        consumer,
        largest_batch: usize::from(config.prefetch.max(1)).min(LARGEST_BATCH),
        drain: config.draining.map(Drain::new),
        news: shared.outages.news(),
        stop: stop.clone(),
        database: patience(),
        dead_letters: patience(),
    }
}
