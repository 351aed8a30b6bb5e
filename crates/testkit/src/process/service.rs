//! One of our own services as a process.

use std::{
    ffi::OsString,
    net::Ipv4Addr,
    path::{Path, PathBuf},
    process::ExitStatus,
    time::Duration,
};

use anyhow::{Context as _, Result};
use nix::sys::signal::Signal;

use super::{Daemon, Lifetime, Program, User};
use crate::{ports, programs};

/// How long a service may take to become ready.
const READY_WITHIN: Duration = Duration::from_secs(30);

/// What to start, and with which settings.
#[derive(Clone, Debug)]
pub struct ServiceBuilder {
    program: Program,
    host: Ipv4Addr,
    admin_port: u16,
    readiness: &'static str,
}

/// A running service; it is stopped when this value is dropped, and cannot outlive this process.
#[derive(Debug)]
pub struct ServiceProcess {
    builder: ServiceBuilder,
    daemon: Daemon,
}

impl ServiceBuilder {
    /// The built binary `name` (`creditors-web`), with health and metrics on a free port. Its output is appended to
    /// `<directory>/<name>.log`.
    pub fn new(name: &str, directory: &Path) -> Result<Self> {
        let [admin_port] = ports::free()?;
        let program = Program {
            name: name.to_owned(),
            path: programs::sibling(name)?,
            arguments: Vec::new(),
            environment: Vec::new(),
            directory: PathBuf::from("/"),
            log: directory.join(format!("{name}.log")),
            user: User::ourselves(),
            stop: Signal::SIGTERM,
            grace: Duration::from_secs(20),
            lifetime: Lifetime::Tied,
        };
        let builder = Self { program, host: Ipv4Addr::LOCALHOST, admin_port, readiness: "/health/ready" };
        Ok(builder.env("APP_ADMIN_PORT", admin_port.to_string()))
    }

    /// Sets an environment variable.
    #[must_use]
    pub fn env(mut self, name: &str, value: impl Into<OsString>) -> Self {
        self.program.environment.push((name.to_owned(), value.into()));
        self
    }

    /// Adds a command line argument.
    #[must_use]
    pub fn arg(mut self, argument: impl Into<OsString>) -> Self {
        self.program.arguments.push(argument.into());
        self
    }

    /// Says at which loopback address it shows health and metrics, if not at the usual one.
    #[must_use]
    pub fn host(mut self, host: Ipv4Addr) -> Self {
        self.host = host;
        self.env("APP_ADMIN_BIND", host.to_string())
    }

    /// Says on which path of the admin port it tells whether it is ready, if not on the usual one.
    #[must_use]
    pub fn readiness(mut self, path: &'static str) -> Self {
        self.readiness = path;
        self
    }

    /// The port of health and metrics that it will have.
    pub fn admin_port(&self) -> u16 {
        self.admin_port
    }

    /// Says what happens to the service when we end.
    #[must_use]
    pub fn lifetime(mut self, lifetime: Lifetime) -> Self {
        self.program.lifetime = lifetime;
        self
    }

    /// Starts it, and returns when it is ready.
    pub async fn start(self) -> Result<ServiceProcess> {
        let mut service = self.start_only()?;
        service.wait_until_ready().await?;
        Ok(service)
    }

    /// Starts it without waiting.
    pub fn start_only(self) -> Result<ServiceProcess> {
        let daemon = Daemon::start(self.program.clone())?;
        Ok(ServiceProcess { builder: self, daemon })
    }
}

impl ServiceProcess {
    /// Its name.
    pub fn name(&self) -> &str {
        self.daemon.name()
    }

    /// Its process id, while it runs.
    pub fn pid(&self) -> Option<u32> {
        self.daemon.pid()
    }

    /// Its port of health and metrics.
    pub fn admin_port(&self) -> u16 {
        self.builder.admin_port
    }

    /// Its metrics as text.
    pub async fn metrics(&self) -> Result<String> {
        let url = format!("http://{}:{}/metrics", self.builder.host, self.admin_port());
        let answer = crate::http::client()
            .get(&url)
            .send()
            .await
            .with_context(|| format!("{} gives no metrics", self.name()))?;
        answer.text().await.with_context(|| format!("{} gives broken metrics", self.name()))
    }

    /// Waits until it says that it is ready.
    pub async fn wait_until_ready(&mut self) -> Result<()> {
        let url = format!("http://{}:{}{}", self.builder.host, self.admin_port(), self.builder.readiness);
        let http = crate::http::client();
        self.daemon
            .until(READY_WITHIN, async || http.get(&url).send().await.is_ok_and(|answer| answer.status().is_success()))
            .await
    }

    /// Sends it a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        self.daemon.signal(signal)
    }

    /// Ends it in good order; `None` if it had been ended before.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        self.daemon.stop()
    }

    /// Ends it as `kill -9` does.
    pub fn kill(&mut self) -> Option<ExitStatus> {
        self.daemon.kill()
    }

    /// Starts it again with the same settings and waits until it is ready. One that still runs is stopped before.
    pub async fn restart(&mut self) -> Result<()> {
        self.daemon.restart()?;
        self.wait_until_ready().await
    }

    /// The process, to be detached.
    pub fn into_daemon(self) -> Daemon {
        self.daemon
    }
}
