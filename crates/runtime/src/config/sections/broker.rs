//! The message broker.

use crate::config::reader::Reader;
use crate::config::variable::variables;
use crate::config::{Kind, SecretUrl, Shard};

const MAX_COUNT: i64 = 10_000;

variables! {
    Broker {
        URL = "PROTOCOL_BROKER_URL", Kind::Url, ["amqp://guest:guest@localhost:5672"],
            "the broker: amqp://user:password@host:port/vhost, or amqps://… for TLS";
        QUEUE = "PROTOCOL_BROKER_QUEUE", Kind::Text, ["swpt_creditors"], "queue of this shard";
        PROCESSES = "PROTOCOL_BROKER_PROCESSES", Kind::Int(0, MAX_COUNT), ["1"],
            "parallel consumers; 0 = consume nothing, but keep running";
        THREADS = "PROTOCOL_BROKER_THREADS", Kind::Int(1, MAX_COUNT), ["1"], "workers per consumer";
        PREFETCH_COUNT = "PROTOCOL_BROKER_PREFETCH_COUNT", Kind::Int(0, 65_535),
            "unacknowledged messages per consumer; 0 = no limit; not set = as many as batches need";
        PREFETCH_SIZE = "PROTOCOL_BROKER_PREFETCH_SIZE", Kind::Int(0, 4_294_967_295), ["0"],
            "unacknowledged bytes per consumer; 0 = no limit";
        SETUP_BINDINGS = "SETUP_RABBITMQ_BINDINGS", Kind::Text, "exactly `yes`: `configure` also sets up the broker";
    }
}

/// The message broker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Broker {
    /// Where the broker is (operations §3), unchecked.
    pub url: SecretUrl,
    /// The queue of this shard.
    pub queue: String,
    /// The binding key of the queue; the same as [`Shard::routing_key`].
    pub routing_key: String,
    /// Parallel consumers; with 0 the service idles.
    pub processes: u32,
    /// Workers per consumer, at least 1.
    pub threads: u32,
    /// Unacknowledged messages per consumer, 0 = no limit; `None` if the operator has not said.
    pub prefetch_count: Option<u16>,
    /// Unacknowledged bytes per consumer, 0 = no limit.
    pub prefetch_size: u32,
    /// Whether `configure` sets up the broker too.
    pub setup_bindings: bool,
}

impl Broker {
    pub(in crate::config) fn read(reader: &mut Reader, shard: &Shard) -> Self {
        Self {
            url: reader.url(&URL),
            queue: reader.text(&QUEUE),
            routing_key: shard.routing_key.clone(),
            processes: reader.int(&PROCESSES),
            threads: reader.int(&THREADS),
            prefetch_count: reader.optional_int(&PREFETCH_COUNT),
            prefetch_size: reader.int(&PREFETCH_SIZE),
            setup_bindings: reader.text(&SETUP_BINDINGS) == "yes",
        }
    }
}
