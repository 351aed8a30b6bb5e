//! One service, as processes on a database of its own.

mod manners;

use std::{
    fs,
    path::PathBuf,
    process::ExitStatus,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use persistence::Wake;
use tokio_postgres::{Client, error::SqlState};

use crate::{
    TestDatabase,
    database::connect,
    environment,
    process::{Daemon, ServiceBuilder},
};

pub use manners::check_words;

/// How long anything may take that is waited for.
const PATIENCE: Duration = Duration::from_mins(1);

/// How often it is looked for.
const LOOK: Duration = Duration::from_millis(10);

/// A database, and a service that is started as often as wanted.
#[derive(Debug)]
pub struct Stage {
    /// For seeding and looking.
    pub client: Client,
    /// The database.
    pub database: TestDatabase,
    service: &'static str,
    directory: PathBuf,
}

impl Stage {
    /// A stage for the binary of that name, with the complete schema and no rows. `test` names the directory of its log.
    pub async fn new(service: &'static str, test: &str) -> Result<Self> {
        let database = TestDatabase::create().await;
        let client = connect(database.url()).await?;
        let directory = std::env::temp_dir().join(format!("{service}-{test}-{}", std::process::id()));
        fs::create_dir_all(&directory).with_context(|| format!("{} cannot be created", directory.display()))?;
        Ok(Self { client, database, service, directory })
    }

    /// The service, with this database, and otherwise as it comes.
    pub fn service(&self) -> Result<ServiceBuilder> {
        Ok(ServiceBuilder::new(self.service, &self.directory)?.env("POSTGRES_URL", self.database.url()))
    }

    /// Runs the service until it ends by itself.
    pub async fn run(&self, service: ServiceBuilder) -> Result<ExitStatus> {
        self.end(&mut service.start_only()?.into_daemon()).await
    }

    /// Waits until a process ends by itself.
    pub async fn end(&self, process: &mut Daemon) -> Result<ExitStatus> {
        let began = Instant::now();
        loop {
            if let Some(status) = process.ended() {
                return Ok(status);
            }
            if began.elapsed() > PATIENCE {
                bail!("{} does not end; it has said:\n{}", self.service, self.said());
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// What all these processes have printed.
    pub fn said(&self) -> String {
        fs::read_to_string(self.directory.join(format!("{}.log", self.service))).unwrap_or_default()
    }

    /// The single number that a query gives.
    pub async fn number(&self, query: &str) -> Result<i64> {
        let row = self.client.query_one(query, &[]).await.with_context(|| format!("no answer to {query}"))?;
        Ok(row.get(0))
    }

    /// Waits until a query gives this number.
    pub async fn until(&self, query: &str, number: i64) -> Result<()> {
        let began = Instant::now();
        loop {
            let found = self.number(query).await?;
            if found == number {
                return Ok(());
            }
            if began.elapsed() > PATIENCE {
                bail!("waited in vain for {number} as the answer to {query}; it is {found}");
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Waits until so many sessions listen to the stage, whatever they have done before.
    pub async fn until_listened(&self, stage: Wake, sessions: i64) -> Result<()> {
        let listening = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND state = 'idle' AND query = 'LISTEN ";
        self.until(&format!("{listening}{}'", stage.channel()), sessions).await
    }

    /// Wakes the stage's processes, as a service does that has given them work.
    pub async fn wake(&self, stage: Wake) -> Result<()> {
        Ok(self.client.batch_execute(&format!("NOTIFY {}", stage.channel())).await?)
    }

    /// Throws all services out of the database and lets nobody in, or lets them in again. Our own session stays.
    pub async fn shut(&self, is_shut: bool) -> Result<()> {
        let name: String = self.client.query_one("SELECT current_database()", &[]).await?.get(0);
        // Nobody can do this from inside.
        let outside = connect(&environment::require(environment::POSTGRES_URL)).await?;
        outside.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {}", !is_shut)).await?;
        if is_shut {
            let others = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                WHERE datname = current_database() AND pid <> pg_backend_pid()";
            self.client.batch_execute(others).await?;
        }
        Ok(())
    }

    /// A session like the peer implementation's.
    pub async fn peer(&self) -> Result<Peer> {
        Peer::connect(self.database.url()).await
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Somebody who works on the same database by calling the functions that it carries.
#[derive(Debug)]
pub struct Peer(Client);

impl Peer {
    /// A session with the peer implementation's settings (database §1).
    pub async fn connect(url: &str) -> Result<Self> {
        let client = connect(url).await?;
        client.batch_execute("SET enable_seqscan = off; SET default_transaction_isolation = 'repeatable read'").await?;
        Ok(Self(client))
    }

    /// Calls a function; again, when it was disturbed by others.
    pub async fn call(&self, function: &str) -> Result<()> {
        loop {
            match self.0.batch_execute(&format!("SELECT {function}")).await {
                Ok(()) => return Ok(()),
                Err(error) if is_race(&error) => {}
                Err(error) => return Err(error).with_context(|| format!("{function} has failed")),
            }
        }
    }
}

fn is_race(error: &tokio_postgres::Error) -> bool {
    matches!(error.code(), Some(&SqlState::T_R_SERIALIZATION_FAILURE | &SqlState::T_R_DEADLOCK_DETECTED))
}
