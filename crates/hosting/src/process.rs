//! A process with its admin port.

use std::sync::Arc;

use anyhow::Context as _;
use observability::{Admin, Metrics, Readiness, init_logging};
use runtime::{Clock, Context, Random, Service, Stop, config::Settings, tasks};

/// What a service is called, where it answers, and what it needs to be ready.
#[derive(Clone, Copy, Debug)]
pub struct Identity {
    /// The name of its binary.
    pub name: &'static str,
    /// Its admin port, unless `APP_ADMIN_PORT` names another.
    pub admin_port: u16,
    /// The conditions of its readiness.
    pub conditions: &'static [&'static str],
}

/// The condition of readiness that [`Process::open_database`] keeps up to date.
pub(crate) const DATABASE: &str = "database";

/// A running service process.
pub struct Process {
    /// Its configuration.
    pub settings: Settings,
    /// Announces its end.
    pub stop: Stop,
    /// Tells the time.
    pub clock: Arc<dyn Clock>,
    /// Gives random bits.
    pub random: Arc<dyn Random>,
    /// What it still needs to be ready.
    pub readiness: Readiness,
    /// The name of its binary.
    pub name: &'static str,
    _admin: Option<Admin>,
}

impl Process {
    /// Installs the metrics and opens the admin port. From the stop on, the process is not ready any more.
    ///
    /// Fails with one sentence if the port is occupied.
    pub fn start(context: Context, identity: Identity) -> anyhow::Result<Self> {
        let Context { settings, stop, clock, random } = context;
        let metrics = Metrics::install().context("metrics cannot be collected")?;
        let readiness = Readiness::new(identity.conditions.iter().copied());
        let port = settings.admin.port.unwrap_or(identity.admin_port);
        let admin = Admin::start(settings.admin.bind, port, readiness.clone(), metrics)?;
        // Whoever distributes work should know at once that there are others to give it to.
        let (ending, draining) = (stop.clone(), readiness.clone());
        tasks::spawn("draining", async move {
            ending.stopped().await;
            draining.drain();
        });
        Ok(Self { settings, stop, clock, random, readiness, name: identity.name, _admin: admin })
    }
}

/// How a service begins: its name, its threads, and our log lines.
pub const fn service(name: &'static str, worker_threads: usize) -> Service {
    Service {
        name,
        worker_threads,
        init_logging: |logging| {
            // It fails only where logging was set up before: by tests that run services in their own process.
            let _ = init_logging(logging.level.as_str(), logging.format.as_str());
        },
    }
}
