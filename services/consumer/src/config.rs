//! How a consumer works.

use amqp::BrokerUrl;
use anyhow::{Context as _, Result, bail};
use domain::Shard;
use procedures::incoming;
use runtime::config::Settings;

use crate::{Arguments, Draining};

/// More messages would keep their rows locked for longer, and gain nothing.
pub(crate) const LARGEST_BATCH: usize = 500;

/// Twice the largest batch: while one is being written, the next one arrives.
const DEFAULT_PREFETCH: u16 = 1_000;

/// What 0, "no limit", becomes: as many as RabbitMQ itself makes of it for a quorum queue. Batches cannot make use of more,
/// and memory must stay flat before any backlog.
const LARGEST_PREFETCH: u16 = 2_000;

/// How a consumer works.
#[derive(Clone, Debug)]
pub struct Config {
    /// Where messages come from.
    pub broker: BrokerUrl,
    /// The queue that is consumed. Bad messages go to the one of the same name with `.XQ` appended.
    pub queue: String,
    /// Parallel workers, each with its own connection; with 0 nothing is consumed.
    pub workers: usize,
    /// Most unacknowledged messages per worker, at least 1.
    pub prefetch: u16,
    /// Whether and how to step away from an empty queue.
    pub draining: Option<Draining>,
    /// What the handlers of messages need to know.
    pub handlers: incoming::Context,
}

impl Config {
    /// The configuration of a process: what the command line does not say, the environment does.
    pub fn new(settings: &Settings, arguments: &Arguments) -> Result<Self> {
        let broker = &settings.broker;
        if arguments.prefetch_size.unwrap_or(broker.prefetch_size) != 0 {
            bail!("PROTOCOL_BROKER_PREFETCH_SIZE must be 0: the broker knows no limit in bytes");
        }
        let processes = if arguments.processes == 0 { broker.processes } else { arguments.processes };
        let threads = arguments.threads.unwrap_or(broker.threads);
        Ok(Self {
            broker: url(settings, arguments)?,
            queue: arguments.queue.clone().unwrap_or_else(|| broker.queue.clone()),
            workers: usize::try_from(processes.saturating_mul(threads))?,
            prefetch: prefetch(arguments.prefetch_count.or(broker.prefetch_count)),
            draining: arguments.draining_mode.then(Draining::default),
            handlers: incoming::Context { shard: shard(settings)?, log_retention: settings.policy.log_retention },
        })
    }
}

/// The text may hold a password, so it is not repeated.
fn url(settings: &Settings, arguments: &Arguments) -> Result<BrokerUrl> {
    let (source, url) = match &arguments.url {
        Some(url) => ("--url", url.as_str()),
        None => ("PROTOCOL_BROKER_URL", settings.broker.url.expose()),
    };
    BrokerUrl::parse(url).context(source)
}

fn prefetch(configured: Option<u16>) -> u16 {
    match configured {
        None => DEFAULT_PREFETCH,
        Some(0) => LARGEST_PREFETCH,
        Some(count) => count,
    }
}

fn shard(settings: &Settings) -> Result<Shard> {
    let shard = &settings.shard;
    let parsed = Shard::parse(shard.min_creditor_id, shard.max_creditor_id, &shard.routing_key);
    parsed.context("PROTOCOL_BROKER_QUEUE_ROUTING_KEY")
}

#[cfg(test)]
mod tests;
