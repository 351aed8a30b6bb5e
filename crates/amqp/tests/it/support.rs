//! What most tests need.

use std::{
    collections::BTreeSet,
    future::Future,
    time::{Duration, Instant},
};

use amqp::{
    Batch, BrokerUrl, Consumer, ConsumerOptions, Header, Message, Outcome, Properties, Publisher, PublisherOptions,
    Status, Topology, topology,
};
use testkit::TestBroker;
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;

pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// A virtual host.
pub(crate) struct Rig {
    pub(crate) broker: TestBroker,
    pub(crate) url: BrokerUrl,
    pub(crate) stop: CancellationToken,
}

impl Rig {
    pub(crate) async fn new() -> Self {
        let broker = TestBroker::create().await;
        let url = BrokerUrl::parse(broker.url()).expect("the broker's URL");
        Self { broker, url, stop: CancellationToken::new() }
    }

    /// Declares a quorum queue.
    pub(crate) async fn queue(&self, name: &str) {
        let arguments = [("x-queue-type", Header::from("quorum"))];
        self.queue_with(name, &arguments).await;
    }

    pub(crate) async fn queue_with(&self, name: &str, arguments: &[(&str, Header)]) {
        let topology = Topology { queues: vec![queue(name, arguments)], ..Topology::default() };
        topology::apply(&self.url, &topology).await.expect("the queue can be declared");
    }

    pub(crate) fn publisher(&self) -> Publisher {
        Publisher::start(self.url.clone(), PublisherOptions::new("test publisher"), &self.stop)
    }

    pub(crate) fn consumer(&self, queue: &str, prefetch_count: u16) -> Consumer {
        let options = ConsumerOptions { name: "test consumer".to_owned(), queue: queue.to_owned(), prefetch_count };
        Consumer::start(self.url.clone(), options, &self.stop)
    }

    pub(crate) async fn ready(&self, queue: &str) -> Option<u32> {
        topology::queue_status(&self.url, queue).await.expect("the broker answers").map(|status| status.ready)
    }

    /// Waits until that many messages are ready in the queue.
    pub(crate) async fn wait_ready(&self, queue: &str, expected: u32) {
        let what = format!("{expected} ready messages in {queue}");
        until(&what, async || self.ready(queue).await == Some(expected)).await;
    }

    /// Makes the broker close at least one connection of this virtual host.
    pub(crate) async fn close_connections(&self) {
        until("a connection to close", async || {
            self.broker.api().close_connections().await.expect("the management API answers") > 0
        })
        .await;
    }
}

/// Something that goes on beside the test.
#[expect(clippy::disallowed_methods, reason = "the test sees what becomes of it")]
pub(crate) fn spawn<T: Send + 'static>(work: impl Future<Output = T> + Send + 'static) -> JoinHandle<T> {
    tokio::spawn(work)
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Fails instead of waiting for ever.
pub(crate) async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

pub(crate) fn queue(name: &str, arguments: &[(&str, Header)]) -> topology::Queue {
    topology::Queue { name: name.to_owned(), arguments: named(arguments) }
}

pub(crate) fn named(arguments: &[(&str, Header)]) -> Vec<(String, Header)> {
    arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect()
}

/// A persistent message for a queue, through the default exchange.
pub(crate) fn to_queue(queue: &str, body: impl Into<Vec<u8>>) -> Message {
    Message {
        routing_key: queue.to_owned(),
        properties: Properties { persistent: true, ..Properties::default() },
        body: body.into(),
        ..Message::default()
    }
}

pub(crate) fn numbered(queue: &str, numbers: std::ops::Range<u32>) -> Vec<Message> {
    numbers.map(|number| to_queue(queue, number.to_string())).collect()
}

pub(crate) fn numbers(batch: &Batch) -> Vec<u32> {
    batch
        .deliveries
        .iter()
        .map(|delivery| std::str::from_utf8(&delivery.body).expect("UTF-8").parse().expect("a number"))
        .collect()
}

pub(crate) async fn publish_all(publisher: &Publisher, messages: &[Message]) {
    let outcomes = soon("confirms", publisher.publish(messages)).await;
    assert_eq!(outcomes, vec![Outcome::Confirmed; messages.len()]);
}

pub(crate) async fn next(consumer: &mut Consumer, max: usize) -> Batch {
    soon("a batch", consumer.next_batch(max)).await.expect("the consumer is not stopped")
}

/// Takes batches until that many messages are there, acknowledging each.
pub(crate) async fn take(consumer: &mut Consumer, count: usize) -> Vec<u32> {
    let mut taken = Vec::new();
    while taken.len() < count {
        let batch = next(consumer, count - taken.len()).await;
        taken.extend(numbers(&batch));
        batch.ack_all().await.expect("the channel lives");
    }
    taken
}

pub(crate) fn set(numbers: impl IntoIterator<Item = u32>) -> BTreeSet<u32> {
    numbers.into_iter().collect()
}

pub(crate) async fn status(
    receiver: &mut tokio::sync::watch::Receiver<Status>,
    what: &str,
    wanted: impl FnMut(&Status) -> bool,
) -> Status {
    soon(what, receiver.wait_for(wanted)).await.expect("the supervisor lives").clone()
}
