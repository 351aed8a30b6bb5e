//! A private PostgreSQL.

use std::{path::Path, process::Stdio, time::Duration};

use anyhow::{Context as _, Result, bail};
use nix::sys::signal::Signal;

use super::{Manner, Purpose, home::Home};
use crate::{
    database::connect,
    ports,
    process::{Daemon, Program, User},
    programs,
};

/// The database user: owner of everything.
const USER: &str = "creditors";

/// A running server. It is stopped when this value is dropped; the data stays, unless it is in memory.
#[derive(Debug)]
pub struct Postgres {
    /// The process.
    // Dropped before its home.
    pub daemon: Daemon,
    _home: Home,
    port: u16,
    password: String,
}

impl Postgres {
    /// Starts a server whose data is in `directory/postgres`; a new one is initialised. Returns when it answers.
    pub async fn start(directory: &Path, manner: Manner) -> Result<Self> {
        let user = User::unprivileged("postgres")?;
        let home = Home::open_for(manner.purpose, directory, "postgres", &user)?;
        let password = home.password(&user)?;
        let data = home.path.join("data");
        if !data.join("PG_VERSION").exists() {
            initialise(&home, &data, &user, manner.purpose)?;
        }
        let [port] = ports::free()?;
        let mut arguments = vec!["-D".into(), data.into_os_string()];
        for setting in settings(port, manner.purpose) {
            arguments.extend(["-c".into(), setting.into()]);
        }
        let daemon = Daemon::start(Program {
            name: "PostgreSQL".to_owned(),
            path: programs::postgres("postgres")?,
            arguments,
            environment: Vec::new(),
            log: directory.join("postgres.log"),
            directory: home.path.clone(),
            user,
            stop: Signal::SIGINT,
            grace: Duration::from_secs(20),
            lifetime: manner.lifetime,
        })?;
        let mut server = Self { daemon, _home: home, port, password };
        server.wait_until_ready().await?;
        Ok(server)
    }

    /// Starts it again on the same port, with the same data; one that still runs is stopped before. Returns when it answers.
    pub async fn restart(&mut self) -> Result<()> {
        self.daemon.restart()?;
        self.wait_until_ready().await
    }

    async fn wait_until_ready(&mut self) -> Result<()> {
        let url = self.url("postgres");
        self.daemon.until(Duration::from_mins(1), async || connect(&url).await.is_ok()).await
    }

    /// The address of one of its databases; there is always one called `postgres`.
    pub fn url(&self, database: &str) -> String {
        format!("postgresql://{USER}:{}@127.0.0.1:{}/{database}", self.password, self.port)
    }
}

fn initialise(home: &Home, data: &Path, user: &User, purpose: Purpose) -> Result<()> {
    let mut command = user.command(&programs::postgres("initdb")?, None)?;
    command
        .arg("-D")
        .arg(data)
        .args(["-U", USER, "--auth=scram-sha-256", "--encoding=UTF8", "--no-locale"])
        .arg(format!("--pwfile={}", home.path.join("password").display()))
        .current_dir(&home.path)
        .stdin(Stdio::null());
    if purpose == Purpose::Tests {
        command.arg("--no-sync");
    }
    let output = command.output().context("initdb cannot be started")?;
    if !output.status.success() {
        bail!("initdb has failed with {}:\n{}", output.status, String::from_utf8_lossy(&output.stderr));
    }
    Ok(())
}

fn settings(port: u16, purpose: Purpose) -> Vec<String> {
    let common = [
        format!("port={port}"),
        "listen_addresses=127.0.0.1".to_owned(),
        "unix_socket_directories=".to_owned(),
        "max_connections=300".to_owned(),
        "timezone=UTC".to_owned(),
        "log_timezone=UTC".to_owned(),
        "log_line_prefix=%m [%p] %q%a ".to_owned(),
    ];
    let special: &[&str] = match purpose {
        Purpose::Tests => &[
            "fsync=off",
            "synchronous_commit=off",
            "full_page_writes=off",
            "wal_level=minimal",
            "max_wal_senders=0",
            "shared_buffers=64MB",
        ],
        Purpose::Durable => &["fsync=on", "synchronous_commit=on", "shared_buffers=512MB", "max_wal_size=2GB"],
    };
    common.into_iter().chain(special.iter().map(|&setting| setting.to_owned())).collect()
}
