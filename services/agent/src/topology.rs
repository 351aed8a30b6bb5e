//! What must exist on the broker (smp §9). Brokers refuse to declare again, differently, what exists: every name and
//! argument here is what existing deployments have.

use amqp::{
    Header, Headers, Topology,
    topology::{Exchange, ExchangeBinding, Queue, QueueBinding},
};
use smp::names::{CA_CREDITORS, CA_LOOPBACK, CA_LOOPBACK_FILTER, CREDITORS_IN, CREDITORS_OUT, TO_TRADE};

/// Exchanges, queues and bindings of the shard with this queue. `routing_key` is the shard's realm, as `1.0.#`.
pub fn topology(queue: &str, routing_key: &str) -> Topology {
    Topology {
        exchanges: vec![
            exchange(CREDITORS_IN, "headers", vec![]),
            exchange(CA_CREDITORS, "topic", vec![]),
            exchange(CA_LOOPBACK_FILTER, "headers", vec![]),
            exchange(CA_LOOPBACK, "x-random", vec![]),
            exchange(CREDITORS_OUT, "topic", vec![text("alternate-exchange", CA_LOOPBACK_FILTER)]),
            exchange(TO_TRADE, "topic", vec![]),
        ],
        exchange_bindings: vec![
            link(CA_LOOPBACK_FILTER, CA_LOOPBACK, text("message-type", "ConfigureAccount")),
            link(CREDITORS_IN, CA_CREDITORS, ("ca-creditors".to_owned(), Header::Bool(true))),
        ],
        queues: queues(queue),
        queue_bindings: queue_bindings(queue, routing_key),
    }
}

/// The bindings that lead messages into the queue of a shard.
pub fn queue_bindings(queue: &str, routing_key: &str) -> Vec<QueueBinding> {
    vec![
        bind(CA_CREDITORS, queue, routing_key),
        // A random exchange heeds no key; but a binding can be removed only under the key that it was made with.
        bind(CA_LOOPBACK, queue, queue),
    ]
}

/// The queue of a shard after its dead letters, which must have somewhere to go.
fn queues(queue: &str) -> Vec<Queue> {
    let dead_letters = format!("{queue}.XQ");
    let arguments = vec![
        text("x-queue-type", "quorum"),
        // Without its `x-` this has no effect, but it is what existing queues carry.
        text("overflow", "reject-publish"),
        text("x-dead-letter-exchange", ""),
        text("x-dead-letter-routing-key", &dead_letters),
    ];
    vec![
        Queue { name: dead_letters, arguments: vec![text("x-queue-type", "stream")] },
        Queue { name: queue.to_owned(), arguments },
    ]
}

fn exchange(name: &str, kind: &str, arguments: Headers) -> Exchange {
    Exchange { name: name.to_owned(), kind: kind.to_owned(), arguments }
}

/// Messages go on if they have this header.
fn link(source: &str, destination: &str, header: (String, Header)) -> ExchangeBinding {
    let (source, destination) = (source.to_owned(), destination.to_owned());
    ExchangeBinding { source, destination, routing_key: String::new(), arguments: vec![text("x-match", "all"), header] }
}

fn bind(exchange: &str, queue: &str, routing_key: &str) -> QueueBinding {
    let (exchange, queue, routing_key) = (exchange.to_owned(), queue.to_owned(), routing_key.to_owned());
    QueueBinding { exchange, queue, routing_key, arguments: vec![] }
}

fn text(name: &str, value: &str) -> (String, Header) {
    (name.to_owned(), Header::from(value))
}
