//! One connection with its publishing channel.

use std::{sync::Arc, time::Duration};

use amqprs::channel::{BasicPublishArguments, Channel, ConfirmSelectArguments};
use tokio::{
    sync::{Mutex, RwLock},
    time::{sleep, timeout},
};

use super::{
    Outcome, PublisherOptions,
    confirms::{Confirms, Tally},
};
use crate::{
    BrokerUrl, Error, Message,
    connection::{Connection, SETUP_DEADLINE, call},
    fate::Fate,
};

/// A channel on which messages are published. Ends with whatever ends its channel or connection; never repaired.
pub(super) struct Link {
    connection: Connection,
    channel: Channel,
    fate: Arc<Fate>,
    confirms: Arc<Confirms>,
    /// Held while a message is numbered and sent: both must happen in the same order.
    sending: Mutex<()>,
    /// Held for reading while a batch is on its way.
    in_use: RwLock<()>,
}

impl Link {
    pub(super) async fn open(url: &BrokerUrl, name: &str) -> Result<Self, Error> {
        let confirms = Arc::new(Confirms::default());
        let setup = async {
            let connection = Connection::open(url, name).await?;
            let (channel, fate) = connection.channel(Some(Arc::clone(&confirms))).await?;
            call(&fate, channel.confirm_select(ConfirmSelectArguments::default())).await?;
            Ok((connection, channel, fate))
        };
        let setup = timeout(SETUP_DEADLINE, setup).await.unwrap_or(Err(Error::Deadline(SETUP_DEADLINE)));
        let (connection, channel, fate) = setup?;
        Ok(Self { connection, channel, fate, confirms, sending: Mutex::default(), in_use: RwLock::default() })
    }

    pub(super) fn is_alive(&self) -> bool {
        !self.fate.is_gone()
    }

    /// Waits for the end of the link and says what it was.
    pub(super) async fn lost(&self) -> Error {
        self.fate.gone().await;
        self.fate.cause_or_lost()
    }

    /// Lets batches on their way finish, but no longer than `patience`, and closes the connection.
    pub(super) async fn close(&self, patience: Duration) {
        let _ = timeout(patience, self.in_use.write()).await;
        self.fate.end(Error::Closed);
        self.connection.close().await;
    }

    /// Publishes valid messages and waits for their outcomes.
    pub(super) async fn publish(&self, messages: &[&Message], options: &PublisherOptions) -> Vec<Outcome> {
        let _in_use = self.in_use.read().await;
        let tally = Tally::new(messages.len());
        if self.send_all(messages, &tally, options).await {
            self.wait_until(options.confirm_timeout, || tally.open(), 0).await;
        }
        tally.outcomes()
    }

    /// Whether everything was sent.
    async fn send_all(&self, messages: &[&Message], tally: &Arc<Tally>, options: &PublisherOptions) -> bool {
        let most = options.max_in_flight.max(1);
        for (index, message) in messages.iter().enumerate() {
            let _order = self.sending.lock().await;
            if !self.wait_until(options.confirm_timeout, || self.confirms.open(), most - 1).await {
                return false;
            }
            if let Err(error) = self.send(message, tally, index).await {
                self.fate.end(error);
                return false;
            }
        }
        true
    }

    async fn send(&self, message: &Message, tally: &Arc<Tally>, index: usize) -> Result<(), Error> {
        // Publishing on a channel that is closed makes the broker hang up on the whole connection.
        if !self.is_alive() || !self.channel.is_open() {
            return Err(self.fate.cause_or_lost());
        }
        let Some(properties) = message.properties.to_wire() else {
            return Err(Error::Protocol("a message that was checked cannot be expressed".to_owned()));
        };
        let mut arguments = BasicPublishArguments::new(&message.exchange, &message.routing_key);
        arguments.mandatory(message.mandatory);
        self.confirms.expect(tally, index, message);
        let mut in_step = InStep { fate: &self.fate, sent: false };
        call(&self.fate, self.channel.basic_publish(properties, message.body.clone(), arguments)).await?;
        in_step.sent = true;
        Ok(())
    }

    /// Waits until at most `most` messages are open. Each wait for the next confirm has its own timeout; a broker that
    /// is silent for so long loses the connection. Whether it succeeded.
    async fn wait_until(&self, patience: Duration, open: impl Fn() -> usize, most: usize) -> bool {
        let mut before = open();
        if before <= most {
            return true;
        }
        let mut deadline = Box::pin(sleep(patience));
        loop {
            let progress = self.confirms.progress().notified();
            let mut progress = std::pin::pin!(progress);
            // Listening begins here: what comes after the next line is not missed.
            progress.as_mut().enable();
            let now = open();
            if now <= most {
                return true;
            }
            if now != before {
                before = now;
                deadline.set(sleep(patience));
            }
            tokio::select! {
                () = progress => {}
                () = self.fate.gone() => return open() <= most,
                () = &mut deadline => self.fate.end(Error::ConfirmDeadline(patience)),
            }
        }
    }
}

impl std::fmt::Debug for Link {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Link").field("fate", &self.fate).finish_non_exhaustive()
    }
}

/// A message was numbered; unless it is sent as well, the broker's numbers are no longer ours. It happens when a
/// publisher is cancelled at the wrong moment.
struct InStep<'a> {
    fate: &'a Fate,
    sent: bool,
}

impl Drop for InStep<'_> {
    fn drop(&mut self) {
        if !self.sent {
            self.fate.end(Error::Protocol("a publisher was cancelled while it sent a message".to_owned()));
        }
    }
}
