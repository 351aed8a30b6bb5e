//! A database, a virtual host, and flushers between them.

use std::{
    collections::BTreeMap,
    process::ExitCode,
    sync::Arc,
    time::{Duration, Instant},
};

use amqp::{
    BrokerUrl, Consumer, ConsumerOptions, Delivery, Header, Topology,
    topology::{self, Exchange, Queue, QueueBinding},
};
use creditors_flusher::Options;
use domain::signal::{Kind, Signal};
use persistence::{Db, PoolOptions, Target, outbox};
use runtime::{
    Context, Stop, SystemClock, SystemRandom,
    config::{Environment, Settings},
};
use testkit::{TestBroker, TestDatabase};
use tokio::{
    task::JoinHandle,
    time::{sleep, timeout},
};
use tokio_postgres::Client;

pub(crate) const PATIENCE: Duration = Duration::from_mins(1);

/// Receives everything that is published to its exchange.
pub(crate) const OUT: &str = "everything out";
pub(crate) const TRADE: &str = "everything to trade";
pub(crate) const OWN: &str = "everything to ourselves";

pub(crate) struct World {
    pub(crate) database: TestDatabase,
    pub(crate) broker: TestBroker,
    pub(crate) url: BrokerUrl,
    pub(crate) db: Db,
    pub(crate) client: Client,
}

/// A flusher in this process; it is stopped when this value is dropped.
pub(crate) struct Flusher {
    stop: Stop,
    running: JoinHandle<anyhow::Result<ExitCode>>,
}

impl World {
    /// With the exchanges, but without a queue.
    pub(crate) async fn bare() -> Self {
        Self::with_exchanges(&["creditors_out", "to_trade", "ca.creditors"]).await
    }

    /// With a queue for everything.
    pub(crate) async fn new() -> Self {
        let world = Self::bare().await;
        for (queue, exchange) in [(OUT, "creditors_out"), (TRADE, "to_trade"), (OWN, "ca.creditors")] {
            world.bound_queue(queue, exchange).await;
        }
        world
    }

    pub(crate) async fn with_exchanges(exchanges: &[&str]) -> Self {
        let (database, broker) = (TestDatabase::create().await, TestBroker::create().await);
        let url = BrokerUrl::parse(broker.url()).unwrap();
        let db = Db::new(Target::parse(database.url()).unwrap(), PoolOptions::default()).unwrap();
        let client = database.client().await;
        let world = Self { database, broker, url, db, client };
        for exchange in exchanges {
            world.exchange(exchange).await;
        }
        world
    }

    /// A queue for everything that is published to an exchange.
    pub(crate) async fn bound_queue(&self, queue: &str, exchange: &str) {
        self.queue(queue, &[]).await;
        self.bind(exchange, queue, "#").await;
    }

    async fn apply(&self, topology: Topology) {
        topology::apply(&self.url, &topology).await.unwrap();
    }

    pub(crate) async fn exchange(&self, name: &str) {
        let exchange = Exchange { name: name.to_owned(), kind: "topic".to_owned(), arguments: vec![] };
        self.apply(Topology { exchanges: vec![exchange], ..Topology::default() }).await;
    }

    pub(crate) async fn queue(&self, name: &str, arguments: &[(&str, Header)]) {
        let arguments = arguments.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        self.apply(Topology { queues: vec![Queue { name: name.to_owned(), arguments }], ..Topology::default() }).await;
    }

    pub(crate) async fn bind(&self, exchange: &str, queue: &str, routing_key: &str) {
        let binding = QueueBinding {
            exchange: exchange.to_owned(),
            queue: queue.to_owned(),
            routing_key: routing_key.to_owned(),
            arguments: vec![],
        };
        self.apply(Topology { queue_bindings: vec![binding], ..Topology::default() }).await;
    }

    /// What a process gets that is configured for this database and this virtual host.
    pub(crate) fn environment(&self, more: &[(&str, &str)]) -> BTreeMap<String, String> {
        let base = [
            ("POSTGRES_URL", self.database.url()),
            ("PROTOCOL_BROKER_URL", self.broker.url()),
            ("APP_ADMIN_PORT", "0"),
            ("APP_LOG_LEVEL", "info"),
            // The period is there for what nobody announces. Most tests want to see that it is not needed.
            ("FLUSH_PERIOD", "3600"),
        ];
        base.iter().chain(more).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    pub(crate) fn start(&self, more: &[(&str, &str)], options: Options) -> Flusher {
        let stop = Stop::new();
        let context = Context {
            settings: Settings::load(&Environment::from_pairs(self.environment(more))).unwrap(),
            stop: stop.clone(),
            clock: Arc::new(SystemClock),
            random: Arc::new(SystemRandom),
        };
        Flusher { stop, running: runtime::tasks::spawn("flusher", creditors_flusher::run(options, context)) }
    }

    /// Inserts rows as the other services do.
    pub(crate) async fn insert(&self, signals: impl IntoIterator<Item = Signal>) {
        let mut tx = self.db.begin("test").await.unwrap();
        outbox::insert(&mut tx, signals);
        tx.commit().await.unwrap();
    }

    /// How many rows of each kind there are.
    pub(crate) async fn rows(&self) -> BTreeMap<Kind, i64> {
        let depths = outbox::depths(&mut self.db.conn().await.unwrap()).await.unwrap();
        depths.into_iter().map(|(kind, depth)| (kind, depth.rows)).filter(|(_, rows)| *rows > 0).collect()
    }

    pub(crate) async fn wait_for_rows(&self, expected: &[(Kind, i64)]) {
        let expected: BTreeMap<Kind, i64> = expected.iter().copied().collect();
        until("the rows to be removed", async || self.rows().await == expected).await;
    }

    pub(crate) async fn ready(&self, queue: &str) -> u32 {
        topology::queue_status(&self.url, queue).await.unwrap().unwrap().ready
    }

    /// Takes so many messages out of a queue.
    pub(crate) async fn take(&self, queue: &str, count: usize) -> Vec<Delivery> {
        let mut taken = Vec::new();
        self.consume(queue, async |delivery| {
            taken.push(delivery);
            taken.len() < count
        })
        .await;
        taken
    }

    /// Takes messages out of a queue until `more` says that it is enough.
    pub(crate) async fn consume(&self, queue: &str, mut more: impl AsyncFnMut(Delivery) -> bool) {
        let options = ConsumerOptions { name: "test".to_owned(), queue: queue.to_owned(), prefetch_count: 500 };
        let mut consumer = Consumer::start(self.url.clone(), options, Stop::new().token());
        let mut enough = false;
        while !enough {
            let mut batch = soon("a message", consumer.next_batch(1)).await.unwrap();
            for delivery in std::mem::take(&mut batch.deliveries) {
                enough |= !more(delivery).await;
            }
            batch.ack_all().await.unwrap();
        }
        consumer.close().await;
    }
}

impl Flusher {
    /// Tells it to stop, and waits for the end.
    pub(crate) async fn stop(mut self) -> anyhow::Result<ExitCode> {
        self.stop.stop();
        soon("the flusher's end", &mut self.running).await.unwrap()
    }

    /// Waits until it ends by itself.
    pub(crate) async fn ended(mut self) -> anyhow::Result<ExitCode> {
        soon("the flusher's end", &mut self.running).await.unwrap()
    }
}

impl Drop for Flusher {
    fn drop(&mut self) {
        self.stop.stop();
    }
}

/// Waits until a condition holds.
pub(crate) async fn until(what: &str, mut condition: impl AsyncFnMut() -> bool) {
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
