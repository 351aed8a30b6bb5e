//! Servers that freeze, are killed, and come back: private ones.

use std::{fs, path::PathBuf, time::Duration};

use amqp::BrokerUrl;
use creditors_consumer::Config;
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use persistence::PoolOptions;
use testkit::{
    TestBroker, TestDatabase,
    servers::{Manner, Postgres, RabbitMq},
};

use crate::world::{World, until};

/// Sessions that stand still until this is dropped.
struct Frozen(Vec<Pid>);

impl Frozen {
    /// All sessions of the test's database; also the one that tells which ones these are.
    async fn sessions(world: &World) -> Self {
        let client = world.client().await;
        let query = "SELECT pid FROM pg_stat_activity WHERE datname = current_database()";
        let rows = client.query(query, &[]).await.unwrap();
        let frozen = Self(rows.iter().map(|row| Pid::from_raw(row.get(0))).collect());
        frozen.signal(Signal::SIGSTOP);
        frozen
    }

    fn signal(&self, signal: Signal) {
        for pid in &self.0 {
            kill(*pid, signal).unwrap();
        }
    }
}

impl Drop for Frozen {
    fn drop(&mut self) {
        self.signal(Signal::SIGCONT);
    }
}

/// A directory for a server, removed with its value.
struct Home(PathBuf);

impl Home {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }
}

impl Drop for Home {
    fn drop(&mut self) {
        for server in ["postgres", "rabbitmq"] {
            let path = self.0.join(server);
            // Where the server's account cannot enter, this is a link to its real home.
            let _ = fs::read_link(&path).map(fs::remove_dir_all);
        }
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_broker_that_freezes_or_is_killed_is_waited_for() {
    let home = Home::new("consumer-broker");
    let mut server = RabbitMq::start(&home.0, Manner::TESTS).await.unwrap();
    let broker = TestBroker::create_at(&server.api_url(), &server.url("/")).await.unwrap();
    let world = World::on(TestDatabase::create().await, broker).await;
    let url = BrokerUrl::parse(&format!("{}?heartbeat=4", world.broker.url())).unwrap();
    let running = world.start_with(Config { broker: url, ..world.config() });
    world.publish_transfers(1..=100).await;
    world.wait_stored(100).await;
    world.wait_unmet(&[]).await;

    // Nothing is closed, and nothing is said: only the missing heartbeats tell.
    server.daemon.signal(Signal::SIGSTOP).unwrap();
    world.wait_unmet(&["broker"]).await;
    server.daemon.signal(Signal::SIGCONT).unwrap();
    world.wait_unmet(&[]).await;
    world.publish_transfers(101..=200).await;
    world.wait_stored(200).await;

    server.daemon.kill();
    world.wait_unmet(&["broker"]).await;
    server.restart().await.unwrap();
    world.wait_unmet(&[]).await;
    world.publish_transfers(201..=300).await;
    world.wait_stored(300).await;
    running.stop().await;
    world.drain().await;
    world.assert_stored_once(300).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_is_killed_costs_no_message() {
    let home = Home::new("consumer-database");
    // What is committed must survive.
    let mut server = Postgres::start(&home.0, Manner::DURABLE).await.unwrap();
    let database = TestDatabase::create_at(&server.url("postgres")).await.unwrap();
    let world = World::on(database, TestBroker::create().await).await;
    world.publish_transfers(1..=4_000).await;
    let running = world.start();
    until("a stored transfer", async || world.stored_transfers().await > 0).await;
    server.daemon.kill();
    world.wait_unmet(&["workers"]).await;
    world.wait_consumers(0).await;
    let counts = world.delivery_counts().await;
    assert!(!counts.is_empty() && counts.iter().all(|count| *count <= 1), "{counts:?}");

    server.restart().await.unwrap();
    world.wait_stored(4_000).await;
    world.wait_unmet(&[]).await;
    running.stop().await;
    world.drain().await;
    world.assert_stored_once(4_000).await;
}

/// Its sockets stay open, and it takes no part in anything.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_that_freezes_is_waited_for() {
    let home = Home::new("consumer-frozen-database");
    let server = Postgres::start(&home.0, Manner::TESTS).await.unwrap();
    let database = TestDatabase::create_at(&server.url("postgres")).await.unwrap();
    let world = World::on(database, TestBroker::create().await).await;
    let pool = PoolOptions { deadline: Duration::from_secs(2), ..PoolOptions::default() };
    let running = world.start_on(pool, world.config());
    world.publish_transfers(1..=100).await;
    world.wait_stored(100).await;

    let frozen = Frozen::sessions(&world).await;
    server.daemon.signal(Signal::SIGSTOP).unwrap();
    world.publish_transfers(101..=200).await;
    world.wait_unmet(&["workers"]).await;
    world.wait_consumers(0).await;
    world.wait_ready(100).await;

    drop(frozen);
    server.daemon.signal(Signal::SIGCONT).unwrap();
    world.wait_stored(200).await;
    world.wait_unmet(&[]).await;
    running.stop().await;
    world.drain().await;
    world.assert_stored_once(200).await;
}
