//! Putting bad messages aside (smp §2, "Dead letters").
//!
//! The broker is not asked to do so: some of its versions lose what a queue dead-letters to a stream.

use amqp::{BrokerUrl, Delivery, Header, Headers, Message, Outcome, Publisher, topology};
use chrono::SecondsFormat;
use domain::Timestamp;
use smp::names::{
    DEAD_LETTER_EXCHANGE as EXCHANGE, DEAD_LETTER_QUEUE as QUEUE, DEAD_LETTER_REASON as REASON,
    DEAD_LETTER_ROUTING_KEY as ROUTING_KEY, DEAD_LETTER_TIME as TIME,
};
use tracing::error;

use crate::judge::Condemned;

/// Publishes to the queue of the dead letters.
pub(crate) struct DeadLetters {
    publisher: Publisher,
    broker: BrokerUrl,
    queue: String,
    destination: String,
}

impl DeadLetters {
    /// For the bad messages of this queue.
    pub(crate) fn new(publisher: Publisher, broker: BrokerUrl, queue: &str) -> Self {
        Self { publisher, broker, queue: queue.to_owned(), destination: format!("{queue}.XQ") }
    }

    /// Puts deliveries aside. The error says why some of them could not be, or may not have been.
    pub(crate) async fn bury(
        &self,
        deliveries: &[Delivery],
        condemned: &[Condemned],
        now: Timestamp,
    ) -> Result<(), String> {
        let letters = condemned.iter().filter_map(|condemned| Some((deliveries.get(condemned.place)?, condemned)));
        let messages: Vec<Message> =
            letters.clone().map(|(delivery, condemned)| self.letter(delivery, condemned, now)).collect();
        let outcomes = self.publish(&messages).await;
        for ((delivery, condemned), outcome) in letters.zip(outcomes) {
            if !outcome.is_confirmed() {
                return Err(format!("{} did not take a message: {}", self.destination, explained(&outcome)));
            }
            self.tell(delivery, condemned);
        }
        Ok(())
    }

    /// Whether there is a queue of dead letters at this moment.
    pub(crate) async fn exist(&self) -> Result<(), String> {
        match topology::queue_status(&self.broker, &self.destination).await {
            Ok(Some(_)) => Ok(()),
            Ok(None) => Err(format!("there is no queue {}", self.destination)),
            Err(error) => Err(error.to_string()),
        }
    }

    /// Waits until the connection is closed.
    pub(crate) async fn close(self) {
        self.publisher.close().await;
    }

    async fn publish(&self, messages: &[Message]) -> Vec<Outcome> {
        let mut outcomes = self.publisher.publish(messages).await;
        for (message, outcome) in messages.iter().zip(&mut outcomes) {
            if matches!(outcome, Outcome::Invalid { .. }) {
                let bare = without_foreign_headers(message);
                *outcome = self.publisher.publish(&[bare]).await.pop().unwrap_or(Outcome::Unconfirmed);
            }
        }
        outcomes
    }

    fn letter(&self, delivery: &Delivery, condemned: &Condemned, now: Timestamp) -> Message {
        let mut message = delivery.republish("", self.destination.as_str());
        // Without the flag, the broker would confirm and forget what no queue takes.
        message.mandatory = true;
        let headers = &mut message.properties.headers;
        headers.retain(|(name, _)| !is_ours(name));
        headers.extend(self.headers(delivery, condemned, now));
        message
    }

    fn headers(&self, delivery: &Delivery, condemned: &Condemned, now: Timestamp) -> Headers {
        let time = now.to_rfc3339_opts(SecondsFormat::Micros, true);
        [
            (REASON, format!("{}: {}", condemned.code, condemned.reason)),
            (QUEUE, self.queue.clone()),
            (TIME, time),
            (EXCHANGE, delivery.exchange.clone()),
            (ROUTING_KEY, delivery.routing_key.clone()),
        ]
        .map(|(name, text)| (name.to_owned(), Header::Text(text)))
        .to_vec()
    }

    fn tell(&self, delivery: &Delivery, condemned: &Condemned) {
        error!(
            queue = self.queue,
            exchange = delivery.exchange,
            routing_key = delivery.routing_key,
            message_type = delivery.properties.message_type,
            code = condemned.code,
            reason = condemned.reason,
            "A message was put aside in {}: {}.",
            self.destination,
            condemned.reason
        );
    }
}

/// With headers this large it can be received, but not be published again with five more.
fn without_foreign_headers(message: &Message) -> Message {
    let mut message = message.clone();
    message.properties.headers.retain(|(name, _)| is_ours(name));
    message
}

fn is_ours(header: &str) -> bool {
    [REASON, QUEUE, TIME, EXCHANGE, ROUTING_KEY].contains(&header)
}

fn explained(outcome: &Outcome) -> String {
    match outcome {
        Outcome::Confirmed => "confirmed".to_owned(),
        Outcome::Nacked => "the broker refuses it".to_owned(),
        Outcome::Returned { code, text } => format!("the broker returned it, {code} {text}"),
        Outcome::Unconfirmed => "the broker did not confirm it".to_owned(),
        Outcome::Invalid { reason } => reason.clone(),
    }
}
