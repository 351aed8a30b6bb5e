//! Publishing with confirms.

use std::{sync::Arc, time::Duration};

use tokio::{sync::watch, task::JoinHandle, time::timeout};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{BrokerUrl, Message, Status, message::validate, tasks};

mod confirms;
mod link;
mod supervisor;

pub(crate) use confirms::{Confirms, Returned};
use link::Link;

/// How a [`Publisher`] works.
#[derive(Clone, Debug)]
pub struct PublisherOptions {
    /// The connection's name, which the broker's operators see.
    pub name: String,
    /// How long to wait for a connection, and then for the next confirm of a batch, before giving up on it. Three
    /// heartbeats are a good choice.
    pub confirm_timeout: Duration,
    /// How many messages may be on their way without being confirmed; at least 1. Several hundred give full speed.
    pub max_in_flight: usize,
}

impl PublisherOptions {
    /// Half a minute of patience and a thousand messages in flight.
    pub fn new(name: impl Into<String>) -> Self {
        Self { name: name.into(), confirm_timeout: Duration::from_secs(30), max_in_flight: 1_000 }
    }
}

/// What became of a published message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// The broker has taken responsibility for it.
    Confirmed,
    /// The broker refused it, for instance because a queue is full.
    Nacked,
    /// It was mandatory, and no queue wanted it.
    Returned {
        /// The AMQP reply code, as 312 for "no route".
        code: u16,
        /// The broker's explanation.
        text: String,
    },
    /// Unknown: the connection was lost, or the broker took too long. It may or may not have arrived; sending it again
    /// may duplicate it.
    Unconfirmed,
    /// AMQP cannot carry it (for instance, a name longer than 255 bytes). It was not sent, and never will be.
    Invalid {
        /// What is wrong with it.
        reason: String,
    },
}

impl Outcome {
    /// Whether the message need not be sent again.
    pub fn is_confirmed(&self) -> bool {
        matches!(self, Self::Confirmed)
    }
}

/// Publishes messages over one connection, which is made anew whenever it is lost.
///
/// Dropped, or when its token is cancelled, it lets batches on their way finish and closes the connection.
#[derive(Debug)]
pub struct Publisher {
    options: PublisherOptions,
    link: watch::Receiver<Option<Arc<Link>>>,
    status: watch::Receiver<Status>,
    supervisor: JoinHandle<()>,
    stop: CancellationToken,
    _stop_when_dropped: DropGuard,
}

impl Publisher {
    /// Begins to connect, in a task of its own. Must be called within a tokio runtime.
    pub fn start(url: BrokerUrl, options: PublisherOptions, stop: &CancellationToken) -> Self {
        let stop = stop.child_token();
        let (link_sender, link) = watch::channel(None);
        let (status_sender, status) = watch::channel(Status::default());
        let supervisor = tasks::spawn(supervisor::run(supervisor::Supervisor {
            url,
            options: options.clone(),
            stop: stop.clone(),
            link: supervisor::Vacated(link_sender),
            status: status_sender,
        }));
        let guard = stop.clone().drop_guard();
        Self { options, link, status, supervisor, stop, _stop_when_dropped: guard }
    }

    /// Publishes a batch and waits for what becomes of it; the outcomes are in the order of the messages.
    ///
    /// Messages for one exchange go out together, in their order: a missing exchange, which makes the broker hang up,
    /// leaves only its own messages unconfirmed. Without a connection it waits for one, up to `confirm_timeout`. Any
    /// number of batches may be published at the same time. Cancelled, it is unknown which messages were sent.
    pub async fn publish(&self, batch: &[Message]) -> Vec<Outcome> {
        self.publish_with(batch, self.options.confirm_timeout).await
    }

    /// The same, but does not wait for a connection: without one, all messages are unconfirmed, and were not sent.
    pub async fn publish_at_once(&self, batch: &[Message]) -> Vec<Outcome> {
        self.publish_with(batch, Duration::ZERO).await
    }

    async fn publish_with(&self, batch: &[Message], patience: Duration) -> Vec<Outcome> {
        let mut outcomes = vec![Outcome::Unconfirmed; batch.len()];
        for group in by_exchange(batch, &mut outcomes) {
            let Some(link) = self.live_link(patience).await else { return outcomes };
            let messages: Vec<&Message> = group.iter().filter_map(|&index| batch.get(index)).collect();
            let results = link.publish(&messages, &self.options).await;
            for (index, result) in group.into_iter().zip(results) {
                if let Some(outcome) = outcomes.get_mut(index) {
                    *outcome = result;
                }
            }
        }
        outcomes
    }

    /// Whether there is a connection at this moment.
    pub fn is_connected(&self) -> bool {
        self.link.borrow().as_ref().is_some_and(|link| link.is_alive())
    }

    /// The state of the connection, to watch.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Stops, and waits until batches on their way have finished and the connection is closed.
    pub async fn close(self) {
        self.stop.cancel();
        // It fails only if the supervisor panicked: then there is nothing left to wait for.
        let _ = self.supervisor.await;
    }

    async fn live_link(&self, patience: Duration) -> Option<Arc<Link>> {
        if patience.is_zero() {
            return self.link.borrow().clone().filter(|link| link.is_alive());
        }
        let mut links = self.link.clone();
        let found =
            links.wait_for(|link| self.stop.is_cancelled() || link.as_ref().is_some_and(|link| link.is_alive()));
        tokio::select! {
            biased;
            found = timeout(patience, found) => found.ok()?.ok()?.clone(),
            () = self.stop.cancelled() => None,
        }
    }
}

/// Indices of the valid messages, by exchange, in order of appearance; the others get their outcome at once.
fn by_exchange(batch: &[Message], outcomes: &mut [Outcome]) -> Vec<Vec<usize>> {
    let mut groups: Vec<(&str, Vec<usize>)> = Vec::new();
    for (index, (message, outcome)) in batch.iter().zip(outcomes).enumerate() {
        if let Err(reason) = validate(message) {
            *outcome = Outcome::Invalid { reason };
            continue;
        }
        match groups.iter_mut().find(|(exchange, _)| *exchange == message.exchange) {
            Some((_, indices)) => indices.push(index),
            None => groups.push((&message.exchange, vec![index])),
        }
    }
    groups.into_iter().map(|(_, indices)| indices).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_are_grouped_by_exchange_in_order_of_appearance() {
        let to = |exchange: &str| Message { exchange: exchange.to_owned(), ..Message::default() };
        let batch = [to("b"), to("a"), to(&"x".repeat(256)), to("b"), to(""), to("a")];
        let mut outcomes = vec![Outcome::Unconfirmed; batch.len()];
        assert_eq!(by_exchange(&batch, &mut outcomes), [vec![0, 3], vec![1, 5], vec![4]]);
        for (index, outcome) in outcomes.iter().enumerate() {
            assert_eq!(matches!(outcome, Outcome::Invalid { .. }), index == 2, "{index}");
        }
    }
}
