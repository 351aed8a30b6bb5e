//! Looking at a queue, and deleting it.

use amqprs::channel::{BasicGetArguments, QueueDeclareArguments, QueueDeleteArguments};

use super::apply::{Session, within_deadline};
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
    let outcome = within_deadline(async {
        let session = Session::open(url).await?;
        let outcome = session.call(session.channel.queue_declare(request)).await;
        session.close().await;
        outcome
    });
    match outcome.await {
        Ok(answer) => Ok(answer.map(|(_, ready, consumers)| QueueStatus { ready, consumers })),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Looks at the first message of a queue, which stays there; `None` if the queue is empty or does not exist.
pub async fn first_message(url: &BrokerUrl, queue: &str) -> Result<Option<Delivery>, Error> {
    name("the queue", queue)?;
    let outcome = within_deadline(async {
        let session = Session::open(url).await?;
        let outcome = session.call(session.channel.basic_get(BasicGetArguments::new(queue))).await;
        // What was not acknowledged goes back to its place.
        session.close().await;
        outcome
    });
    match outcome.await {
        Ok(found) => Ok(found.map(|(got, properties, body)| Delivery {
            exchange: got.exchange().clone(),
            routing_key: got.routing_key().clone(),
            redelivered: got.redelivered(),
            properties: Properties::from(&properties),
            body,
        })),
        Err(error) if error.is_not_found() => Ok(None),
        Err(error) => Err(error),
    }
}

/// Deletes a queue, whatever it contains and whoever uses it. A queue that does not exist is no error.
pub async fn delete_queue(url: &BrokerUrl, queue: &str) -> Result<(), Error> {
    name("the queue", queue)?;
    let request = QueueDeleteArguments::new(queue);
    let outcome = within_deadline(async {
        let session = Session::open(url).await?;
        let outcome = session.call(session.channel.queue_delete(request)).await;
        session.close().await;
        outcome
    });
    match outcome.await {
        Ok(_) => Ok(()),
        Err(error) if error.is_not_found() => Ok(()),
        Err(error) => Err(error),
    }
}
