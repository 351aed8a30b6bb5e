//! `creditors-local with-servers -- COMMAND`.

use std::{
    ffi::OsString,
    fs,
    os::unix::process::ExitStatusExt as _,
    path::{Path, PathBuf},
    process::{ExitCode, ExitStatus},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{process::Child, time::timeout};

use super::interrupt::Interrupt;
use crate::{
    broker, database,
    environment::{self, Urls},
    servers::{Manner, Postgres, RabbitMq},
};

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Store data as safely as in production, for measurements
    #[arg(long)]
    durable: bool,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

/// The servers that were started, and where all are.
struct Servers {
    urls: Urls,
    _postgres: Option<Postgres>,
    _broker: Option<RabbitMq>,
}

pub(super) async fn run(run_dir: &Path, arguments: Arguments) -> Result<ExitCode> {
    let mut interrupt = Interrupt::listen()?;
    let directory = Directory::create(run_dir)?;
    let manner = if arguments.durable { Manner::DURABLE } else { Manner::TESTS };
    let servers = tokio::select! {
        servers = start(&directory.0, manner) => servers?,
        signal = interrupt.next() => return Ok(exit_code(128 + signal)),
    };
    let [program, rest @ ..] = arguments.command.as_slice() else { return Err(anyhow!("no command was given")) };
    let mut command = tokio::process::Command::new(program);
    command.args(rest).envs(servers.urls.variables());
    let mut child = command.spawn().with_context(|| format!("{} cannot be started", program.display()))?;
    let status = tokio::select! {
        status = child.wait() => status?,
        signal = interrupt.next() => end(&mut child, signal).await?,
    };
    Ok(exit_code(shell_status(status)))
}

/// Starts what the environment does not name, both at the same time.
async fn start(directory: &Path, manner: Manner) -> Result<Servers> {
    let began = Instant::now();
    let given = (environment::get(environment::POSTGRES_URL), environment::get(environment::BROKER_URL));
    let (postgres, broker) = tokio::try_join!(
        async { if given.0.is_none() { Postgres::start(directory, manner).await.map(Some) } else { Ok(None) } },
        async { if given.1.is_none() { RabbitMq::start(directory, manner).await.map(Some) } else { Ok(None) } },
    )?;
    let api = match &broker {
        Some(broker) => broker.api_url(),
        None => environment::get(environment::BROKER_API_URL).with_context(|| {
            format!("{} is set, so {} must be set too", environment::BROKER_URL, environment::BROKER_API_URL)
        })?,
    };
    let urls = Urls {
        postgres: given.0.or_else(|| postgres.as_ref().map(|server| server.url("postgres"))).unwrap_or_default(),
        broker: given.1.or_else(|| broker.as_ref().map(|broker| broker.url("/"))).unwrap_or_default(),
        broker_api: api,
    };
    database::sweep(&urls.postgres).await.with_context(|| format!("{} is of no use", environment::POSTGRES_URL))?;
    broker::sweep(&urls.broker_api, &urls.broker)
        .await
        .with_context(|| format!("{} is of no use", environment::BROKER_API_URL))?;
    eprintln!("PostgreSQL and RabbitMQ are ready after {:.1} s", began.elapsed().as_secs_f32());
    Ok(Servers { urls, _postgres: postgres, _broker: broker })
}

/// Lets the command end, which a terminal has told too (only Ctrl-C goes to both of us); then insists.
async fn end(child: &mut Child, signal: i32) -> std::io::Result<ExitStatus> {
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    if let Some(pid) = pid
        && signal != Signal::SIGINT as i32
    {
        let _ = kill(pid, Signal::SIGTERM);
    }
    if let Ok(status) = timeout(Duration::from_secs(8), child.wait()).await {
        return status;
    }
    if let Some(pid) = pid {
        let _ = kill(pid, Signal::SIGTERM);
    }
    if let Ok(status) = timeout(Duration::from_secs(4), child.wait()).await {
        return status;
    }
    child.kill().await?;
    child.wait().await
}

/// As a shell reports it: 128 + number of the signal that killed it.
fn shell_status(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

fn exit_code(status: i32) -> ExitCode {
    ExitCode::from(u8::try_from(status).unwrap_or(1))
}

/// `<run_dir>/servers-<pid>`, removed at the end.
struct Directory(PathBuf);

impl Directory {
    /// Creates it, and removes those of processes that were killed.
    fn create(run_dir: &Path) -> Result<Self> {
        fs::create_dir_all(run_dir).with_context(|| format!("{} cannot be created", run_dir.display()))?;
        for entry in fs::read_dir(run_dir)?.flatten() {
            let name = entry.file_name();
            let owner = name.to_str().and_then(|name| name.strip_prefix("servers-")?.parse().ok());
            if owner.is_some_and(|pid| kill(Pid::from_raw(pid), None).is_err()) {
                remove(&entry.path());
            }
        }
        let path = run_dir.join(format!("servers-{}", std::process::id()));
        fs::create_dir(&path).with_context(|| format!("{} cannot be created", path.display()))?;
        Ok(Self(path.canonicalize()?))
    }
}

impl Drop for Directory {
    fn drop(&mut self) {
        remove(&self.0);
    }
}

fn remove(directory: &Path) {
    crate::servers::remove_homes(directory);
    let _ = fs::remove_dir_all(directory);
}
