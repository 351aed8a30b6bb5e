//! What the client library tells us unasked.
//!
//! It drops its callbacks when a dispatcher ends for whatever reason: orderly close, network failure, missed heartbeats
//! or a panic inside. So [`Drop`] is the signal that never fails.

use std::sync::Arc;

use amqprs::{
    Ack, BasicProperties, Cancel, Close, CloseChannel, Nack, Return,
    callbacks::{ChannelCallback, ConnectionCallback},
    channel::Channel,
    connection::Connection,
    error::Error as ClientError,
};
use async_trait::async_trait;

use crate::{
    Error,
    fate::Fate,
    publisher::{Confirms, Outcome, Returned},
};

/// Watches a connection.
pub(crate) struct ConnectionEvents(pub(crate) Arc<Fate>);

#[async_trait]
impl ConnectionCallback for ConnectionEvents {
    async fn close(&mut self, _: &Connection, close: Close) -> Result<(), ClientError> {
        self.0.end(Error::ConnectionClosed { code: close.reply_code(), text: close.reply_text().clone() });
        Ok(())
    }

    // The library does not announce the capability that would make the broker send these two.
    async fn blocked(&mut self, _: &Connection, _: String) {}

    async fn unblocked(&mut self, _: &Connection) {}

    async fn secret_updated(&mut self, _: &Connection) {}
}

impl Drop for ConnectionEvents {
    fn drop(&mut self) {
        self.0.end(Error::ConnectionLost);
    }
}

/// Watches a channel. Runs inside the channel's dispatcher, so nothing here may wait.
pub(crate) struct ChannelEvents {
    pub(crate) connection: Arc<Fate>,
    pub(crate) channel: Arc<Fate>,
    /// Where confirms go, on a channel that publishes.
    pub(crate) confirms: Option<Arc<Confirms>>,
}

#[async_trait]
impl ChannelCallback for ChannelEvents {
    async fn close(&mut self, _: &Channel, close: CloseChannel) -> Result<(), ClientError> {
        self.channel.end(Error::ChannelClosed { code: close.reply_code(), text: close.reply_text().clone() });
        Ok(())
    }

    async fn cancel(&mut self, _: &Channel, _: Cancel) -> Result<(), ClientError> {
        self.channel.end(Error::ConsumerCancelled);
        Ok(())
    }

    async fn flow(&mut self, _: &Channel, active: bool) -> Result<bool, ClientError> {
        Ok(active)
    }

    async fn publish_ack(&mut self, _: &Channel, ack: Ack) {
        if let Some(confirms) = &self.confirms {
            confirms.settle(ack.delivery_tag(), ack.mutiple(), &Outcome::Confirmed);
        }
    }

    async fn publish_nack(&mut self, _: &Channel, nack: Nack) {
        if let Some(confirms) = &self.confirms {
            confirms.settle(nack.delivery_tag(), nack.multiple(), &Outcome::Nacked);
        }
    }

    async fn publish_return(&mut self, _: &Channel, returned: Return, properties: BasicProperties, body: Vec<u8>) {
        let Some(confirms) = &self.confirms else { return };
        let returned = Returned {
            code: returned.reply_code(),
            text: returned.reply_text(),
            exchange: returned.exchange(),
            routing_key: returned.routing_key(),
            properties: &properties,
            body: &body,
        };
        if !confirms.returned(&returned) {
            // Confirming the wrong message would lose one: better none of those in flight.
            self.channel.end(Error::Protocol("the broker returned a message that is not in flight".to_owned()));
        }
    }
}

impl Drop for ChannelEvents {
    fn drop(&mut self) {
        self.channel.end(self.connection.cause_or_lost());
    }
}
