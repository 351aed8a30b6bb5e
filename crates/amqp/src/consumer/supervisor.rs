//! Keeps a consumer connected and subscribed.

use std::{future::Future, sync::Arc};

use amqprs::channel::{BasicCancelArguments, BasicConsumeArguments, BasicQosArguments, Channel, ConsumerMessage};
use tokio::{
    sync::{mpsc, watch},
    time::{sleep, timeout},
};
use tokio_util::sync::CancellationToken;
use tracing::{debug, info, warn};

use super::{
    ConsumerOptions,
    session::{Numbers, Session, Verdict},
};
use crate::{
    BrokerUrl, Error, Status,
    backoff::Backoff,
    connection::{Connection, SETUP_DEADLINE, call},
    message::name,
};

/// What to do. Numbered, so that it is known which one was obeyed.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Command {
    pub(super) number: u64,
    pub(super) mode: Mode,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Mode {
    #[default]
    Consume,
    /// Nothing more is delivered; what was delivered stays.
    Hold,
    /// Nothing is delivered, and what was delivered is returned.
    Pause,
}

impl Command {
    fn wants_messages(self) -> bool {
        self.mode == Mode::Consume
    }
}

/// Where messages arrive.
#[derive(Debug)]
pub(super) struct Subscription {
    pub(super) messages: mpsc::UnboundedReceiver<ConsumerMessage>,
    pub(super) session: Arc<Session>,
}

pub(super) struct Supervisor {
    pub(super) url: BrokerUrl,
    pub(super) options: ConsumerOptions,
    pub(super) stop: CancellationToken,
    pub(super) commands: watch::Receiver<Command>,
    pub(super) obeyed: watch::Sender<u64>,
    pub(super) subscriptions: mpsc::UnboundedSender<Subscription>,
    pub(super) status: watch::Sender<Status>,
}

/// The supervisor's side of a subscription.
struct Subscribed {
    channel: Arc<Channel>,
    consumer_tag: String,
    session: Arc<Session>,
    dropped: mpsc::UnboundedReceiver<Numbers>,
}

enum Next {
    Pause,
    Stop,
}

impl Supervisor {
    pub(super) async fn run(mut self) {
        let mut backoff = Backoff::default();
        while let Err(error) = self.one_connection(&mut backoff).await {
            let pause = backoff.failed();
            let (name, queue, retry_ms) = (&self.options.name, &self.options.queue, pause.as_millis());
            warn!(consumer = %name, queue, broker = %self.url, %error, retry_ms, "consumer has no queue, trying again");
            self.status.send_replace(Status::Failing { failures: backoff.failures(), error });
            if self.unsubscribed(sleep(pause)).await.is_none() {
                break;
            }
        }
        self.status.send_replace(Status::Stopped);
    }

    /// Ends with what ended the connection or the subscription, or well when told to stop.
    async fn one_connection(&mut self, backoff: &mut Backoff) -> Result<(), Error> {
        let (url, name) = (self.url.clone(), self.options.name.clone());
        let connect = async { timeout(SETUP_DEADLINE, Connection::open(&url, &name)).await };
        let connection = match self.unsubscribed(connect).await {
            None => return Ok(()),
            Some(connected) => connected.unwrap_or(Err(Error::Deadline(SETUP_DEADLINE)))?,
        };
        let outcome = self.subscriptions_on(&connection, backoff).await;
        connection.close().await;
        outcome
    }

    async fn subscriptions_on(&mut self, connection: &Connection, backoff: &mut Backoff) -> Result<(), Error> {
        loop {
            if !self.resumed(connection).await? {
                return Ok(());
            }
            let mut subscribed = self.subscribe(connection).await?;
            backoff.connected();
            let next = self.consume(&mut subscribed).await;
            match next {
                Ok(Next::Pause) => self.return_all(subscribed).await?,
                Ok(Next::Stop) => return self.finish(subscribed).await,
                Err(error) => {
                    subscribed.session.retire(error.clone()).await;
                    return Err(error);
                }
            }
        }
    }

    /// Waits for the end of a pause, if there is one. False when told to stop.
    async fn resumed(&mut self, connection: &Connection) -> Result<bool, Error> {
        while !self.commands.borrow().wants_messages() {
            self.obey();
            tokio::select! {
                () = self.stop.cancelled() => return Ok(false),
                error = connection.lost() => return Err(error),
                changed = self.commands.changed() => if changed.is_err() { return Ok(false) },
            }
        }
        Ok(!self.stop.is_cancelled())
    }

    /// Does something during which there is no subscription; a command to pause is obeyed meanwhile. `None` when told
    /// to stop.
    async fn unsubscribed<T>(&mut self, work: impl Future<Output = T>) -> Option<T> {
        let mut work = std::pin::pin!(work);
        loop {
            if !self.commands.borrow_and_update().wants_messages() {
                self.obey();
            }
            tokio::select! {
                () = self.stop.cancelled() => return None,
                done = &mut work => return Some(done),
                changed = self.commands.changed() => if changed.is_err() { return None },
            }
        }
    }

    /// There is no subscription: everything is as a pause should be.
    fn obey(&mut self) {
        let command = *self.commands.borrow_and_update();
        if !command.wants_messages() {
            self.status.send_replace(Status::Paused);
        }
        self.obeyed.send_replace(command.number);
    }

    async fn subscribe(&mut self, connection: &Connection) -> Result<Subscribed, Error> {
        let options = &self.options;
        name("the queue", &options.queue)?;
        let setup = async {
            let (channel, fate) = connection.channel(None).await?;
            let limit = BasicQosArguments::new(0, options.prefetch_count, false);
            call(&fate, channel.basic_qos(limit)).await?;
            let request = BasicConsumeArguments::new(&options.queue, "").manual_ack(true).finish();
            let (consumer_tag, messages) = call(&fate, channel.basic_consume_rx(request)).await?;
            Ok((channel, fate, consumer_tag, messages))
        };
        let setup = timeout(SETUP_DEADLINE, setup).await.unwrap_or(Err(Error::Deadline(SETUP_DEADLINE)));
        let (channel, fate, consumer_tag, messages) = setup?;
        let channel = Arc::new(channel);
        let (session, dropped) = Session::new(&channel, &fate);
        info!(consumer = %options.name, queue = %options.queue, broker = %self.url, "consumer subscribed");
        // Failing, the handle is gone, which is a reason to stop.
        let _ = self.subscriptions.send(Subscription { messages, session: Arc::clone(&session) });
        self.status.send_replace(Status::Ready);
        Ok(Subscribed { channel, consumer_tag, session, dropped })
    }

    /// Looks after a subscription until it is lost, or should be given up.
    async fn consume(&mut self, subscribed: &mut Subscribed) -> Result<Next, Error> {
        let mut held = false;
        loop {
            let command = *self.commands.borrow_and_update();
            match command.mode {
                Mode::Pause => return Ok(Next::Pause),
                // There is no subscription any more: a new one needs a new channel.
                Mode::Consume if held => return Ok(Next::Pause),
                Mode::Consume => {}
                Mode::Hold => {
                    if !held {
                        subscribed.cancel().await?;
                        held = true;
                    }
                    self.obeyed.send_replace(command.number);
                }
            }
            tokio::select! {
                error = subscribed.session.lost() => return Err(error),
                () = self.stop.cancelled() => return Ok(Next::Stop),
                changed = self.commands.changed() => if changed.is_err() { return Ok(Next::Stop) },
                Some(numbers) = subscribed.dropped.recv() => subscribed.requeue(numbers).await,
            }
        }
    }

    /// Closing the channel makes the broker return whatever was delivered on it and not settled, and only once.
    async fn return_all(&mut self, subscribed: Subscribed) -> Result<(), Error> {
        debug!(consumer = %self.options.name, queue = %self.options.queue, "consumer pauses");
        subscribed.session.retire(Error::Closed).await;
        let closing = Channel::clone(&subscribed.channel).close();
        match timeout(SETUP_DEADLINE, closing).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(error)) => Err(Error::Protocol(error.to_string())),
            Err(_elapsed) => Err(Error::Deadline(SETUP_DEADLINE)),
        }
    }

    /// Takes no more, but lets batches on their way be settled, unless told to pause, which gives them up.
    async fn finish(&mut self, mut subscribed: Subscribed) -> Result<(), Error> {
        debug!(consumer = %self.options.name, queue = %self.options.queue, "consumer stops");
        if subscribed.cancel().await.is_err() {
            return Ok(());
        }
        loop {
            let command = *self.commands.borrow_and_update();
            if command.mode == Mode::Pause {
                subscribed.session.retire(Error::Closed).await;
                return Ok(());
            }
            self.obeyed.send_replace(command.number);
            tokio::select! {
                () = subscribed.session.all_settled() => return Ok(()),
                _ = subscribed.session.lost() => return Ok(()),
                Some(numbers) = subscribed.dropped.recv() => subscribed.requeue(numbers).await,
                Ok(()) = self.commands.changed() => {}
            }
        }
    }
}

impl Subscribed {
    /// Ends the subscription; the channel stays. One that was ended before is no error.
    async fn cancel(&self) -> Result<(), Error> {
        let request = BasicCancelArguments::new(&self.consumer_tag);
        match timeout(SETUP_DEADLINE, self.channel.basic_cancel(request)).await {
            Ok(Ok(_)) => Ok(()),
            Ok(Err(error)) => Err(Error::Protocol(error.to_string())),
            Err(_elapsed) => Err(Error::Deadline(SETUP_DEADLINE)),
        }
    }

    /// Failing, the channel is gone, and the broker returns the messages by itself.
    async fn requeue(&self, numbers: Numbers) {
        let _ = self.session.settle(numbers, Verdict::Requeue).await;
    }
}
