//! Up to where the operator is done with dead letters.
//!
//! The mark is kept on the broker, beside the stream: as the only message of a queue of its own. So it belongs to the
//! letters, whichever container or machine the tool runs on, and no database is needed.

use amqp::{
    Header, Message, Outcome, Properties, Publisher, PublisherOptions, Topology,
    topology::{self, Queue as Declared},
};
use anyhow::{Context as _, bail};
use tokio_util::sync::CancellationToken;

use super::{NAME, Queue};

fn name(queue: &Queue) -> String {
    format!("{}.XQ.offset", queue.name)
}

/// The first offset that the operator is not done with.
pub(super) async fn read(queue: &Queue) -> anyhow::Result<u64> {
    let name = name(queue);
    let found = topology::first_message(&queue.url, &name).await.context("the broker does not answer")?;
    let Some(found) = found else { return Ok(0) };
    let offset = std::str::from_utf8(&found.body).ok().and_then(|text| text.parse().ok());
    offset.with_context(|| format!("the queue {name} holds something else than an offset; delete it to start over"))
}

/// Keeps the first offset that the operator is not done with.
pub(super) async fn write(queue: &Queue, offset: u64) -> anyhow::Result<()> {
    let name = name(queue);
    // The broker drops the older of two messages, so a mark is replaced in one step.
    let arguments =
        vec![("x-queue-type".to_owned(), Header::from("quorum")), ("x-max-length".to_owned(), Header::Int(1))];
    let topology = Topology { queues: vec![Declared { name: name.clone(), arguments }], ..Topology::default() };
    topology::apply(&queue.url, &topology).await.with_context(|| format!("the queue {name} could not be created"))?;
    let message = Message {
        routing_key: name.clone(),
        mandatory: true,
        properties: Properties { persistent: true, ..Properties::default() },
        body: offset.to_string().into_bytes(),
        ..Message::default()
    };
    match publish(queue, &[message]).await.pop() {
        Some(Outcome::Confirmed) => Ok(()),
        outcome => bail!("the queue {name} did not take the offset: {outcome:?}"),
    }
}

/// Publishes over a connection of its own.
pub(super) async fn publish(queue: &Queue, messages: &[Message]) -> Vec<Outcome> {
    let publisher = Publisher::start(queue.url.clone(), PublisherOptions::new(NAME), &CancellationToken::new());
    let outcomes = publisher.publish(messages).await;
    publisher.close().await;
    outcomes
}
