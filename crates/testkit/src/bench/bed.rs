//! What a part works on: a database, a virtual host, services.

use std::{
    path::PathBuf,
    time::{Duration, Instant},
};

use amqp::{BrokerUrl, Publisher, PublisherOptions};
use anyhow::{Context as _, Result, bail, ensure};
use persistence::Wake;
use runtime::Stop;
use tokio::process::Command;
use tokio_postgres::Client;

use super::{Setting, cpu::Meter};
use crate::{
    TestBroker, TestDatabase,
    broker::Api,
    database::connect,
    ports,
    process::{ServiceBuilder, ServiceProcess},
    programs,
};

/// The agent's queue.
pub(super) const QUEUE: &str = "swpt_creditors";

/// How long anything may take that is waited for.
pub(super) const PATIENCE: Duration = Duration::from_mins(3);

/// After the last wake-up, a service looks for more work for a few milliseconds.
const QUIET: Duration = Duration::from_millis(500);

/// The period of services that are to work when they are woken, and not before.
const NEVER: &str = "3600";

/// A database and perhaps a virtual host, both new, and both removed at the end.
pub(super) struct Bed {
    /// For seeding and looking.
    pub(super) client: Client,
    /// Where the logs go.
    pub(super) directory: PathBuf,
    /// The end of everything that the bed has started here.
    stop: Stop,
    database: TestDatabase,
    broker: Option<TestBroker>,
}

impl Bed {
    /// With the complete schema, without rows; without a virtual host.
    pub(super) async fn with_database(setting: &Setting) -> Result<Self> {
        let database = TestDatabase::create().await;
        database.made_up();
        let client = connect(database.url()).await?;
        Ok(Self { client, directory: setting.logs.clone(), stop: Stop::new(), database, broker: None })
    }

    /// And with a virtual host, where the agent's exchanges and queues exist.
    pub(super) async fn with_broker(setting: &Setting) -> Result<Self> {
        let mut bed = Self::with_database(setting).await?;
        bed.broker = Some(TestBroker::create().await);
        let mut command = Command::new(programs::sibling("creditors-agent")?);
        command.arg("subscribe").envs(bed.variables()).kill_on_drop(true);
        let output = command.output().await.context("`creditors-agent subscribe` cannot be started")?;
        ensure!(
            output.status.success(),
            "`creditors-agent subscribe` has failed with {}: {}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        Ok(bed)
    }

    /// One more connection to the database.
    pub(super) async fn connect(&self) -> Result<Client> {
        connect(self.database.url()).await
    }

    /// The broker's management API.
    pub(super) fn api(&self) -> Option<&Api> {
        self.broker.as_ref().map(TestBroker::api)
    }

    /// The virtual host's address.
    pub(super) fn broker_url(&self) -> Result<BrokerUrl> {
        let broker = self.broker.as_ref().context("there is no virtual host")?;
        Ok(BrokerUrl::parse(broker.url())?)
    }

    /// A publisher, once it is connected.
    pub(super) async fn publisher(&self, name: &str) -> Result<Publisher> {
        let publisher = Publisher::start(self.broker_url()?, PublisherOptions::new(name), self.stop.token());
        publisher.status().wait_for(amqp::Status::is_ready).await.context("the broker is away")?;
        Ok(publisher)
    }

    /// For consumers and publishers that end with the bed.
    pub(super) fn stop(&self) -> &Stop {
        &self.stop
    }

    /// A service, to be started. It works when it is woken, and never because a period has passed.
    pub(super) fn service(&self, name: &str) -> Result<ServiceBuilder> {
        let service = ServiceBuilder::new(name, &self.directory)?
            .env("FLUSH_PERIOD", NEVER)
            .env("APP_PROCESS_LOG_ADDITIONS_WAIT", NEVER)
            .env("APP_PROCESS_LEDGER_UPDATES_WAIT", NEVER);
        Ok(self.with_variables(service))
    }

    /// A service with its own ideas of when to work.
    pub(super) fn ordinary_service(&self, name: &str) -> Result<ServiceBuilder> {
        Ok(self.with_variables(ServiceBuilder::new(name, &self.directory)?))
    }

    /// The web server, and its address.
    pub(super) fn web(&self) -> Result<(ServiceBuilder, String)> {
        let [port] = ports::free()?;
        let web = self
            .ordinary_service("creditors-web")?
            .env("APP_AUTH_MODE", "trusted-headers")
            .env("APP_WEBSERVER_BIND", "127.0.0.1")
            .env("WEBSERVER_PORT", port.to_string());
        Ok((web, format!("http://127.0.0.1:{port}")))
    }

    /// The simulated authority for these debtors, and where it takes commands.
    pub(super) fn authority(&self, debtor_id: i64) -> Result<(ServiceBuilder, String)> {
        let authority = self.ordinary_service("creditors-authority")?.readiness("/health");
        let port = authority.admin_port().to_string();
        let address = format!("http://127.0.0.1:{port}");
        let authority = authority.arg("--debtor").arg(debtor_id.to_string()).arg("--control-port").arg(port);
        Ok((authority, address))
    }

    /// Reads the processor time of services and of the servers that the bed has.
    pub(super) async fn meter<'a>(&self, services: impl IntoIterator<Item = &'a ServiceProcess>) -> Result<Meter> {
        Meter::new(services, &self.client, self.api()).await
    }

    /// Wakes a stage, as a service that has given it work.
    pub(super) async fn wake(&self, stage: Wake) -> Result<()> {
        self.execute(&format!("NOTIFY {}", stage.channel())).await
    }

    /// Waits until nobody is awake any more whom a first, small piece of work has woken.
    pub(super) async fn quiet(&self) {
        tokio::time::sleep(QUIET).await;
    }

    /// Makes the server forget that the rows have just been written: statistics are right, and nothing is left to flush.
    pub(super) async fn settle(&self) -> Result<()> {
        self.client.batch_execute("VACUUM (ANALYZE)").await?;
        // Only a superuser may do this, and it only makes figures steadier.
        let _ = self.client.batch_execute("CHECKPOINT").await;
        Ok(())
    }

    /// The single number that a query gives.
    pub(super) async fn number(&self, query: &str) -> Result<i64> {
        let row = self.client.query_one(query, &[]).await.with_context(|| format!("no answer to {query}"))?;
        Ok(row.get(0))
    }

    /// The number that a query gives when it has stopped growing.
    pub(super) async fn final_number(&self, query: &str) -> Result<i64> {
        let mut found = self.number(query).await?;
        loop {
            self.quiet().await;
            let again = self.number(query).await?;
            if again == found {
                return Ok(found);
            }
            found = again;
        }
    }

    /// Waits until a query gives at least `number`.
    pub(super) async fn reach(&self, query: &str, number: i64, look_every: Duration) -> Result<()> {
        self.reach_within(PATIENCE, query, number, look_every).await
    }

    /// Waits, but not for ever, until a query gives at least `number`.
    pub(super) async fn reach_within(
        &self,
        patience: Duration,
        query: &str,
        number: i64,
        look_every: Duration,
    ) -> Result<()> {
        let began = Instant::now();
        loop {
            let found = self.number(query).await?;
            if found >= number {
                return Ok(());
            }
            if began.elapsed() > patience {
                bail!("waited in vain for {number} as the answer to {query}; it is {found}");
            }
            tokio::time::sleep(look_every).await;
        }
    }

    fn variables(&self) -> Vec<(&'static str, &str)> {
        let mut variables = vec![
            ("POSTGRES_URL", self.database.url()),
            ("PROTOCOL_BROKER_QUEUE", QUEUE),
            ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "#"),
            ("PIN_PROTECTION_SECRET", "benchmark"),
            ("APP_LOG_LEVEL", "warning"),
        ];
        variables.extend(self.broker.as_ref().map(|broker| ("PROTOCOL_BROKER_URL", broker.url())));
        variables
    }

    fn with_variables(&self, service: ServiceBuilder) -> ServiceBuilder {
        self.variables().into_iter().fold(service, |service, (name, value)| service.env(name, value))
    }
}

impl Drop for Bed {
    fn drop(&mut self) {
        self.stop.stop();
    }
}
