//! From the configuration to a running process.

mod warnings;

use std::{net::TcpListener, process::ExitCode, thread};

use actix_web::web::Data;
use anyhow::Context as _;
use hosting::{Identity, Process};
use nix::sys::resource::{Resource, getrlimit, setrlimit};
use observability::admin::ports;
use runtime::{
    Context, arguments,
    config::{Section, Web},
    tasks,
};

use crate::{State, feed::Feed, server};

const NAME: &str = "creditors-web";

/// More connections than that do not make PostgreSQL faster.
const MAX_CONNECTIONS: usize = 8;

/// Serves the Payments Web API.
#[derive(Clone, Copy, Debug, Default, clap::Parser)]
#[command(name = NAME, version)]
pub struct Arguments {}

/// Runs the service to its end.
pub fn run_blocking() -> ExitCode {
    let sections = [
        Section::Web,
        Section::Auth,
        Section::Only("MIN_CREDITOR_ID"),
        Section::Only("MAX_CREDITOR_ID"),
        Section::Only("PROTOCOL_BROKER_QUEUE_ROUTING_KEY"),
        Section::Database,
        Section::Only("PIN_PROTECTION_SECRET"),
        Section::Only("PIN_PROTECTION_SECRET_PREVIOUS"),
        Section::Only("APP_LOG_RETENTION_DAYS"),
        Section::Only("APP_INACTIVE_CREDITOR_RETENTION_DAYS"),
        Section::Only("APP_PIN_FAILURES_RESET_DAYS"),
        Section::Only("APP_MAX_CREDITOR_ACCOUNTS"),
        Section::Only("APP_MAX_CREDITOR_TRANSFERS"),
        Section::Only("APP_MAX_CREDITOR_RECONFIGS"),
        Section::Only("APP_MAX_CREDITOR_INITIATIONS"),
        Section::Only("APP_CREDITOR_DOS_STATS_CLEAR_HOURS"),
        Section::Only("APP_TRANSFERS_FINALIZATION_APPROX_SECONDS"),
        Section::Logging,
        Section::Admin,
    ];
    match arguments::parse::<Arguments>(&sections) {
        Ok(arguments) => hosting::service(NAME, 1).run_blocking(move |context| run(arguments, context)),
        Err(status) => status,
    }
}

/// Runs the service until the context's stop.
pub async fn run(_: Arguments, context: Context) -> anyhow::Result<ExitCode> {
    let identity = Identity { name: NAME, admin_port: ports::WEB, conditions: &["database"] };
    let process = Process::start(context, identity)?;
    process.settings.auth.check(process.settings.web.bind)?;
    let (listener, address) = listen(&process.settings.web)?;
    for warning in warnings::of(&process.settings, &address) {
        tracing::warn!("{warning}");
    }
    allow_connections();
    let workers = workers(&process.settings.web);
    let database = process.open_database(MAX_CONNECTIONS).await?;
    let db = database.db.clone();
    let mut state = State::new(process.settings.clone(), db, process.clock.clone(), process.random.clone())?;
    state.feed = Feed::new(process.stop.clone());
    let state = Data::new(state);
    let (feeding, wake) = (state.clone(), process.listen(&database, persistence::Wake::LogGrew));
    tasks::spawn("log feed", async move { feeding.feed.run(&feeding.db, &wake).await });
    tracing::info!(workers, "Serving on {address} with {workers} threads.");
    server::start(listener, state, workers, process.stop.clone())?.await?;
    Ok(ExitCode::SUCCESS)
}

fn listen(web: &Web) -> anyhow::Result<(TcpListener, String)> {
    let wanted = (web.bind, web.port);
    let listener = TcpListener::bind(wanted).with_context(|| {
        format!("{}:{}, the address that WEBSERVER_PORT asks for, cannot be served", wanted.0, wanted.1)
    })?;
    let address = listener.local_addr()?.to_string();
    Ok((listener, address))
}

/// Every connection is an open file, and the number of them that processes usually begin with is far below the one that
/// they may have.
fn allow_connections() {
    if let Ok((_, most)) = getrlimit(Resource::RLIMIT_NOFILE) {
        // Otherwise it stays as it is, and some connections have to wait.
        let _ = setrlimit(Resource::RLIMIT_NOFILE, most, most);
    }
}

/// The peer implementation's number of parallel requests, but not more threads than can run at a time: ours do not wait.
fn workers(web: &Web) -> usize {
    let wanted = usize::try_from(web.processes.saturating_mul(web.threads)).unwrap_or(usize::MAX);
    wanted.min(thread::available_parallelism().map_or(1, usize::from))
}
