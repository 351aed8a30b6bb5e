//! Where messages, commands and the passing of time meet the book.

use std::sync::Arc;
use std::time::{Duration, Instant};

use amqp::{Batch, Consumer, Delivery};
use domain::Timestamp;
use domain::signal::Signal;
use runtime::{Clock, Stop};
use tokio::sync::mpsc;
use tokio::task::JoinHandle;
use tracing::warn;

use super::postman::Post;
use super::{Book, Command, Outgoing, Way};

/// Messages handled at once.
const BATCH: usize = 500;
/// How often the book looks for what is due.
const TICK: Duration = Duration::from_millis(250);

/// Owns the book.
pub(super) struct Desk {
    pub(super) book: Book,
    pub(super) way: Way,
    pub(super) clock: Arc<dyn Clock>,
    pub(super) posts: mpsc::Sender<Post>,
}

impl Desk {
    /// Works until told to stop; then waits until everything is published and acknowledged.
    pub(super) async fn run(
        mut self,
        mut consumer: Consumer,
        mut commands: mpsc::Receiver<Command>,
        postman: JoinHandle<()>,
        stop: Stop,
    ) {
        let mut ticks = tokio::time::interval(TICK);
        ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            let (began, messages, batch) = tokio::select! {
                () = stop.stopped() => break,
                batch = consumer.next_batch(BATCH) => match batch {
                    Some(batch) => (Instant::now(), self.take_in(&batch), Some(batch)),
                    None => break,
                },
                command = commands.recv() => match command {
                    Some(command) => (Instant::now(), self.obey(command), None),
                    None => break,
                },
                _ = ticks.tick() => (Instant::now(), self.tick(), None),
                () = self.next_arrival() => (Instant::now(), self.way.arrived(self.clock.now()), None),
            };
            // The postman ends only after this sender is gone.
            let _ = self.posts.send(Post { began, messages, batch }).await;
        }
        drop(self.posts);
        let _ = postman.await;
        consumer.close().await;
    }

    fn take_in(&mut self, batch: &Batch) -> Vec<Outgoing> {
        let now = self.clock.now();
        let signals = batch.deliveries.iter().filter_map(read);
        let answers = signals.flat_map(|signal| self.book.handle(&signal, now)).collect();
        self.send(answers, now)
    }

    fn obey(&mut self, command: Command) -> Vec<Outgoing> {
        let now = self.clock.now();
        let messages = command(&mut self.book, now);
        self.send(messages, now)
    }

    fn tick(&mut self) -> Vec<Outgoing> {
        let now = self.clock.now();
        let messages = self.book.tick(now);
        self.send(messages, now)
    }

    /// What arrives of the messages and of the updates of accounts that they changed.
    fn send(&mut self, mut messages: Vec<Outgoing>, now: Timestamp) -> Vec<Outgoing> {
        messages.extend(self.book.updates(now));
        self.way.send(messages, now)
    }

    /// Waits for the next delayed message, for ever if there is none.
    async fn next_arrival(&self) {
        match self.way.next_arrival() {
            Some(arrival) => {
                let wait = (arrival - self.clock.now()).to_std().unwrap_or_default();
                // With a clock of its own kind, an arrival may be due later than the wait says: it is asked for again.
                tokio::time::sleep(wait.max(Duration::from_millis(1))).await;
            }
            None => std::future::pending().await,
        }
    }
}

/// Reads a delivery; one that cannot be read is logged and dropped.
fn read(delivery: &Delivery) -> Option<Signal> {
    let properties = &delivery.properties;
    let (content_type, message_type) = (properties.content_type.as_deref(), properties.message_type.as_deref());
    match smp::authority::decode(content_type, message_type, &delivery.body) {
        Ok(signal) => Some(signal),
        Err(rejection) => {
            warn!(message_type, "Dropped a message that is not for an authority: {rejection}");
            None
        }
    }
}
