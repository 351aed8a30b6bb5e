//! Messages, as they are published and as they arrive.

use amqprs::{BasicProperties, DELIVERY_MODE_PERSISTENT};

use crate::header::{self, Header, Headers};

mod validate;

pub(crate) use validate::{name, validate};

/// A message to publish.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Message {
    /// Where to publish; empty is the default exchange, which takes the routing key for the name of a queue.
    pub exchange: String,
    /// Where the exchange should send it.
    pub routing_key: String,
    /// Whether to come back as [`Outcome::Returned`](crate::Outcome::Returned) when no queue takes it.
    pub mandatory: bool,
    /// Everything else but the body.
    pub properties: Properties,
    /// The body.
    pub body: Vec<u8>,
}

/// A message's properties. What is `None`, empty or false is not sent.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Properties {
    /// The type of the message, for the application (`type` in AMQP).
    pub message_type: Option<String>,
    /// The media type of the body.
    pub content_type: Option<String>,
    /// How the body is encoded.
    pub content_encoding: Option<String>,
    /// Named values; exchanges may route by them.
    pub headers: Headers,
    /// Whether the message survives a restart of the broker.
    pub persistent: bool,
    /// Which application sent it.
    pub app_id: Option<String>,
    /// Which user sent it: the broker refuses any but the connection's own.
    pub user_id: Option<String>,
    /// The sender's name for the message.
    pub message_id: Option<String>,
    /// The request that this message answers.
    pub correlation_id: Option<String>,
    /// Where an answer should go.
    pub reply_to: Option<String>,
    /// How many milliseconds the message is good for, as a text.
    pub expiration: Option<String>,
    /// When it was sent, in seconds since 1970.
    pub timestamp: Option<u64>,
    /// Its rank in a priority queue.
    pub priority: Option<u8>,
    /// A relic of older protocol versions.
    pub cluster_id: Option<String>,
}

/// A message that arrived.
#[derive(Clone, Debug, PartialEq)]
pub struct Delivery {
    /// The exchange that it was published to.
    pub exchange: String,
    /// The routing key that it was published with.
    pub routing_key: String,
    /// Whether it was delivered before, to us or to somebody else, and returned to the queue.
    pub redelivered: bool,
    /// Everything else but the body.
    pub properties: Properties,
    /// The body.
    pub body: Vec<u8>,
}

impl Delivery {
    /// The same message for another destination, faithful but for what would make the broker refuse or spread it: the
    /// user id (which must be the publisher's own), and the headers `CC` and `BCC` (which name further queues).
    pub fn republish(&self, exchange: impl Into<String>, routing_key: impl Into<String>) -> Message {
        let mut properties = self.properties.clone();
        properties.user_id = None;
        properties.headers.retain(|(name, _)| name != "CC" && name != "BCC");
        Message {
            exchange: exchange.into(),
            routing_key: routing_key.into(),
            mandatory: false,
            properties,
            body: self.body.clone(),
        }
    }

    /// The header of the given name.
    pub fn header(&self, name: &str) -> Option<&Header> {
        self.properties.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value)
    }
}

impl From<&BasicProperties> for Properties {
    fn from(properties: &BasicProperties) -> Self {
        Self {
            message_type: properties.message_type().cloned(),
            content_type: properties.content_type().cloned(),
            content_encoding: properties.content_encoding().cloned(),
            headers: properties.headers().map(header::from_table).unwrap_or_default(),
            persistent: properties.delivery_mode() == Some(DELIVERY_MODE_PERSISTENT),
            app_id: properties.app_id().cloned(),
            user_id: properties.user_id().cloned(),
            message_id: properties.message_id().cloned(),
            correlation_id: properties.correlation_id().cloned(),
            reply_to: properties.reply_to().cloned(),
            expiration: properties.expiration().cloned(),
            timestamp: properties.timestamp(),
            priority: properties.priority(),
            cluster_id: properties.cluster_id().cloned(),
        }
    }
}

impl Properties {
    /// The client library's form. `None` for what [`validate()`] would refuse.
    pub(crate) fn to_wire(&self) -> Option<BasicProperties> {
        let headers = if self.headers.is_empty() { None } else { Some(header::to_table(&self.headers)?) };
        Some(BasicProperties::new(
            self.content_type.clone(),
            self.content_encoding.clone(),
            headers,
            self.persistent.then_some(DELIVERY_MODE_PERSISTENT),
            self.priority,
            self.correlation_id.clone(),
            self.reply_to.clone(),
            self.expiration.clone(),
            self.message_id.clone(),
            self.timestamp,
            self.message_type.clone(),
            self.user_id.clone(),
            self.app_id.clone(),
            self.cluster_id.clone(),
        ))
    }
}

#[cfg(test)]
mod tests;
