#![doc = include_str!("../README.md")]

use std::process::ExitCode;

use hosting::{Identity, Process};
use observability::admin::ports;
use runtime::{Context, arguments, config::Section};

const NAME: &str = "creditors-scanner";

/// Collects garbage and repairs what was lost.
#[derive(Clone, Debug, Default, clap::Parser)]
#[command(name = NAME, version)]
pub struct Arguments {}

/// Runs the service to its end.
pub fn run_blocking() -> ExitCode {
    let sections = [Section::Database, Section::Scans, Section::Policy, Section::Logging, Section::Admin];
    match arguments::parse::<Arguments>(&sections) {
        Ok(arguments) => hosting::service(NAME, 1).run_blocking(move |context| run(arguments, context)),
        Err(status) => status,
    }
}

/// Runs the service until the context's stop.
pub async fn run(_arguments: Arguments, context: Context) -> anyhow::Result<ExitCode> {
    let identity = Identity { name: NAME, admin_port: ports::SCANNER, conditions: &["database"] };
    let process = Process::start(context, identity)?;
    let _database = process.open_database(1).await?;
    tracing::warn!("No table is scanned by this version: rows past their retention stay.");
    process.stop.stopped().await;
    Ok(ExitCode::FAILURE)
}
