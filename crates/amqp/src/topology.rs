//! Exchanges, queues and bindings, as data and as requests.

use crate::Headers;

mod apply;
mod compare;
mod queue;

pub use apply::{apply, unbind};
pub use compare::{Comparison, compare_queue};
pub use queue::{QueueStatus, delete_queue, first_message, queue_status};

/// What should exist on the broker. Applied in the order exchanges, exchange bindings, queues, queue bindings, and each
/// list from its beginning.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Topology {
    /// Exchanges: durable, not auto-delete, not internal.
    pub exchanges: Vec<Exchange>,
    /// Bindings from exchange to exchange.
    pub exchange_bindings: Vec<ExchangeBinding>,
    /// Queues: durable, not exclusive, not auto-delete.
    pub queues: Vec<Queue>,
    /// Bindings from exchange to queue.
    pub queue_bindings: Vec<QueueBinding>,
}

/// An exchange.
#[derive(Clone, Debug, PartialEq)]
pub struct Exchange {
    /// Its name.
    pub name: String,
    /// Its type, as `topic`, `headers`, `x-random`.
    pub kind: String,
    /// Its arguments, as `alternate-exchange`.
    pub arguments: Headers,
}

/// A binding that leads messages from one exchange to another.
#[derive(Clone, Debug, PartialEq)]
pub struct ExchangeBinding {
    /// The exchange that messages come from.
    pub source: String,
    /// The exchange that they go to.
    pub destination: String,
    /// The routing key or pattern.
    pub routing_key: String,
    /// Arguments, as the headers that a headers exchange compares.
    pub arguments: Headers,
}

/// A queue.
#[derive(Clone, Debug, PartialEq)]
pub struct Queue {
    /// Its name.
    pub name: String,
    /// Its arguments, as `x-queue-type`.
    pub arguments: Headers,
}

/// A binding that leads messages from an exchange to a queue.
#[derive(Clone, Debug, PartialEq)]
pub struct QueueBinding {
    /// The exchange that messages come from.
    pub exchange: String,
    /// The queue that they go to.
    pub queue: String,
    /// The routing key or pattern.
    pub routing_key: String,
    /// Arguments.
    pub arguments: Headers,
}
