//! Comparing a queue's arguments with those wanted.

use amqprs::channel::QueueDeclareArguments;

use super::{
    Queue,
    apply::{ask, table},
    queue_status,
};
use crate::{BrokerUrl, Error, Header};

/// How a queue's arguments compare with those wanted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// There is no such queue.
    Missing,
    /// It has all the arguments wanted.
    Equal,
    /// One of them differs: the first one that the broker finds.
    Different {
        /// The argument's name.
        argument: String,
        /// What the broker says about it.
        explanation: String,
    },
}

/// No queue can be created with this argument, and an existing one never has it.
const IMPOSSIBLE: &str = "x-max-priority";

/// Compares the arguments of a queue, without creating or changing anything.
///
/// The protocol lets nobody read them, but a declaration that differs from the queue is refused with the reason. So that
/// it cannot create the queue, should somebody delete it at this moment, the declaration also contains an argument that no
/// new queue may have.
pub async fn compare_queue(url: &BrokerUrl, wanted: &Queue) -> Result<Comparison, Error> {
    if queue_status(url, &wanted.name).await?.is_none() {
        return Ok(Comparison::Missing);
    }
    let mut arguments = wanted.arguments.clone();
    arguments.push((IMPOSSIBLE.to_owned(), Header::Int(-1)));
    let mut request = QueueDeclareArguments::durable_client_named(&wanted.name);
    request.arguments(table(&arguments)?);
    match ask(url, |channel| async move { channel.queue_declare(request).await }).await {
        Ok(_) => Ok(Comparison::Equal),
        Err(Error::ChannelClosed { code: 406, text }) => match inequivalent_argument(&text) {
            Some(IMPOSSIBLE) => Ok(Comparison::Equal),
            Some(argument) => Ok(Comparison::Different { argument: argument.to_owned(), explanation: text }),
            None => Err(Error::ChannelClosed { code: 406, text }),
        },
        Err(error) if error.is_not_found() => Ok(Comparison::Missing),
        Err(error) => Err(error),
    }
}

/// The argument in "inequivalent arg 'x-dead-letter-exchange' for queue …".
fn inequivalent_argument(text: &str) -> Option<&str> {
    text.split_once("inequivalent arg '")?.1.split_once('\'').map(|(argument, _)| argument)
}
