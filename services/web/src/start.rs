//! From the configuration to a running process.

use std::{net::TcpListener, process::ExitCode, thread, time::Duration};

use actix_web::web::Data;
use anyhow::Context as _;
use clap::Parser;
use observability::{Admin, Metrics, Readiness, admin, init_logging};
use persistence::{Db, PoolOptions, Target};
use runtime::{
    Context, Service, Stop, arguments,
    config::{AuthMode, Logging, Section, Web},
    tasks,
};

use crate::{State, server};

/// What must hold before requests are sent to this process.
const DATABASE: &str = "database";

/// How often the database is looked at.
const PROBE_PERIOD: Duration = Duration::from_secs(5);

const SERVICE: Service = Service { name: "creditors-web", worker_threads: 1, init_logging: logging };

/// Serves the Payments Web API.
#[derive(Debug, Parser)]
#[command(name = "creditors-web", version)]
struct Arguments {}

/// Runs the service to its end. Not generic: `main` only calls it.
pub fn run_blocking() -> ExitCode {
    let sections = [
        Section::Web,
        Section::Auth,
        Section::Shard,
        Section::Database,
        Section::Policy,
        Section::Logging,
        Section::Admin,
    ];
    match arguments::parse::<Arguments>(&sections) {
        Ok(Arguments {}) => SERVICE.run_blocking(run),
        Err(status) => status,
    }
}

/// Runs the service until it is stopped.
pub async fn run(context: Context) -> anyhow::Result<ExitCode> {
    let Context { settings, stop, clock, random } = context;
    settings.auth.check(settings.web.bind)?;
    let target = Target::parse(settings.database.require_url()?.expose()).context("POSTGRES_URL")?;
    let readiness = Readiness::new([DATABASE]);
    let port = settings.admin.port.unwrap_or(admin::ports::WEB);
    let _admin = Admin::start(settings.admin.bind, port, readiness.clone(), Metrics::install()?)?;
    let address = (settings.web.bind, settings.web.port);
    let listener =
        TcpListener::bind(address).with_context(|| format!("cannot listen on {}:{}", address.0, address.1))?;
    if settings.auth.allows(AuthMode::TrustedHeaders) {
        tracing::warn!(
            "Callers are trusted to be whom X-Swpt-User-Id says: only a gateway may reach {}.",
            listener.local_addr()?
        );
    }
    let workers = workers(&settings.web);
    let db = Db::new(target, PoolOptions::default())?;
    let probe = tasks::spawn("database probe", probe(db.clone(), readiness.clone(), stop.clone()));
    let state = Data::new(State::new(settings, db, clock, random)?);
    tracing::info!(workers, "Serving on {} with {workers} threads.", listener.local_addr()?);
    server::start(listener, state, workers, stop)?.await?;
    probe.await?;
    Ok(ExitCode::SUCCESS)
}

/// The peer implementation's number of parallel requests, but not more threads than can run at a time: ours do not wait.
fn workers(web: &Web) -> usize {
    let wanted = usize::try_from(web.processes.saturating_mul(web.threads)).unwrap_or(usize::MAX);
    wanted.min(thread::available_parallelism().map_or(1, usize::from))
}

/// Looks at the database again and again.
async fn probe(db: Db, readiness: Readiness, stop: Stop) {
    while !stop.is_stopped() {
        readiness.set(DATABASE, db.conn().await.is_ok());
        // Either is a reason to look at the condition of the loop.
        let _ = tokio::time::timeout(PROBE_PERIOD, stop.stopped()).await;
    }
    readiness.drain();
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "the service wants it so")]
fn logging(logging: &Logging) {
    if let Err(error) = init_logging(logging.level.as_str(), logging.format.as_str()) {
        // Nobody listens to log lines yet.
        eprintln!("creditors-web: {error}");
    }
}
