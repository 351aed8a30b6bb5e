//! The database of a process.

use std::time::Duration;

use anyhow::{Context as _, anyhow, bail};
use persistence::{Db, PoolOptions, Target, migrations, wake};
use runtime::{Stop, Wake, tasks};
use tokio::time::timeout;
use tracing::warn;

use crate::{Process, process::DATABASE};

/// How often the database is asked whether it is there, for the readiness.
const CHECK_PERIOD: Duration = Duration::from_secs(5);

/// How long it may take to answer that. One that is frozen, or cut off without a word, never does.
const CHECK_DEADLINE: Duration = Duration::from_secs(10);

/// How long a starting process waits for its database.
const PATIENCE: Duration = Duration::from_secs(30);

/// Between attempts to reach the database.
const PAUSE: Duration = Duration::from_millis(500);

/// The database, and where it is.
#[derive(Clone)]
pub struct Database {
    /// Where it is.
    pub target: Target,
    /// The pool.
    pub db: Db,
}

impl Process {
    /// Opens a pool of connections, once the server answers and its database is at the right revision.
    ///
    /// Fails with one sentence: no URL, a wrong one, a server that does not answer in time, another revision.
    pub async fn open_database(&self, pool_size: usize) -> anyhow::Result<Database> {
        let url = self.settings.database.require_url()?;
        let target = Target::parse(url.expose()).map_err(|e| anyhow!("POSTGRES_URL {e}"))?.named(self.name);
        for unknown in target.unknown_parameters() {
            warn!("POSTGRES_URL has the parameter {unknown}, which nobody knows; it has no effect.");
        }
        let db = Db::new(target.clone(), PoolOptions { size: pool_size, ..PoolOptions::default() })?;
        tokio::select! {
            biased;
            () = self.stop.stopped() => bail!("stopped while waiting for the database"),
            outcome = wait_for_head(&db) => outcome?,
        }
        self.readiness.set(DATABASE, true);
        let (stop, readiness, watched) = (self.stop.clone(), self.readiness.clone(), db.clone());
        tasks::spawn("database watch", async move {
            watch(&watched, &stop, |is_there| readiness.set(DATABASE, is_there)).await;
        });
        Ok(Database { target, db })
    }

    /// A wake-up call for one loop, made whenever `stage` is given work.
    pub fn listen(&self, database: &Database, stage: persistence::Wake) -> Wake {
        let wake = Wake::new();
        let (caller, target, token) = (wake.clone(), database.target.clone(), self.stop.token().clone());
        tasks::spawn("wake-ups", wake::listen(target, stage, token, move || caller.wake()));
        wake
    }
}

/// Waits for the server, and then wants the marker at the head.
async fn wait_for_head(db: &Db) -> anyhow::Result<()> {
    let deadline = tokio::time::Instant::now() + PATIENCE;
    let mut connection = loop {
        match db.conn().await {
            Ok(connection) => break connection,
            Err(error) if tokio::time::Instant::now() >= deadline => {
                return Err(error).context("POSTGRES_URL: the database does not answer");
            }
            Err(error) => {
                warn!(error = &error as &dyn std::error::Error, "The database does not answer yet.");
                tokio::time::sleep(PAUSE).await;
            }
        }
    };
    Ok(migrations::require_head(&mut connection).await?)
}

async fn watch(db: &Db, stop: &Stop, report: impl Fn(bool)) {
    loop {
        tokio::select! {
            biased;
            () = stop.stopped() => return,
            () = tokio::time::sleep(CHECK_PERIOD) => {}
        }
        report(timeout(CHECK_DEADLINE, is_there(db)).await.unwrap_or(false));
    }
}

async fn is_there(db: &Db) -> bool {
    let Ok(mut connection) = db.conn().await else { return false };
    migrations::is_at_head(&mut connection).await.unwrap_or(false)
}
