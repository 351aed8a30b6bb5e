//! A shard, its commands, and whoever talks to it.

use std::time::{Duration, Instant};

use amqp::{BrokerUrl, Header, Message, Properties, Publisher, PublisherOptions, topology};
use creditors_testkit::{
    TestBroker, TestDatabase, http, invariants, ports,
    process::{ServiceBuilder, ServiceProcess},
    programs,
};
use domain::{Timestamp, incoming::Incoming};
use reqwest::Method;
use runtime::{Clock as _, Stop, SystemClock};
use serde_json::Value;
use smp::authority::{Unused, encode, message_type, routing_key};
use tokio::process::Command;
use tokio_postgres::{Client, SimpleQueryMessage};

use super::messages::sentinel;
use crate::scratch::Scratch;

/// Far longer than anything takes, so that only what never happens fails.
const PATIENCE: Duration = Duration::from_mins(1);
pub(super) const QUEUE: &str = "swpt_creditors";

/// An id in the default range.
pub(super) const C: i64 = 0x101_0000_0001;
/// The debtor of most rows.
pub(super) const D: i64 = -1;

/// A database and a virtual host as `configure` makes them.
pub(super) struct World {
    pub(super) url: BrokerUrl,
    pub(super) now: Timestamp,
    environment: Vec<(String, String)>,
    client: Client,
    publisher: Publisher,
    /// Of the last sentinel.
    sentinels: i32,
    database: TestDatabase,
    _broker: TestBroker,
    directory: Scratch,
}

/// How a command has ended.
#[derive(Debug)]
pub(super) struct Ended {
    pub(super) status: Option<i32>,
    pub(super) output: String,
}

/// A running web server.
pub(super) struct Web {
    _process: ServiceProcess,
    base: String,
}

impl World {
    pub(super) async fn new(name: &str) -> Self {
        Self::with(name, &[]).await
    }

    /// With these settings besides the usual ones.
    pub(super) async fn with(name: &str, more: &[(&str, &str)]) -> Self {
        let (database, broker) = (TestDatabase::create().await, TestBroker::create().await);
        let url = BrokerUrl::parse(broker.url()).unwrap();
        let usual = [
            ("POSTGRES_URL", database.url()),
            ("PROTOCOL_BROKER_URL", broker.url()),
            ("PROTOCOL_BROKER_PREFETCH_COUNT", "100"),
            // One thread keeps the order of messages.
            ("PROTOCOL_BROKER_PROCESSES", "1"),
            ("PROTOCOL_BROKER_THREADS", "1"),
            ("APP_ADMIN_PORT", "0"),
        ];
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let world = Self {
            now: SystemClock.now(),
            environment: usual.iter().chain(more).map(owned).collect(),
            client: database.client().await,
            publisher: Publisher::start(url.clone(), PublisherOptions::new("test"), Stop::new().token()),
            sentinels: 0,
            directory: Scratch::new(&format!("check-list-{name}")),
            url,
            database,
            _broker: broker,
        };
        let ended = world.run(&["subscribe"]).await;
        assert_eq!(ended.status, Some(0), "{ended:?}");
        world
    }

    /// Runs a command of the container to its end.
    pub(super) async fn run(&self, words: &[&str]) -> Ended {
        self.run_with(&[], words).await
    }

    /// With these settings besides the usual ones.
    pub(super) async fn run_with(&self, more: &[(&str, &str)], words: &[&str]) -> Ended {
        let mut command = Command::new(programs::sibling("creditors-agent").unwrap());
        command.args(words).env_clear().env("PATH", "/usr/bin:/bin").envs(self.environment.iter().cloned());
        command.envs(more.iter().copied()).kill_on_drop(true);
        let output = tokio::time::timeout(PATIENCE, command.output()).await.unwrap().unwrap();
        let text = [output.stdout, output.stderr].concat();
        Ended { status: output.status.code(), output: String::from_utf8(text).unwrap() }
    }

    /// Runs a command that has to end well and to say nothing.
    pub(super) async fn quietly(&self, words: &[&str]) {
        let ended = self.run(words).await;
        assert_eq!((ended.status, ended.output.as_str()), (Some(0), ""), "{words:?}");
    }

    pub(super) async fn add_to_logs(&self) {
        self.quietly(&["process_log_additions", "--quit-early"]).await;
    }

    pub(super) async fn update_ledgers(&self) {
        self.quietly(&["process_ledger_updates", "--quit-early"]).await;
    }

    /// A command that runs until it is stopped.
    pub(super) fn start(&self, more: &[(&str, &str)], words: &[&str]) -> ServiceProcess {
        self.builder(more, words).start_only().unwrap()
    }

    fn builder(&self, more: &[(&str, &str)], words: &[&str]) -> ServiceBuilder {
        let builder = ServiceBuilder::new("creditors-agent", &self.directory).unwrap();
        let environment = self.environment.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        let environment = environment.chain(more.iter().copied()).filter(|(name, _)| *name != "APP_ADMIN_PORT");
        let builder = environment.fold(builder, |builder, (name, value)| builder.env(name, value));
        words.iter().fold(builder, |builder, word| builder.arg(*word))
    }

    /// What the processes have written that were started.
    pub(super) fn log(&self) -> String {
        std::fs::read_to_string(self.directory.join("creditors-agent.log")).unwrap()
    }

    /// Starts a consumer.
    pub(super) fn consume(&self) -> ServiceProcess {
        self.start(&[], &["consume_messages"])
    }

    /// Starts a web server that trusts its callers.
    pub(super) async fn web(&self) -> Web {
        let [port] = ports::free().unwrap();
        let settings = [
            ("APP_AUTH_MODE", "trusted-headers"),
            ("APP_WEBSERVER_BIND", "127.0.0.1"),
            ("WEBSERVER_PORT", &port.to_string()),
        ];
        let process = self.builder(&settings, &["webserver"]).start().await.unwrap();
        Web { _process: process, base: format!("http://127.0.0.1:{port}/creditors/") }
    }

    /// Publishes a message as the STOMP server would.
    pub(super) async fn publish(&self, message: &Incoming) {
        self.publish_any(Message {
            exchange: "ca.creditors".to_owned(),
            routing_key: routing_key(message),
            mandatory: true,
            properties: Properties {
                message_type: Some(message_type(message).to_owned()),
                content_type: Some("application/json".to_owned()),
                headers: vec![("message-type".to_owned(), Header::from(message_type(message)))],
                persistent: true,
                ..Properties::default()
            },
            body: encode(message, &Unused::at(self.now)),
        })
        .await;
    }

    pub(super) async fn publish_any(&self, message: Message) {
        let outcomes = self.publisher.publish(&[message]).await;
        assert!(outcomes.iter().all(amqp::Outcome::is_confirmed), "{outcomes:?}");
    }

    /// Publishes messages and waits until a consumer, which must be running, has dealt with them.
    pub(super) async fn tell(&mut self, messages: &[Incoming]) {
        for message in messages {
            self.publish(message).await;
        }
        self.caught_up().await;
    }

    /// Waits until a consumer has dealt with everything so far: there is one thread, which keeps the order.
    pub(super) async fn caught_up(&mut self) {
        self.sentinels += 1;
        self.publish(&sentinel(self.sentinels, self.now)).await;
        let seen = format!("DELETE FROM rejected_config_signal WHERE config_seqnum = {} RETURNING 1", self.sentinels);
        self.until("the consumer", async || !self.rows(&seen).await.is_empty()).await;
    }

    pub(super) async fn until(&self, what: &str, mut condition: impl AsyncFnMut() -> bool) {
        let began = Instant::now();
        while !condition().await {
            assert!(began.elapsed() < PATIENCE, "waited in vain for {what}:\n{}", self.log());
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Messages in a queue that nobody has taken.
    pub(super) async fn ready(&self, queue: &str) -> u32 {
        topology::queue_status(&self.url, queue).await.unwrap().unwrap().ready
    }

    pub(super) async fn sql(&self, text: &str) {
        self.client.batch_execute(text).await.unwrap_or_else(|error| panic!("{error:?} in {text}"));
    }

    /// The rows that a query gives, their columns as text, separated by commas.
    pub(super) async fn rows(&self, query: &str) -> Vec<String> {
        let messages = self.client.simple_query(query).await.unwrap_or_else(|error| panic!("{error:?} in {query}"));
        let row = |message| match message {
            SimpleQueryMessage::Row(row) => {
                Some((0..row.len()).map(|i| row.get(i).unwrap_or("-")).collect::<Vec<_>>().join(","))
            }
            _ => None,
        };
        messages.into_iter().filter_map(row).collect()
    }

    /// The single number that a query gives.
    pub(super) async fn number(&self, query: &str) -> i64 {
        self.rows(query).await.concat().parse().unwrap_or_else(|_| panic!("no number: {query}"))
    }

    /// The number of rows of a table, or of those with a condition: `account WHERE …`.
    pub(super) async fn count(&self, of: &str) -> i64 {
        self.number(&format!("SELECT count(*) FROM {of}")).await
    }

    /// The end of a row that has changed nothing behind the agent's back: all promises are kept.
    pub(super) async fn end(self) {
        self.add_to_logs().await;
        let violations = invariants::violations(&self.client, invariants::ALWAYS).await.unwrap();
        assert!(violations.is_empty(), "{violations:#?}");
        drop(self.database);
    }
}

impl Web {
    /// Sends a request of a superuser in PIN-reset mode, and returns status and body.
    pub(super) async fn send(&self, method: &str, path: &str, body: Value) -> (u16, Value) {
        let method: Method = method.parse().unwrap();
        let client = http::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let request = client.request(method, format!("{}{path}", self.base));
        let request = if body.is_null() { request } else { request.json(&body) };
        let answer = request.send().await.unwrap();
        let status = answer.status().as_u16();
        (status, serde_json::from_str(&answer.text().await.unwrap()).unwrap_or_default())
    }

    /// The status of the answer.
    pub(super) async fn status(&self, method: &str, path: &str, body: Value) -> u16 {
        self.send(method, path, body).await.0
    }

    /// An object that must exist.
    pub(super) async fn get(&self, path: &str) -> Value {
        let (status, body) = self.send("GET", path, Value::Null).await;
        assert_eq!(status, 200, "{path}: {body}");
        body
    }

    /// Makes the creditor [`C`] active.
    pub(super) async fn add_creditor(&self) {
        assert_eq!(self.status("POST", &format!("{C}/activate"), serde_json::json!({})).await, 200);
    }

    /// Opens an account of [`C`] with [`D`].
    pub(super) async fn open_account(&self) {
        self.open_account_with(D).await;
    }

    pub(super) async fn open_account_with(&self, debtor_id: i64) {
        let body = serde_json::json!({"uri": domain::swpt_uri::format_debtor(domain::DebtorId::new(debtor_id))});
        assert_eq!(self.status("POST", &format!("{C}/accounts/"), body).await, 201);
    }

    /// Changes a part of the account of [`C`] with [`D`]: `more` on top of what is there.
    pub(super) async fn change(&self, part: &str, more: Value) -> (u16, Value) {
        let path = format!("{}{part}", account_path());
        let mut body = self.get(&path).await;
        let object = body.as_object_mut().unwrap();
        let update_id = object.get("latestUpdateId").and_then(Value::as_i64).unwrap();
        object.retain(|name, _| !matches!(name.as_str(), "uri" | "account" | "latestUpdateAt"));
        object.insert("latestUpdateId".to_owned(), (update_id + 1).into());
        object.extend(more.as_object().unwrap().clone());
        self.send("PATCH", &path, body).await
    }
}

/// The account of [`C`] with [`D`], below `/creditors/`.
pub(super) fn account_path() -> String {
    format!("{C}/accounts/{}/", u64::MAX)
}
