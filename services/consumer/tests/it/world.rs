//! A shard: its database, its queue, and a consumer of it.

use std::{
    fmt::Display,
    sync::Arc,
    time::{Duration, Instant},
};

use amqp::{
    BrokerUrl, Consumer, ConsumerOptions, Delivery, Header, Message, Outcome, Properties, Publisher, PublisherOptions,
    Status, Topology,
    topology::{self, Exchange, Queue, QueueBinding},
};
use chrono::TimeDelta;
use creditors_consumer::{Config, Error, Means, consume};
use domain::{
    AccountKey, CreditorId, DebtorId, Realm, Shard, Timestamp,
    incoming::{AccountTransfer, Incoming},
};
use observability::Readiness;
use persistence::{Db, PoolOptions, Target};
use procedures::incoming::Context;
use runtime::{Clock as _, Stop, SystemClock, SystemRandom, tasks};
use smp::authority::{Unused, encode, message_type, routing_key};
use testkit::{TestBroker, TestDatabase};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_postgres::Client;

const PATIENCE: Duration = Duration::from_mins(1);

/// The smallest id of the default range.
pub(crate) const C: CreditorId = CreditorId::new(0x101_0000_0000);
pub(crate) const ACCOUNT: AccountKey = AccountKey::new(C, DebtorId::new(7));

pub(crate) const QUEUE: &str = "q";
pub(crate) const DEAD_LETTERS: &str = "q.XQ";
const EXCHANGE: &str = "ca.creditors";

/// A database with [`ACCOUNT`], and a virtual host with the exchange and the queues of smp §9.
pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) broker: TestBroker,
    pub(crate) url: BrokerUrl,
    pub(crate) readiness: Readiness,
    pub(crate) now: Timestamp,
    publisher: Publisher,
}

/// A consumer in this process.
pub(crate) struct Running {
    pub(crate) stop: Stop,
    pub(crate) task: JoinHandle<Result<(), Error>>,
}

impl World {
    pub(crate) async fn new() -> Self {
        let world = Self::without_dead_letters().await;
        world.declare_dead_letters().await;
        world
    }

    pub(crate) async fn without_dead_letters() -> Self {
        Self::of(TestDatabase::create().await, TestBroker::create().await).await
    }

    /// On servers of one's own.
    pub(crate) async fn on(database: TestDatabase, broker: TestBroker) -> Self {
        let world = Self::of(database, broker).await;
        world.declare_dead_letters().await;
        world
    }

    async fn of(database: TestDatabase, broker: TestBroker) -> Self {
        let url = BrokerUrl::parse(broker.url()).unwrap();
        let topology = Topology {
            exchanges: vec![Exchange { name: EXCHANGE.to_owned(), kind: "topic".to_owned(), arguments: Vec::new() }],
            queues: vec![queue(
                QUEUE,
                &[
                    ("x-queue-type", "quorum"),
                    ("overflow", "reject-publish"),
                    ("x-dead-letter-exchange", ""),
                    ("x-dead-letter-routing-key", DEAD_LETTERS),
                ],
            )],
            queue_bindings: vec![QueueBinding {
                exchange: EXCHANGE.to_owned(),
                queue: QUEUE.to_owned(),
                routing_key: "#".to_owned(),
                arguments: Vec::new(),
            }],
            ..Topology::default()
        };
        topology::apply(&url, &topology).await.unwrap();
        let publisher = Publisher::start(url.clone(), PublisherOptions::new("test"), Stop::new().token());
        let (readiness, now) = (Readiness::default(), SystemClock.now());
        let world = Self { database, broker, url, readiness, now, publisher };
        world.add_account().await;
        world
    }

    pub(crate) async fn declare_dead_letters(&self) {
        let queues = vec![queue(DEAD_LETTERS, &[("x-queue-type", "stream")])];
        topology::apply(&self.url, &Topology { queues, ..Topology::default() }).await.unwrap();
    }

    async fn add_account(&self) {
        let (c, d) = (C.get(), ACCOUNT.debtor_id.get());
        self.sql(&format!(
            "INSERT INTO creditor (creditor_id, status_flags, created_at, last_log_entry_id, creditor_latest_update_id, \
                 creditor_latest_update_ts, accounts_list_latest_update_id, accounts_list_latest_update_ts, \
                 transfers_list_latest_update_id, transfers_list_latest_update_ts) \
             VALUES ({c}, 1, now(), 0, 1, now(), 1, now(), 1, now()); \
             INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_ts) VALUES ({c}, {d}, now(), now()); \
             INSERT INTO account_data (creditor_id, debtor_id, creation_date, last_change_ts, last_change_seqnum, \
                 principal, interest, last_transfer_number, last_transfer_committed_at, last_heartbeat_ts, \
                 last_config_ts, last_config_seqnum, negligible_amount, config_flags, config_data, \
                 is_config_effectual, allow_unsafe_deletion, has_server_account, config_latest_update_ts, \
                 interest_rate, last_interest_rate_change_ts, transfer_note_max_bytes, account_id, \
                 info_latest_update_ts, ledger_principal, ledger_last_entry_id, ledger_last_transfer_number, \
                 ledger_latest_update_ts) \
             VALUES ({c}, {d}, '1970-01-01', 'epoch', 0, 0, 0, 0, 'epoch', now(), now(), 0, 1e30, 0, '', false, \
                 false, false, now(), 0, 'epoch', 0, '', now(), 0, 1, 0, now())"
        ))
        .await;
    }

    pub(crate) async fn client(&self) -> Client {
        self.database.client().await
    }

    pub(crate) async fn sql(&self, text: &str) {
        self.client().await.batch_execute(text).await.unwrap();
    }

    /// The single number that a query gives.
    pub(crate) async fn number(&self, query: &str) -> i64 {
        self.client().await.query_one(query, &[]).await.unwrap().get(0)
    }

    pub(crate) async fn stored_transfers(&self) -> i64 {
        self.number("SELECT count(*) FROM committed_transfer").await
    }

    /// Every stored transfer is announced in the log exactly once: nothing was applied twice.
    pub(crate) async fn assert_stored_once(&self, transfers: i64) {
        assert_eq!(self.stored_transfers().await, transfers);
        assert_eq!(self.number("SELECT count(*) FROM pending_log_entry WHERE object_type_hint = 3").await, transfers);
    }

    pub(crate) async fn wait_stored(&self, transfers: i64) {
        until(format!("{transfers} stored transfers"), async || self.stored_transfers().await == transfers).await;
    }

    pub(crate) async fn ready(&self, queue: &str) -> u32 {
        topology::queue_status(&self.url, queue).await.unwrap().unwrap().ready
    }

    pub(crate) async fn wait_ready(&self, messages: u32) {
        until(format!("{messages} ready messages"), async || self.ready(QUEUE).await == messages).await;
    }

    pub(crate) async fn wait_consumers(&self, consumers: u32) {
        until(format!("{consumers} consumers"), async || {
            topology::queue_status(&self.url, QUEUE).await.unwrap().unwrap().consumers == consumers
        })
        .await;
    }

    /// After the end of all consumers: what was not acknowledged would be back in the queue.
    pub(crate) async fn assert_all_acknowledged(&self) {
        self.wait_consumers(0).await;
        assert_eq!(self.ready(QUEUE).await, 0);
    }

    /// Consumes until nothing is left. For messages whose second delivery changes nothing, so that nothing can be waited
    /// for: a consumer that is stopped returns what it has not begun.
    pub(crate) async fn drain(&self) {
        until("an end of the queue", async || {
            let running = self.start();
            self.wait_consumers(2).await;
            self.wait_ready(0).await;
            running.stop().await;
            self.wait_consumers(0).await;
            self.ready(QUEUE).await == 0
        })
        .await;
    }

    /// How often the broker has counted the messages that are in the queue as delivered in vain; messages that were never
    /// delivered are left out. Nobody else may consume. They are in the queue again afterwards, and counted once more.
    pub(crate) async fn delivery_counts(&self) -> Vec<i64> {
        let mut left = self.ready(QUEUE).await;
        // Without a limit, a quorum queue would deliver no more than 2,000.
        let options = ConsumerOptions { name: "test".to_owned(), queue: QUEUE.to_owned(), prefetch_count: 60_000 };
        let mut consumer = Consumer::start(self.url.clone(), options, Stop::new().token());
        let (mut counts, mut held) = (Vec::new(), Vec::new());
        while left > 0 {
            let batch = soon("the messages", consumer.next_batch(10_000)).await.unwrap();
            left -= u32::try_from(batch.deliveries.len()).unwrap();
            counts.extend(batch.deliveries.iter().filter_map(|delivery| match delivery.header("x-delivery-count") {
                Some(Header::Int(count)) => Some(*count),
                _ => None,
            }));
            held.push(batch);
        }
        drop(held);
        consumer.close().await;
        counts
    }

    pub(crate) async fn wait_unmet(&self, conditions: &[&str]) {
        until(format!("unmet conditions {conditions:?}"), async || self.readiness.unmet() == conditions).await;
    }

    pub(crate) async fn publish(&self, messages: &[Message]) {
        let mut rest = messages.to_vec();
        while !rest.is_empty() {
            let outcomes = soon("confirms", self.publisher.publish(&rest)).await;
            let mut outcomes = outcomes.into_iter();
            rest.retain(|_| match outcomes.next() {
                Some(Outcome::Confirmed) => false,
                // The test has closed the connection.
                Some(Outcome::Unconfirmed) => true,
                other => panic!("{other:?}"),
            });
        }
    }

    /// Publishes transfers with these numbers.
    pub(crate) async fn publish_transfers(&self, numbers: std::ops::RangeInclusive<i64>) {
        let messages: Vec<_> = numbers.map(|number| self.message(&self.transfer(number))).collect();
        self.publish(&messages).await;
    }

    pub(crate) fn transfer(&self, number: i64) -> Incoming {
        self.transfer_saying(number, "note")
    }

    pub(crate) fn transfer_saying(&self, number: i64, note: &str) -> Incoming {
        Incoming::AccountTransfer(AccountTransfer {
            account: ACCOUNT,
            creation_date: "2026-01-01".parse().unwrap(),
            transfer_number: number,
            coordinator_type: "direct".to_owned(),
            sender: "s".to_owned(),
            recipient: "r".to_owned(),
            acquired_amount: 1,
            transfer_note_format: String::new(),
            transfer_note: note.to_owned(),
            committed_at: self.now,
            principal: number,
            ts: self.now,
            previous_transfer_number: number - 1,
        })
    }

    /// As the STOMP server would publish it.
    pub(crate) fn message(&self, message: &Incoming) -> Message {
        message_with(message, &Unused::at(self.now))
    }

    pub(crate) fn config(&self) -> Config {
        let realm = Realm::parse("#").unwrap();
        Config {
            broker: self.url.clone(),
            queue: QUEUE.to_owned(),
            workers: 2,
            prefetch: 1_000,
            draining: None,
            handlers: Context {
                shard: Shard::new(C, CreditorId::new(0x1ff_ffff_ffff), realm),
                log_retention: TimeDelta::days(45),
            },
        }
    }

    pub(crate) fn start(&self) -> Running {
        self.start_with(self.config())
    }

    pub(crate) fn start_with(&self, config: Config) -> Running {
        self.start_on(PoolOptions::default(), config)
    }

    pub(crate) fn start_on(&self, pool: PoolOptions, config: Config) -> Running {
        let means = Means {
            db: Db::new(Target::parse(self.database.url()).unwrap(), pool).unwrap(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
            readiness: self.readiness.clone(),
        };
        let stop = Stop::new();
        Running { stop: stop.clone(), task: tasks::spawn("consumer under test", consume(config, means, stop)) }
    }

    /// Reads what is put aside from now on.
    pub(crate) async fn dead_letters(&self) -> DeadLetters {
        let options = ConsumerOptions { name: "test".to_owned(), queue: DEAD_LETTERS.to_owned(), prefetch_count: 100 };
        let consumer = Consumer::start(self.url.clone(), options, Stop::new().token());
        let mut status = consumer.status();
        soon("a subscription", status.wait_for(|status| *status == Status::Ready)).await.unwrap();
        DeadLetters(consumer)
    }
}

pub(crate) struct DeadLetters(Consumer);

impl DeadLetters {
    /// Takes so many.
    pub(crate) async fn take(&mut self, count: usize) -> Vec<Delivery> {
        let mut taken = Vec::new();
        while taken.len() < count {
            let mut batch = soon("a dead letter", self.0.next_batch(count - taken.len())).await.unwrap();
            taken.append(&mut batch.deliveries);
            batch.ack_all().await.unwrap();
        }
        taken
    }

    /// Whether there are no others, as far as the broker has sent any.
    pub(crate) async fn assert_no_more(&mut self) {
        let more = timeout(Duration::from_millis(200), self.0.next_batch(1)).await;
        assert!(more.is_err(), "{more:?}");
    }
}

impl Running {
    /// Asks it to end, and waits until it has.
    pub(crate) async fn stop(self) {
        self.stop.stop();
        self.ended().await.unwrap();
    }

    /// Waits until it ends.
    pub(crate) async fn ended(self) -> Result<(), Error> {
        soon("the end of the consumer", self.task).await.unwrap()
    }
}

/// As the STOMP server would publish it, with these values in members that are not looked at.
pub(crate) fn message_with(message: &Incoming, unused: &Unused) -> Message {
    Message {
        exchange: EXCHANGE.to_owned(),
        routing_key: routing_key(message),
        mandatory: true,
        properties: Properties {
            message_type: Some(message_type(message).to_owned()),
            content_type: Some("application/json".to_owned()),
            headers: vec![("message-type".to_owned(), message_type(message).into())],
            persistent: true,
            app_id: Some("somebody".to_owned()),
            ..Properties::default()
        },
        body: encode(message, unused),
    }
}

/// The text of a header.
pub(crate) fn text<'a>(delivery: &'a Delivery, header: &str) -> &'a str {
    match delivery.header(header) {
        Some(Header::Text(text)) => text,
        other => panic!("{header} is {other:?}"),
    }
}

/// Waits until a condition holds.
pub(crate) async fn until(what: impl Display, mut condition: impl AsyncFnMut() -> bool) {
    let start = Instant::now();
    while !condition().await {
        assert!(start.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Fails instead of waiting for ever.
pub(crate) async fn soon<T>(what: &str, work: impl Future<Output = T>) -> T {
    timeout(PATIENCE, work).await.unwrap_or_else(|_| panic!("waited in vain for {what}"))
}

fn queue(name: &str, arguments: &[(&str, &str)]) -> Queue {
    let arguments = arguments.iter().map(|(name, text)| ((*name).to_owned(), Header::from(*text)));
    Queue { name: name.to_owned(), arguments: arguments.collect() }
}
