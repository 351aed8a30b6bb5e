//! A shard is split in two while payments are made, phase by phase (operations §11). All services must have been built.
#![expect(clippy::unwrap_used, reason = "what a test's helper cannot do fails the test")]

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use creditors_testkit::{
    TestBroker, TestDatabase,
    invariants::{self, ALWAYS},
    local::{cast::Cast, stack::Addresses},
    ports,
    process::{ServiceBuilder, ServiceProcess},
    programs,
    wallet::{Paid, Payments},
};
use domain::{CreditorId, Realm};
use nix::sys::signal::Signal;
use tokio::{process::Command, sync::watch, time::sleep};

use crate::scratch::Scratch;

/// How many payments are made in each direction.
const COUNT: usize = 30;
/// Far longer than anything takes, so that only what never happens fails.
const PATIENCE: Duration = Duration::from_mins(1);
/// So long after the last payment may its money arrive.
const AFTERMATH: Duration = Duration::from_secs(30);
/// Broker commands must not need the database: the children's cannot be written to while they follow the parent's.
const NO_DATABASE: (&str, &str) = ("POSTGRES_URL", "postgresql://127.0.0.1:1/none");

/// A shard, and what of it is running.
struct Shard {
    queue: &'static str,
    routing_key: &'static str,
    database: TestDatabase,
    broker: String,
    directory: PathBuf,
    /// Only children have these.
    more: Vec<(&'static str, String)>,
    running: Vec<ServiceProcess>,
}

impl Shard {
    fn new(queue: &'static str, routing_key: &'static str, database: TestDatabase, stage: &Stage) -> Self {
        let directory = stage.directory.join(queue);
        std::fs::create_dir_all(&directory).unwrap();
        let broker = stage.broker.url().to_owned();
        Self { queue, routing_key, database, broker, directory, more: Vec::new(), running: Vec::new() }
    }

    /// With left-overs to be thrown away, quickly and completely.
    fn child(queue: &'static str, routing_key: &'static str, database: TestDatabase, stage: &Stage) -> Self {
        let mut more = vec![("DELETE_PARENT_SHARD_RECORDS", "true".to_owned())];
        let seconds = 2.0;
        more.push(("APP_ACCOUNTS_SCAN_HOURS", (seconds / 3_600.0).to_string()));
        for table in ["CREDITORS", "LOG_ENTRIES", "LEDGER_ENTRIES", "COMMITTED_TRANSFERS"] {
            more.push((format!("APP_{table}_SCAN_DAYS").leak(), (seconds / 86_400.0).to_string()));
            if table != "CREDITORS" {
                more.push((format!("APP_{table}_SCAN_MIN_GROUP").leak(), "1".to_owned()));
            }
        }
        Self { more, ..Self::new(queue, routing_key, database, stage) }
    }

    fn environment(&self) -> impl Iterator<Item = (&'static str, &str)> {
        let common = [
            ("POSTGRES_URL", self.database.url()),
            ("PROTOCOL_BROKER_URL", &self.broker),
            ("PROTOCOL_BROKER_QUEUE", self.queue),
            ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", self.routing_key),
            ("PROTOCOL_BROKER_PREFETCH_COUNT", "100"),
            ("APP_LOG_LEVEL", "info"),
        ];
        common.into_iter().chain(self.more.iter().map(|(name, value)| (*name, value.as_str())))
    }

    fn service(&self, name: &str) -> ServiceBuilder {
        let builder = ServiceBuilder::new(&format!("creditors-{name}"), &self.directory).unwrap();
        self.environment().fold(builder, |builder, (name, value)| builder.env(name, value))
    }

    async fn start(&mut self, builder: ServiceBuilder) {
        self.running.push(builder.start().await.unwrap());
    }

    async fn start_web(&mut self, port: u16) {
        let web = self.service("web").env("APP_AUTH_MODE", "trusted-headers").env("APP_WEBSERVER_BIND", "127.0.0.1");
        self.start(web.env("WEBSERVER_PORT", port.to_string())).await;
    }

    async fn start_workers(&mut self) {
        for name in ["consumer", "flusher", "ledger-processor", "log-processor", "scanner"] {
            self.start(self.service(name)).await;
        }
    }

    /// Runs a command of the agent to its end, and gives its status.
    async fn agent(&self, word: &str, more: &[(&str, &str)]) -> Option<i32> {
        let mut command = Command::new(programs::sibling("creditors-agent").unwrap());
        command.arg(word).envs(self.environment()).envs(more.iter().copied()).kill_on_drop(true);
        let output = command.output().await.unwrap();
        if output.status.code() != Some(0) {
            eprintln!("{word} of {}: {}", self.queue, String::from_utf8_lossy(&output.stdout));
        }
        output.status.code()
    }
}

/// Ends services in good order, all at once.
async fn end(services: Vec<ServiceProcess>) {
    for service in &services {
        service.signal(Signal::SIGTERM).unwrap();
    }
    for service in services {
        let mut daemon = service.into_daemon();
        let began = Instant::now();
        while daemon.ended().is_none() {
            assert!(began.elapsed() < PATIENCE, "{} does not end", daemon.name());
            sleep(Duration::from_millis(10)).await;
        }
    }
}

/// What the shards have in common.
struct Stage {
    broker: TestBroker,
    directory: Scratch,
    /// Where the API of the creditors of `0.#` and of `1.#` answers, whoever serves it.
    ports: [u16; 2],
}

impl Stage {
    fn api(&self, half: usize) -> String {
        format!("http://127.0.0.1:{}", self.ports[half])
    }

    /// An authority that takes its time, so that messages are under way all the time; that tells some things twice; and that
    /// reminds nobody of what was lost.
    async fn authority(&self) -> ServiceProcess {
        let authority = ServiceBuilder::new("creditors-authority", &self.directory).unwrap().readiness("/health");
        let port = authority.admin_port().to_string();
        let manners = "--binding-key # --max-delay 3000 --repeat 0.1 --reorder 3 --reminder 3600 --control-port";
        let authority = manners.split(' ').fold(authority, ServiceBuilder::arg).arg(port);
        authority.env("PROTOCOL_BROKER_URL", self.broker.url()).start().await.unwrap()
    }
}

/// The parent stops, its queue is drained and removed, its database is copied, and the children take over.
async fn split(mut parent: Shard, stage: &Stage) -> [Shard; 2] {
    // Phase 1: all that the parent still does is to drain its queue.
    assert_eq!(parent.agent("verify_shard_content", &[]).await, Some(0));
    let client = parent.database.client().await;
    let guard = "CREATE TABLE shard_split_guard (id smallint PRIMARY KEY, value text); \
        INSERT INTO shard_split_guard VALUES (1, 'phase 1')";
    client.batch_execute(guard).await.unwrap();
    drop(client);
    let drainer = parent.service("consumer").arg("--draining-mode").start().await.unwrap();
    end(std::mem::take(&mut parent.running)).await;

    // Phase 2: for a moment, messages go to both queues.
    for (queue, key) in [("child-0", "0.#"), ("child-1", "1.#")] {
        let child = [NO_DATABASE, ("PROTOCOL_BROKER_QUEUE", queue), ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", key)];
        assert_eq!(parent.agent("subscribe", &child).await, Some(0));
    }
    assert_eq!(parent.agent("unsubscribe", &[NO_DATABASE]).await, Some(0));
    assert_eq!(parent.agent("delete_queue", &[NO_DATABASE]).await, Some(0));
    end(vec![drainer]).await;

    // Phase 3: the children's databases, which have followed the parent's, can be written to.
    let mut children = [
        Shard::child("child-0", "0.#", parent.database.copy().await, stage),
        Shard::child("child-1", "1.#", parent.database.copy().await, stage),
    ];
    for (half, child) in children.iter_mut().enumerate() {
        assert_eq!(child.agent("configure", &[("SETUP_RABBITMQ_BINDINGS", "yes")]).await, Some(0));
        assert_eq!(child.agent("verify_shard_content", &[]).await, Some(1), "the sibling's records are there");
        child.start_web(stage.ports[half]).await;
        child.start_workers().await;
    }
    children
}

/// The smallest ids of the default range that belong to `0.#` and to `1.#`.
fn creditors_of_both_halves() -> [CreditorId; 2] {
    ["0.#", "1.#"].map(|key| {
        let realm = Realm::parse(key).unwrap();
        (0x101_0000_0000..=0x101_0000_ffff).map(CreditorId::new).find(|id| realm.matches(*id)).unwrap()
    })
}

fn payments(numbers: std::ops::Range<usize>) -> Payments {
    Payments { numbers, at_once: 15, amount: 10, look_every: Duration::from_millis(20), patience: PATIENCE }
}

/// Waits until nothing of the sibling's is left.
async fn cleaned_up(child: &Shard, owner: CreditorId) {
    let began = Instant::now();
    while child.agent("verify_shard_content", &[]).await != Some(0) {
        assert!(began.elapsed() < PATIENCE, "{} is never clean", child.queue);
        sleep(Duration::from_millis(100)).await;
    }
    let client = child.database.client().await;
    for table in ["creditor", "account", "log_entry", "ledger_entry", "committed_transfer", "running_transfer"] {
        let count = format!("SELECT count(*) FROM {table} WHERE creditor_id = $1");
        let strangers = format!("SELECT count(*) FROM {table} WHERE creditor_id <> $1");
        assert!(client.query_one(&count, &[&owner.get()]).await.unwrap().get::<_, i64>(0) > 0, "{table}");
        while client.query_one(&strangers, &[&owner.get()]).await.unwrap().get::<_, i64>(0) > 0 {
            assert!(began.elapsed() < PATIENCE, "{table} of {} is never clean", child.queue);
            sleep(Duration::from_millis(100)).await;
        }
    }
}

/// Waits until all books are right: the authority tells of a payment's end before it tells of the money.
async fn balanced(cast: &Cast, paid: &[Paid]) {
    let began = Instant::now();
    loop {
        let findings = cast.audit(paid).await.unwrap();
        let wrong: Vec<_> = findings.into_iter().filter(|finding| !finding.good).collect();
        if wrong.is_empty() {
            return;
        }
        assert!(began.elapsed() < AFTERMATH, "{wrong:#?}");
        sleep(Duration::from_millis(100)).await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_payment_is_lost_or_doubled_when_a_shard_is_split() {
    let (broker, directory) = (TestBroker::create().await, Scratch::new("split"));
    let stage = Stage { broker, directory, ports: ports::free().unwrap() };
    let mut parent = Shard::new("parent", "#", TestDatabase::create().await, &stage);
    assert_eq!(parent.agent("subscribe", &[NO_DATABASE]).await, Some(0));
    let authority = stage.authority().await;
    parent.start_workers().await;
    for port in stage.ports {
        parent.start_web(port).await;
    }

    let addresses = Addresses {
        api: stage.api(0),
        postgres: parent.database.url().to_owned(),
        broker: stage.broker.url().to_owned(),
        broker_api: String::new(),
        authority: format!("http://127.0.0.1:{}", authority.admin_port()),
        authorization: None,
        admin_ports: Vec::new(),
    };
    let ids = creditors_of_both_halves();
    let mut cast = Cast::enter_as(&addresses, ids).await.unwrap();
    cast.seller = cast.seller.at(&stage.api(1));
    let mut paid = vec![cast.pay_once(cast.issued / 2, "half of all").await.unwrap()];

    let (ended, mut progress) = watch::channel(0);
    let count = |_: &Paid| ended.send_modify(|ended| *ended += 1);
    let [buyer, seller] = &cast.identities;
    let there = cast.buyer.pay_often(seller, payments(1..COUNT + 1), count);
    let back = cast.seller.pay_often(buyer, payments(COUNT + 1..2 * COUNT + 1), count);
    let splitting = async {
        progress.wait_for(|ended| *ended >= COUNT / 3).await.unwrap();
        let children = split(parent, &stage).await;
        (children, *ended.borrow())
    };
    let (there, back, (children, before)) = tokio::join!(there, back, splitting);
    paid.extend(there.unwrap().into_iter().chain(back.unwrap()));
    assert_eq!(paid.len(), 1 + 2 * COUNT);
    assert!(before < 2 * COUNT, "some payments ended only after the split");

    for (child, owner) in children.iter().zip(ids) {
        cleaned_up(child, owner).await;
        let client = child.database.client().await;
        invariants::rest(&client, PATIENCE).await.unwrap();
        assert_eq!(invariants::violations(&client, ALWAYS).await.unwrap(), []);
    }
    cast.database = children[0].database.client().await;
    balanced(&cast, &paid).await;
    for child in children {
        end(child.running).await;
    }
}
