#![doc = include_str!("../README.md")]

mod metrics;
mod pass;

use std::{process::ExitCode, sync::Arc, time::Duration};

use hosting::{Identity, Job, Process};
use observability::admin::ports;
use persistence::Wake;
use runtime::{Context, arguments, config::Section};

use pass::Additions;

const NAME: &str = "creditors-log-processor";

/// Most pending entries in one transaction.
const ROWS_PER_TRANSACTION: usize = 10_000;

/// Turns pending log entries into the creditors' logs.
#[derive(Clone, Copy, Debug, Default, clap::Parser)]
#[command(name = NAME, version)]
pub struct Arguments {
    /// How many loops run side by side; default: PROCESS_LOG_ADDITIONS_THREADS.
    #[arg(short, long)]
    pub threads: Option<u32>,
    /// Seconds between passes when nobody wakes them; default: APP_PROCESS_LOG_ADDITIONS_WAIT.
    #[arg(short, long, value_parser = runtime::arguments::seconds)]
    pub wait: Option<Duration>,
    /// End when nothing is left to do.
    #[arg(long)]
    pub quit_early: bool,
}

/// Runs the service to its end.
pub fn run_blocking() -> ExitCode {
    let sections = [Section::Database, Section::LogProcessor, Section::Logging, Section::Admin];
    match arguments::parse::<Arguments>(&sections) {
        Ok(arguments) => hosting::service(NAME, 2).run_blocking(move |context| run(arguments, context)),
        Err(status) => status,
    }
}

/// Runs the service until the context's stop.
pub async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitCode> {
    let identity = Identity { name: NAME, admin_port: ports::LOG_PROCESSOR, conditions: &["database"] };
    let process = Process::start(context, identity)?;
    let settings = &process.settings.log_processor;
    let job = Job {
        name: "log additions",
        copies: arguments.threads.unwrap_or(settings.threads),
        period: arguments.wait.unwrap_or(settings.wait),
        quit_early: arguments.quit_early,
        stage: Wake::Log,
    };
    let rows = usize::try_from(settings.max_count)?.clamp(1, ROWS_PER_TRANSACTION);
    let pool_size = usize::try_from(job.copies)?.max(1) + 1;
    let database = process.open_database(pool_size).await?;
    metrics::describe();
    if !job.quit_early {
        let (db, clock) = (database.db.clone(), process.clock.clone());
        process.measure("log lag", metrics::PERIOD, move || metrics::measure(db.clone(), clock.clone()));
    }
    process
        .work(&database, job, || {
            let additions = Arc::new(Additions::new(database.db.clone(), rows));
            move || additions.clone().pass()
        })
        .await
}
