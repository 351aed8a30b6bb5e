//! The authority at the broker.

use std::sync::Arc;
use std::time::Duration;

use amqp::{BrokerUrl, Consumer, ConsumerOptions, Publisher, PublisherOptions};
use domain::{AccountKey, DebtorId, Timestamp};
use runtime::{Clock, Stop, SystemClock, tasks};
use tokio::sync::{Mutex, mpsc, oneshot};
use tokio::task::JoinHandle;

use super::account::Account;
use super::book::{Book, Refused};
use super::faults::{Faults, Way};
use super::options::BookOptions;
use super::outgoing::Outgoing;
use answering::Answering;

mod answering;
mod desk;
mod postman;
mod queue;

/// Commands that may wait.
const COMMANDS: usize = 64;
/// Batches that may wait for their publication.
const POSTS: usize = 4;
/// Messages that may be delivered and not acknowledged.
const PREFETCH: u16 = 4_000;

/// Where and how an authority works.
#[derive(Clone)]
pub struct AuthorityOptions {
    /// The broker.
    pub broker: BrokerUrl,
    /// The debtors it serves.
    pub debtors: Vec<DebtorId>,
    /// Further routing keys of messages it takes, as `#` for all debtors. A debtor whose messages nobody takes does not
    /// exist for the agent, so `#` leaves none of these.
    pub binding_keys: Vec<String>,
    /// Its queue; durable, made if there is none.
    pub queue: String,
    /// How the book is kept. The purge delay is extended by the longest delay of `faults`.
    pub book: BookOptions,
    /// What happens to outgoing messages.
    pub faults: Faults,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
}

impl AuthorityOptions {
    /// An instant and faultless authority.
    pub fn new(broker: BrokerUrl, debtors: Vec<DebtorId>) -> Self {
        Self {
            broker,
            debtors,
            binding_keys: vec![],
            queue: "simulated-authority".to_owned(),
            book: BookOptions::default(),
            faults: Faults::default(),
            clock: Arc::new(SystemClock),
        }
    }
}

/// A command was not carried out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// The book does not allow it.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The authority has stopped.
    #[error("the authority has stopped")]
    Stopped,
}

/// What a command does to the book, and sends.
type Command = Box<dyn FnOnce(&mut Book, Timestamp) -> Vec<Outgoing> + Send>;

/// A running authority. Dropped, it stops by itself.
pub struct Authority {
    commands: mpsc::Sender<Command>,
    answering: Arc<Answering>,
    stop: Stop,
    desk: Mutex<Option<JoinHandle<()>>>,
}

impl Authority {
    /// Declares and binds the queue, and begins to work. The exchange `creditors_out` must exist.
    pub async fn start(options: AuthorityOptions) -> Result<Self, amqp::Error> {
        queue::declare(&options).await?;
        let (commands, command_receiver) = mpsc::channel(COMMANDS);
        let (posts, post_receiver) = mpsc::channel(POSTS);
        let stop = Stop::new();
        let mut book_options = options.book;
        let longest_delay = options.faults.max_delay.max(options.faults.min_delay);
        book_options.purge_delay += chrono::TimeDelta::from_std(longest_delay).unwrap_or_default();

        // Both outlive the stop: what has been taken in is answered and acknowledged first.
        let lasting = Stop::new();
        let name = format!("simulated authority {}", options.queue);
        let publisher = Publisher::start(options.broker.clone(), PublisherOptions::new(name.clone()), lasting.token());
        let consumer_options = ConsumerOptions { name, queue: options.queue, prefetch_count: PREFETCH };
        let consumer = Consumer::start(options.broker, consumer_options, lasting.token());
        let answering = Arc::new(Answering::default());
        let postman = postman::run(post_receiver, publisher, Arc::clone(&answering), stop.clone());
        let postman = tasks::spawn("authority's postman", postman);
        let desk =
            desk::Desk { book: Book::new(book_options), way: Way::new(options.faults), clock: options.clock, posts };
        let desk = tasks::spawn("authority's desk", desk.run(consumer, command_receiver, postman, stop.clone()));
        Ok(Self { commands, answering, stop, desk: Mutex::new(Some(desk)) })
    }

    /// Makes money and gives it to an account.
    pub async fn issue(&self, key: AccountKey, amount: i64) -> Result<(), CommandError> {
        self.command(move |book, now| match book.issue(key, amount, now) {
            Ok(outgoing) => (vec![outgoing], Ok(())),
            Err(refused) => (vec![], Err(refused)),
        })
        .await??;
        Ok(())
    }

    /// Sets a debtor's interest rate, in percent per year.
    pub async fn set_interest_rate(&self, debtor_id: DebtorId, rate: f64) -> Result<(), CommandError> {
        Ok(self.command(move |book, now| (vec![], book.set_interest_rate(debtor_id, rate, now))).await??)
    }

    /// Pays the interest that has accumulated on a debtor's accounts.
    pub async fn pay_interest(&self, debtor_id: DebtorId) -> Result<(), CommandError> {
        self.command(move |book, now| (book.pay_interest(debtor_id, now), ())).await
    }

    /// Removes an account, whatever its holder wants.
    pub async fn purge(&self, key: AccountKey) -> Result<(), CommandError> {
        self.command(move |book, now| match book.purge(key, now) {
            Ok(outgoing) => (outgoing, Ok(())),
            Err(refused) => (vec![], Err(refused)),
        })
        .await??;
        Ok(())
    }

    /// Refuses from now on each configuration whose data contain `pattern`.
    pub async fn reject_configs(&self, pattern: &str, rejection_code: &str) -> Result<(), CommandError> {
        let (pattern, rejection_code) = (pattern.to_owned(), rejection_code.to_owned());
        self.command(move |book, _| (vec![], book.reject_configs(pattern, rejection_code))).await
    }

    /// An account's state.
    pub async fn state(&self, key: AccountKey) -> Result<Option<Account>, CommandError> {
        self.command(move |book, _| (vec![], book.account(key).cloned())).await
    }

    /// The states of all accounts, by creditor and debtor.
    pub async fn accounts(&self) -> Result<Vec<Account>, CommandError> {
        self.command(|book, _| (vec![], book.accounts().cloned().collect())).await
    }

    /// Does anything with the book, between two batches of messages. What `action` returns first is sent.
    pub async fn command<T: Send + 'static>(
        &self,
        action: impl FnOnce(&mut Book, Timestamp) -> (Vec<Outgoing>, T) + Send + 'static,
    ) -> Result<T, CommandError> {
        let (answer, answered) = oneshot::channel();
        let command: Command = Box::new(move |book, now| {
            let (outgoing, result) = action(book, now);
            // Nobody may be waiting any more.
            let _ = answer.send(result);
            outgoing
        });
        let Ok(()) = self.commands.send(command).await else { return Err(CommandError::Stopped) };
        let Ok(result) = answered.await else { return Err(CommandError::Stopped) };
        Ok(result)
    }

    /// How often messages that came together were answered, and how long the agent waited for that in all: from their
    /// arrival until the broker had all answers in safe storage. Delays on purpose are not counted.
    pub fn answering(&self) -> (u64, Duration) {
        self.answering.total()
    }

    /// Whether it works: messages are taken and commands carried out.
    pub fn is_running(&self) -> bool {
        !self.commands.is_closed()
    }

    /// Answers what has been taken in, and stops. Messages that are delayed on purpose are lost.
    pub async fn stop(&self) {
        self.stop.stop();
        if let Some(desk) = self.desk.lock().await.take() {
            // It fails only if the task panicked, which is logged.
            let _ = desk.await;
        }
    }
}

impl Drop for Authority {
    fn drop(&mut self) {
        self.stop.stop();
    }
}
