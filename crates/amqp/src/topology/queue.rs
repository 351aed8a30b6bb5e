//! Looking at a queue, and deleting it.

use amqprs::channel::{BasicGetArguments, QueueDeclareArguments, QueueDeleteArguments};

use super::apply::{ask, unless_missing};
use crate::{BrokerUrl, Delivery, Error, Properties, message::name};

/// How a queue is doing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct QueueStatus {
    /// Messages waiting to be delivered; those delivered and not acknowledged do not count.
    pub ready: u32,
    /// Consumers subscribed to it.
    pub consumers: u32,
}

/// Looks at a queue without changing it; `None` if there is none.
pub async fn queue_status(url: &BrokerUrl, queue: &str) -> Result<Option<QueueStatus>, Error> {
    name("the queue", queue)?;
    let mut request = QueueDeclareArguments::durable_client_named(queue);
    request.passive(true);
    let answer = unless_missing(ask(url, |channel| async move { channel.queue_declare(request).await }).await)?;
    Ok(answer.flatten().map(|(_, ready, consumers)| QueueStatus { ready, consumers }))
}

/// Looks at the first message of a queue, which stays there; `None` if the queue is empty or does not exist.
pub async fn first_message(url: &BrokerUrl, queue: &str) -> Result<Option<Delivery>, Error> {
    name("the queue", queue)?;
    let request = BasicGetArguments::new(queue);
    // What is not acknowledged goes back to its place.
    let found = unless_missing(ask(url, |channel| async move { channel.basic_get(request).await }).await)?;
    Ok(found.flatten().map(|(got, properties, body)| Delivery {
        exchange: got.exchange().clone(),
        routing_key: got.routing_key().clone(),
        redelivered: got.redelivered(),
        properties: Properties::from(&properties),
        body,
    }))
}

/// Deletes a queue, whatever it contains and whoever uses it. A queue that does not exist is no error.
pub async fn delete_queue(url: &BrokerUrl, queue: &str) -> Result<(), Error> {
    name("the queue", queue)?;
    let request = QueueDeleteArguments::new(queue);
    unless_missing(ask(url, |channel| async move { channel.queue_delete(request).await }).await)?;
    Ok(())
}
