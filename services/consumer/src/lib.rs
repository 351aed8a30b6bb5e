#![doc = include_str!("../README.md")]

mod apply;
mod arguments;
mod config;
mod dead_letters;
mod draining;
mod error;
mod health;
mod judge;
mod metrics;
mod outage;
mod patience;
mod queue_check;
mod service;
mod subscription;
mod worker;

use std::{process::ExitCode, sync::Arc};

use anyhow::Result;
use hosting::{Identity, Process};
use observability::admin::ports;
use runtime::{Context, config::Section};
use tracing::warn;

pub use arguments::Arguments;
pub use config::Config;
pub use draining::Draining;
pub use error::Error;
pub use judge::Misdirected;
pub use service::{Means, consume};

const NAME: &str = "creditors-consumer";

const IDENTITY: Identity =
    Identity { name: NAME, admin_port: ports::CONSUMER, conditions: &["database", health::BROKER, health::WORKERS] };

const SECTIONS: &[Section] = &[
    Section::Only("PROTOCOL_BROKER_URL"),
    Section::Only("PROTOCOL_BROKER_QUEUE"),
    Section::Only("PROTOCOL_BROKER_PROCESSES"),
    Section::Only("PROTOCOL_BROKER_THREADS"),
    Section::Only("PROTOCOL_BROKER_PREFETCH_COUNT"),
    Section::Only("PROTOCOL_BROKER_PREFETCH_SIZE"),
    Section::Only("MIN_CREDITOR_ID"),
    Section::Only("MAX_CREDITOR_ID"),
    Section::Only("PROTOCOL_BROKER_QUEUE_ROUTING_KEY"),
    Section::Only("APP_LOG_RETENTION_DAYS"),
    Section::Database,
    Section::Logging,
    Section::Admin,
];

/// Runs the service to its end.
pub fn run_blocking() -> ExitCode {
    match runtime::arguments::parse::<Arguments>(SECTIONS) {
        Ok(arguments) => hosting::service(NAME, 2).run_blocking(move |context| run(arguments, context)),
        Err(status) => status,
    }
}

/// Runs the service until the context's stop. An orderly end has the same status as a failure (operations §5).
pub async fn run(arguments: Arguments, context: Context) -> Result<ExitCode> {
    let process = Process::start(context, IDENTITY)?;
    let config = Config::new(&process.settings, &arguments)?;
    if config.workers == 0 {
        idle(&process).await;
    } else {
        // One connection more, for the watch over the database.
        let database = process.open_database(config.workers.saturating_add(1)).await?;
        let means = Means {
            db: database.db,
            clock: Arc::clone(&process.clock),
            random: Arc::clone(&process.random),
            readiness: process.readiness.clone(),
        };
        consume(config, means, process.stop.clone()).await?;
    }
    Ok(ExitCode::FAILURE)
}

async fn idle(process: &Process) {
    warn!("There are to be no consumers: consuming nothing.");
    for condition in IDENTITY.conditions {
        process.readiness.set(condition, true);
    }
    process.stop.stopped().await;
}
