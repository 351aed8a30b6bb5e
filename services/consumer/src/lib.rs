#![doc = include_str!("../README.md")]

mod apply;
mod config;
mod dead_letters;
mod draining;
mod error;
mod health;
mod judge;
mod metrics;
mod options;
mod patience;
mod service;
mod subscription;
mod worker;

use std::{process::ExitCode, sync::Arc};

use anyhow::Result;
use hosting::{Identity, Process};
use observability::admin::ports;
use runtime::{Context, Service, arguments, config::Section};
use tracing::warn;

pub use config::Config;
pub use draining::Draining;
pub use error::Error;
pub use judge::Misdirected;
pub use options::Options;
pub use service::{Means, run};

const NAME: &str = "creditors-consumer";

const SERVICE: Service = hosting::service(NAME, 2);

const IDENTITY: Identity =
    Identity { name: NAME, admin_port: ports::CONSUMER, conditions: &["database", health::BROKER, health::WORKERS] };

const SECTIONS: [Section; 6] =
    [Section::Broker, Section::Shard, Section::Database, Section::Policy, Section::Logging, Section::Admin];

/// The whole life of the process `creditors-consumer`.
pub fn run_blocking() -> ExitCode {
    match arguments::parse::<Options>(&SECTIONS) {
        Ok(options) => SERVICE.run_blocking(move |context| serve(options, context)),
        Err(status) => status,
    }
}

/// An orderly end has the same status as a failure (operations §5).
async fn serve(options: Options, context: Context) -> Result<ExitCode> {
    let process = Process::start(context, IDENTITY)?;
    let config = Config::new(&process.settings, &options)?;
    if config.workers == 0 {
        idle(&process).await;
    } else {
        let database = process.open_database(config.workers).await?;
        let means = Means {
            db: database.db,
            clock: Arc::clone(&process.clock),
            random: Arc::clone(&process.random),
            readiness: process.readiness.clone(),
        };
        run(config, means, process.stop.clone()).await?;
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
