//! Declaring and binding.

use std::{future::Future, sync::Arc, time::Duration};

use amqprs::{
    FieldTable,
    channel::{
        Channel, ExchangeBindArguments, ExchangeDeclareArguments, QueueBindArguments, QueueDeclareArguments,
        QueueUnbindArguments,
    },
};
use tokio::time::timeout;

use super::{Exchange, ExchangeBinding, Queue, QueueBinding, Topology};
use crate::{
    BrokerUrl, Error, Header,
    connection::{Connection, call},
    fate::Fate,
    header,
    message::name,
};

/// For a whole set of requests, connecting included.
const DEADLINE: Duration = Duration::from_secs(30);

/// Creates what does not exist. What exists in the same form is left alone, so it may be repeated; what exists in a
/// different form is an error ([`Error::is_refused`]), and everything before it in the list has been applied.
pub async fn apply(url: &BrokerUrl, topology: &Topology) -> Result<(), Error> {
    within_deadline(async {
        let session = Session::open(url).await?;
        let outcome = session.apply(topology).await;
        session.close().await;
        outcome
    })
    .await
}

/// Removes bindings of queues. A queue, exchange or binding that does not exist is no error.
pub async fn unbind(url: &BrokerUrl, bindings: &[QueueBinding]) -> Result<(), Error> {
    for binding in bindings {
        check_binding(binding)?;
        let mut request = QueueUnbindArguments::new(&binding.queue, &binding.exchange, &binding.routing_key);
        request.arguments(table(&binding.arguments)?);
        // "Not found" closes the channel, so each binding gets its own.
        unless_missing(ask(url, |channel| async move { channel.queue_unbind(request).await }).await)?;
    }
    Ok(())
}

/// Makes one request on a channel of its own.
pub(super) async fn ask<T, F>(url: &BrokerUrl, request: impl FnOnce(Channel) -> F) -> Result<T, Error>
where
    F: Future<Output = Result<T, amqprs::error::Error>>,
{
    within_deadline(async {
        let session = Session::open(url).await?;
        let outcome = session.call(request(session.channel.clone())).await;
        session.close().await;
        outcome
    })
    .await
}

/// `None` if what was asked about does not exist.
pub(super) fn unless_missing<T>(outcome: Result<T, Error>) -> Result<Option<T>, Error> {
    match outcome {
        Err(error) if error.is_not_found() => Ok(None),
        outcome => outcome.map(Some),
    }
}

/// The deadline is around everything, never around one request: what it cuts off is thrown away whole.
async fn within_deadline<T>(work: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
    timeout(DEADLINE, work).await.unwrap_or(Err(Error::Deadline(DEADLINE)))
}

/// A channel on a connection of its own, thrown away after use. Requests run strictly one after another.
struct Session {
    channel: Channel,
    fate: Arc<Fate>,
    connection: Connection,
}

impl Session {
    async fn open(url: &BrokerUrl) -> Result<Self, Error> {
        let connection = Connection::open(url, "creditors-agent topology").await?;
        let (channel, fate) = connection.channel(None).await?;
        Ok(Self { channel, fate, connection })
    }

    async fn close(self) {
        self.connection.close().await;
    }

    async fn apply(&self, topology: &Topology) -> Result<(), Error> {
        for exchange in &topology.exchanges {
            self.declare_exchange(exchange).await?;
        }
        for binding in &topology.exchange_bindings {
            self.bind_exchange(binding).await?;
        }
        for queue in &topology.queues {
            self.declare_queue(queue).await?;
        }
        for binding in &topology.queue_bindings {
            self.bind_queue(binding).await?;
        }
        Ok(())
    }

    async fn call<T>(&self, request: impl Future<Output = Result<T, amqprs::error::Error>>) -> Result<T, Error> {
        call(&self.fate, request).await
    }

    async fn declare_exchange(&self, exchange: &Exchange) -> Result<(), Error> {
        name("the exchange", &exchange.name)?;
        name("the exchange's type", &exchange.kind)?;
        let mut request = ExchangeDeclareArguments::new(&exchange.name, &exchange.kind);
        request.durable(true).arguments(table(&exchange.arguments)?);
        self.call(self.channel.exchange_declare(request)).await
    }

    async fn bind_exchange(&self, binding: &ExchangeBinding) -> Result<(), Error> {
        name("the source exchange", &binding.source)?;
        name("the destination exchange", &binding.destination)?;
        name("the routing key", &binding.routing_key)?;
        let mut request = ExchangeBindArguments::new(&binding.destination, &binding.source, &binding.routing_key);
        request.arguments(table(&binding.arguments)?);
        self.call(self.channel.exchange_bind(request)).await
    }

    async fn declare_queue(&self, queue: &Queue) -> Result<(), Error> {
        name("the queue", &queue.name)?;
        let mut request = QueueDeclareArguments::durable_client_named(&queue.name);
        request.arguments(table(&queue.arguments)?);
        self.call(self.channel.queue_declare(request)).await.map(|_| ())
    }

    async fn bind_queue(&self, binding: &QueueBinding) -> Result<(), Error> {
        check_binding(binding)?;
        let mut request = QueueBindArguments::new(&binding.queue, &binding.exchange, &binding.routing_key);
        request.arguments(table(&binding.arguments)?);
        self.call(self.channel.queue_bind(request)).await
    }
}

fn check_binding(binding: &QueueBinding) -> Result<(), Error> {
    name("the queue", &binding.queue)?;
    name("the exchange", &binding.exchange)?;
    name("the routing key", &binding.routing_key)
}

pub(super) fn table(arguments: &[(String, Header)]) -> Result<FieldTable, Error> {
    for (key, _) in arguments {
        name("an argument's name", key)?;
    }
    header::to_table(arguments).ok_or_else(|| Error::Protocol("an argument is too long".to_owned()))
}
