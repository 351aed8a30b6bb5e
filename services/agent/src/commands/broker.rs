//! The shard's queue on the broker, as the commands that change the broker see it. None of them touches the database.

use amqp::{BrokerUrl, topology};
use anyhow::{Context as _, bail};
use runtime::config::{Broker, Section};

use crate::topology::{queue_bindings, topology};

/// What the commands for a queue read.
pub(super) const QUEUE_SECTIONS: &[Section] =
    &[Section::Only("PROTOCOL_BROKER_URL"), Section::Only("PROTOCOL_BROKER_QUEUE"), Section::Logging];

/// What the commands for a queue's bindings read.
pub(super) const BINDING_SECTIONS: &[Section] = &[
    Section::Only("PROTOCOL_BROKER_URL"),
    Section::Only("PROTOCOL_BROKER_QUEUE"),
    Section::Only("PROTOCOL_BROKER_QUEUE_ROUTING_KEY"),
    Section::Logging,
];

/// Longest name that AMQP allows, in bytes, less the ending of the queue for dead letters.
const LONGEST_QUEUE: usize = 255 - ".XQ".len();

/// Which queue, and where.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct QueueOptions {
    /// The broker; default: PROTOCOL_BROKER_URL
    #[arg(long, short, value_name = "URL")]
    url: Option<String>,
    /// The queue; default: PROTOCOL_BROKER_QUEUE
    #[arg(long, short, value_name = "NAME")]
    queue: Option<String>,
}

/// Which queue, where, and how it is bound.
#[derive(Clone, Debug, Default, clap::Args)]
pub(super) struct BindingOptions {
    #[command(flatten)]
    queue: QueueOptions,
    /// The key of the binding, which is the shard's realm; default: PROTOCOL_BROKER_QUEUE_ROUTING_KEY
    #[arg(long, short = 'k', value_name = "KEY")]
    queue_routing_key: Option<String>,
}

/// A queue of a broker.
#[derive(Clone, Debug)]
pub(super) struct Queue {
    pub(super) url: BrokerUrl,
    pub(super) name: String,
}

/// A shard's queue with the key that decides which creditors' messages it gets.
#[derive(Clone, Debug)]
pub(super) struct Subscription {
    pub(super) queue: Queue,
    pub(super) routing_key: String,
}

impl Queue {
    /// What the options say, and otherwise the configuration. The error is one sentence.
    pub(super) fn new(options: QueueOptions, broker: &Broker) -> anyhow::Result<Self> {
        let (source, url) = match &options.url {
            Some(url) => ("--url", url.as_str()),
            None => ("PROTOCOL_BROKER_URL", broker.url.expose()),
        };
        // The text may hold a password, so it is not repeated.
        let url = BrokerUrl::parse(url).with_context(|| format!("{source} cannot be used"))?;
        let (source, name) = match options.queue {
            Some(name) => ("--queue", name),
            None => ("PROTOCOL_BROKER_QUEUE", broker.queue.clone()),
        };
        if name.is_empty() || name.len() > LONGEST_QUEUE {
            bail!("{source} holds {name:?}; allowed: the name of a queue, 1 to {LONGEST_QUEUE} bytes");
        }
        Ok(Self { url, name })
    }
}

impl Subscription {
    /// What the options say, and otherwise the configuration. The error is one sentence.
    pub(super) fn new(options: BindingOptions, broker: &Broker) -> anyhow::Result<Self> {
        let routing_key = options.queue_routing_key.unwrap_or_else(|| broker.routing_key.clone());
        Ok(Self { queue: Queue::new(options.queue, broker)?, routing_key })
    }

    /// Creates what does not exist (smp §9).
    pub(super) async fn set_up(&self) -> anyhow::Result<()> {
        let Self { queue: Queue { url, name }, routing_key } = self;
        topology::apply(url, &topology(name, routing_key)).await.context("the broker could not be set up")
    }

    /// Removes the queue's two bindings, and nothing else.
    pub(super) async fn unbind(&self) -> anyhow::Result<()> {
        let Self { queue: Queue { url, name }, routing_key } = self;
        topology::unbind(url, &queue_bindings(name, routing_key)).await.context("the bindings could not be removed")
    }

    /// What holds after [`Subscription::set_up`], in one sentence.
    pub(super) fn sentence(&self) -> String {
        format!("The queue {} on {} is bound with the key {}.", self.queue.name, self.queue.url, self.routing_key)
    }
}
