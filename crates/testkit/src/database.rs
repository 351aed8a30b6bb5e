//! A database per test.

mod template;

use std::{
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use anyhow::{Context as _, Result};
use tokio::time::timeout;
use tokio_postgres::{Client, NoTls};
use url::Url;

use crate::{
    broker::in_own_runtime,
    environment,
    invariants::{self, ALWAYS},
    leftovers,
};

/// How long a test waits until its database is gone.
///
/// PostgreSQL drops a database only after every session has taken notice, and a session that is being opened does so
/// only when its client has sent the password. That client may be a task of the very thread that waits here. When it
/// waits no longer and the test ends, the server sees the client leave and carries on by itself.
const DROPPED_WITHIN: Duration = Duration::from_secs(1);

/// How long the promises are checked at most.
const CHECKED_WITHIN: Duration = Duration::from_mins(1);

/// A database of its own, dropped when this value is dropped.
///
/// If it was made by [`create`](Self::create), the test fails whose end finds promises broken that [always](ALWAYS) hold.
#[derive(Debug)]
pub struct TestDatabase {
    server: String,
    name: String,
    url: String,
    is_checked: AtomicBool,
}

impl TestDatabase {
    /// A database with the complete schema and no rows.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot run must fail")]
    pub async fn create() -> Self {
        let server = environment::require(environment::POSTGRES_URL);
        let database = Self::create_at(&server).await.expect("a database should be cloned");
        database.is_checked.store(true, Ordering::Relaxed);
        database
    }

    /// The same with a server that the environment does not name; nothing is checked at its end.
    pub async fn create_at(server: &str) -> Result<Self> {
        let template = template::get(server).await.context("the template database cannot be made")?;
        Self::clone_of(&template, server.to_owned()).await
    }

    /// A database without any tables.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot run must fail")]
    pub async fn create_empty() -> Self {
        let server = environment::require(environment::POSTGRES_URL);
        Self::create_empty_at(&server).await.expect("a database should be created")
    }

    /// A database without any tables, on a server that the environment does not name.
    pub(crate) async fn create_empty_at(server: &str) -> Result<Self> {
        Self::clone_of("template0", server.to_owned()).await
    }

    /// A copy with all its rows. Whoever is connected to this one is cut off.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot run must fail")]
    pub async fn copy(&self) -> Self {
        let client = connect(&self.server).await.expect("the server should accept connections");
        let cut = "SELECT pg_terminate_backend(pid, 10000) FROM pg_stat_activity WHERE datname = $1";
        client.query(cut, &[&self.name]).await.expect("sessions should be ended");
        Self::clone_of(&self.name, self.server.clone()).await.expect("a database should be cloned")
    }

    /// The test fills it with rows that no service would leave, so that promises are not checked at its end.
    pub fn made_up(&self) {
        self.is_checked.store(false, Ordering::Relaxed);
    }

    /// Fails the test that has let a promise be broken.
    #[expect(clippy::panic, reason = "a test that breaks a promise must fail")]
    fn check(&self) {
        let url = self.url.clone();
        let outcome = in_own_runtime(async move {
            let client = connect(&url).await?;
            timeout(CHECKED_WITHIN, invariants::violations(&client, ALWAYS)).await?
        });
        match outcome {
            Some(Ok(violations)) if violations.is_empty() => {}
            Some(Ok(violations)) => panic!("broken promises: {violations:#?}"),
            Some(Err(error)) => eprintln!("PROMISES ARE NOT CHECKED: {error:#}"),
            None => eprintln!("PROMISES ARE NOT CHECKED"),
        }
    }

    /// The database stays.
    pub(crate) fn keep(self) {
        std::mem::forget(self);
    }

    /// The database's address.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// A connection of its own, for looking at what the tested code has done.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "a test that cannot run must fail")]
    pub async fn client(&self) -> Client {
        connect(&self.url).await.expect("the test's database should accept connections")
    }

    async fn clone_of(template: &str, server: String) -> Result<Self> {
        let name = leftovers::new_name();
        let url = with_database(&server, &name)?;
        let client = connect(&server).await?;
        client
            .batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {template}"))
            .await
            .with_context(|| format!("{template} cannot be cloned"))?;
        Ok(Self { server, name, url, is_checked: AtomicBool::new(false) })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if self.is_checked.load(Ordering::Relaxed) && !thread::panicking() {
            self.check();
        }
        let (server, name) = (self.server.clone(), self.name.clone());
        in_own_runtime(async move {
            let client = connect(&server).await?;
            let drop = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
            // What cannot be dropped is swept before a later run.
            let _ = timeout(DROPPED_WITHIN, client.batch_execute(&drop)).await;
            anyhow::Ok(())
        });
    }
}

/// Opens a connection; a task drives it until the client is dropped.
#[expect(clippy::disallowed_methods, reason = "ends with its client")]
pub(crate) async fn connect(url: &str) -> Result<Client> {
    let (client, connection) = tokio_postgres::connect(url, NoTls).await.context("PostgreSQL cannot be reached")?;
    tokio::spawn(connection);
    Ok(client)
}

/// The URL of another database of the same server.
pub(crate) fn with_database(server: &str, name: &str) -> Result<String> {
    let mut url = Url::parse(server).with_context(|| format!("{} is malformed", environment::POSTGRES_URL))?;
    url.set_path(name);
    Ok(url.into())
}

/// Drops the databases that earlier test runs have left behind.
pub(crate) async fn sweep(server: &str) -> Result<()> {
    let client = connect(server).await?;
    let pattern = format!("{}%", leftovers::PREFIX);
    for row in client.query("SELECT datname FROM pg_database WHERE datname LIKE $1", &[&pattern]).await? {
        let name: String = row.get(0);
        if leftovers::is_left_behind(&name) {
            client.batch_execute(&format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)")).await?;
        }
    }
    Ok(())
}
