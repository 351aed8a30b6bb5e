//! Consuming a queue in batches.

use std::fmt;

use amqprs::channel::ConsumerMessage;
use tokio::{
    sync::{mpsc, watch},
    task::JoinHandle,
};
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{BrokerUrl, Status, tasks};

mod batch;
mod brake;
mod session;
mod supervisor;

pub use batch::Batch;
pub use brake::Brake;
use supervisor::{Command, Mode, Subscription, Supervisor};

/// How a [`Consumer`] works.
#[derive(Clone, Debug)]
pub struct ConsumerOptions {
    /// The connection's name, which the broker's operators see.
    pub name: String,
    /// The queue to consume. It is not declared: a queue that does not exist is waited for.
    pub queue: String,
    /// How many messages may be delivered and not acknowledged, and so the most that a batch can hold. 0 means no
    /// limit: the whole queue is then loaded into memory, so do not use it on a queue that may grow.
    pub prefetch_count: u16,
}

/// Takes messages from a queue over one connection, which is made anew whenever it is lost.
///
/// Dropped, or when its token is cancelled, it takes no new messages; once all batches are settled or dropped, it
/// closes the connection, and what was not settled goes back to the queue.
pub struct Consumer {
    subscriptions: mpsc::UnboundedReceiver<Subscription>,
    current: Option<Subscription>,
    buffer: Vec<ConsumerMessage>,
    commands: watch::Sender<Command>,
    obeyed: watch::Receiver<u64>,
    status: watch::Receiver<Status>,
    supervisor: JoinHandle<()>,
    stop: CancellationToken,
    _stop_when_dropped: DropGuard,
}

impl Consumer {
    /// Begins to connect and consume, in a task of its own. Must be called within a tokio runtime.
    pub fn start(url: BrokerUrl, options: ConsumerOptions, stop: &CancellationToken) -> Self {
        let stop = stop.child_token();
        let (subscription_sender, subscriptions) = mpsc::unbounded_channel();
        let (commands, command_receiver) = watch::channel(Command::default());
        let (obeyed_sender, obeyed) = watch::channel(0);
        let (status_sender, status) = watch::channel(Status::default());
        let supervisor = Supervisor {
            url,
            options,
            stop: stop.clone(),
            commands: command_receiver,
            obeyed: obeyed_sender,
            subscriptions: subscription_sender,
            status: status_sender,
        };
        Self {
            subscriptions,
            current: None,
            buffer: Vec::new(),
            commands,
            obeyed,
            status,
            supervisor: tasks::spawn(supervisor.run()),
            stop: stop.clone(),
            _stop_when_dropped: stop.drop_guard(),
        }
    }

    /// Waits for a message, and takes with it what else has already arrived, up to `max` messages. `None` when told to
    /// stop. While paused, it waits. Cancelled, it has taken nothing.
    pub async fn next_batch(&mut self, max: usize) -> Option<Batch> {
        loop {
            let Some(current) = &mut self.current else {
                self.current = tokio::select! {
                    biased;
                    () = self.stop.cancelled() => return None,
                    next = self.subscriptions.recv() => Some(next?),
                };
                continue;
            };
            let taken = tokio::select! {
                biased;
                () = self.stop.cancelled() => return None,
                taken = current.messages.recv_many(&mut self.buffer, max.max(1)) => taken,
            };
            if taken == 0 {
                self.current = None;
            } else if let Some(batch) = Batch::new(self.buffer.drain(..), &current.session) {
                return Some(batch);
            }
        }
    }

    /// Stops consuming, and returns everything that is not settled to the queue, once. The connection is kept alive.
    ///
    /// That includes batches that were taken: settling one afterwards gives [`Error::Stale`](crate::Error::Stale), and
    /// dropping it does nothing. So, to give up on a batch and pause, pause and then drop the batch: requeueing it
    /// first would have it delivered again at once.
    pub async fn pause(&mut self) {
        let number = self.command(Mode::Pause);
        self.current = None;
        // Failing, the supervisor has ended, and consumes nothing either.
        let _ = self.obeyed.wait_for(|&obeyed| obeyed >= number).await;
    }

    /// Consumes again after a pause, or after somebody has pulled a [`Brake`]: what was held goes back to the queue first.
    pub fn resume(&mut self) {
        self.command(Mode::Consume);
    }

    /// For somebody else who must be able to stop further deliveries.
    pub fn brake(&self) -> Brake {
        Brake { commands: self.commands.clone(), obeyed: self.obeyed.clone() }
    }

    /// The state of the subscription, to watch.
    pub fn status(&self) -> watch::Receiver<Status> {
        self.status.clone()
    }

    /// Stops, and waits until all batches are settled or dropped and the connection is closed.
    pub async fn close(self) {
        self.stop.cancel();
        // It fails only if the supervisor panicked: then there is nothing left to wait for.
        let _ = self.supervisor.await;
    }

    fn command(&mut self, mode: Mode) -> u64 {
        let mut number = 0;
        self.commands.send_modify(|command| {
            command.number += 1;
            command.mode = mode;
            number = command.number;
        });
        number
    }
}

impl fmt::Debug for Consumer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Consumer").field("status", &*self.status.borrow()).finish_non_exhaustive()
    }
}
