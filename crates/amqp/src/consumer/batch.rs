//! Messages that were taken together and are settled together.

use std::sync::Arc;

use amqprs::channel::ConsumerMessage;

use super::session::{Numbers, Session, Verdict};
use crate::{Delivery, Error, Properties};

/// Messages in the order of the queue, never none.
///
/// Dropped without being settled, they go back to the queue.
#[derive(Debug)]
pub struct Batch {
    /// The messages.
    pub deliveries: Vec<Delivery>,
    numbers: Numbers,
    session: Arc<Session>,
    settled: bool,
}

impl Batch {
    /// `None` if the channel that delivered the messages is gone: they will be delivered again.
    pub(super) fn new(messages: impl Iterator<Item = ConsumerMessage>, session: &Arc<Session>) -> Option<Self> {
        let mut numbers: Option<Numbers> = None;
        let mut deliveries = Vec::new();
        for message in messages {
            let Some((number, delivery)) = taken_apart(message) else {
                session.broken("a delivery without content");
                return None;
            };
            numbers = Some(Numbers { first: numbers.map_or(number, |numbers| numbers.first), last: number });
            deliveries.push(delivery);
        }
        let numbers = numbers?;
        session.take(numbers).then(|| Self { deliveries, numbers, session: Arc::clone(session), settled: false })
    }

    /// The messages have been dealt with, for good.
    ///
    /// That it succeeds means only that the acknowledgement is on its way: if it gets lost, the messages are delivered
    /// again. So does [`Error::Stale`]: they were delivered on a channel that is gone.
    pub async fn ack_all(self) -> Result<(), Error> {
        self.settle(Verdict::Ack).await
    }

    /// The messages go back to the queue, and are delivered again at once, to us or to somebody else.
    pub async fn requeue_all(self) -> Result<(), Error> {
        self.settle(Verdict::Requeue).await
    }

    async fn settle(mut self, verdict: Verdict) -> Result<(), Error> {
        self.session.settle(self.numbers, verdict).await?;
        self.settled = true;
        Ok(())
    }
}

impl Drop for Batch {
    fn drop(&mut self) {
        if !self.settled {
            self.session.dropped(self.numbers);
        }
    }
}

fn taken_apart(message: ConsumerMessage) -> Option<(u64, Delivery)> {
    let (deliver, properties) = (message.deliver?, message.basic_properties?);
    let delivery = Delivery {
        exchange: deliver.exchange().clone(),
        routing_key: deliver.routing_key().clone(),
        redelivered: deliver.redelivered(),
        properties: Properties::from(&properties),
        body: message.content?,
    };
    Some((deliver.delivery_tag(), delivery))
}
