//! The servers to work with: those that the environment names, private ones otherwise.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Instant,
};

use anyhow::{Context as _, Result, bail};
use nix::{sys::signal::kill, unistd::Pid};

use crate::{
    broker, database,
    environment::{self, BROKER_API_URL, BROKER_URL, POSTGRES_URL, Urls},
    servers::{Manner, Postgres, RabbitMq},
};

/// The servers that were started (stopped when dropped), and where all are.
pub(super) struct Servers {
    pub(super) urls: Urls,
    pub(super) broker: Option<RabbitMq>,
    pub(super) postgres: Option<Postgres>,
}

impl Servers {
    /// Starts what the environment does not name, both at the same time. Returns when all can be used.
    pub(super) async fn start(directory: &Path, manner: Manner) -> Result<Self> {
        let given = (environment::get(POSTGRES_URL), environment::get(BROKER_URL), environment::get(BROKER_API_URL));
        Self::start_but(given, directory, manner).await
    }

    /// Starts both, whatever the environment says.
    pub(super) async fn start_own(directory: &Path, manner: Manner) -> Result<Self> {
        Self::start_but((None, None, None), directory, manner).await
    }

    /// PostgreSQL, the broker and its API may be given.
    async fn start_but(
        given: (Option<String>, Option<String>, Option<String>),
        directory: &Path,
        manner: Manner,
    ) -> Result<Self> {
        let began = Instant::now();
        if given.1.is_some() != given.2.is_some() {
            bail!("set both of {BROKER_URL} and {BROKER_API_URL}, or none of them");
        }
        let (postgres, broker) = tokio::try_join!(
            unless(given.0.is_some(), Postgres::start(directory, manner)),
            unless(given.1.is_some(), RabbitMq::start(directory, manner)),
        )?;
        let of_postgres = postgres.as_ref().map(|server| server.url("postgres"));
        let of_broker = broker.as_ref().map(|broker| broker.url("/"));
        let of_api = broker.as_ref().map(RabbitMq::api_url);
        let urls = Urls {
            postgres: given.0.or(of_postgres).unwrap_or_default(),
            broker: given.1.or(of_broker).unwrap_or_default(),
            broker_api: given.2.or(of_api).unwrap_or_default(),
        };
        database::sweep(&urls.postgres).await.with_context(|| format!("{POSTGRES_URL} is of no use"))?;
        broker::sweep(&urls.broker_api, &urls.broker)
            .await
            .with_context(|| format!("{BROKER_URL} and {BROKER_API_URL} are of no use"))?;
        eprintln!("PostgreSQL and RabbitMQ are ready after {:.1} s", began.elapsed().as_secs_f32());
        Ok(Self { urls, broker, postgres })
    }
}

async fn unless<T>(given: bool, start: impl Future<Output = Result<T>>) -> Result<Option<T>> {
    if given { Ok(None) } else { start.await.map(Some) }
}

/// `<run_dir>/servers-<pid>`, removed at the end: the home of servers that nobody needs afterwards.
pub(super) struct Throwaway(PathBuf);

impl Throwaway {
    /// Creates it, and removes those of processes that were killed.
    pub(super) fn create(run_dir: &Path) -> Result<Self> {
        fs::create_dir_all(run_dir).with_context(|| format!("{} cannot be created", run_dir.display()))?;
        for entry in fs::read_dir(run_dir)?.flatten() {
            let name = entry.file_name();
            let owner = name.to_str().and_then(|name| name.strip_prefix("servers-")?.parse().ok());
            if owner.is_some_and(|pid| kill(Pid::from_raw(pid), None).is_err()) {
                remove(&entry.path());
            }
        }
        let path = run_dir.join(format!("servers-{}", std::process::id()));
        remove(&path);
        fs::create_dir(&path).with_context(|| format!("{} cannot be created", path.display()))?;
        Ok(Self(path.canonicalize()?))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Throwaway {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

/// Removes the directory, wherever the servers' data really are.
pub(super) fn remove(directory: &Path) {
    crate::servers::remove_homes(directory);
    // What cannot be removed now is tried again at the next start.
    let _ = fs::remove_dir_all(directory);
}
