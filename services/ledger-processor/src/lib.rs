#![doc = include_str!("../README.md")]

mod lag;
mod metrics;
mod pass;

use std::{process::ExitCode, sync::Arc, time::Duration};

use hosting::{Identity, Job, Process, Round};
use observability::admin::ports;
use persistence::Wake;
use procedures::ledger_updates::Limits;
use runtime::{Context, arguments, config::Section};

use lag::Gauge;
use pass::Updates;

const NAME: &str = "creditors-ledger-processor";

/// Most accounts in one transaction.
const ACCOUNTS_PER_TRANSACTION: usize = 500;

/// Turns committed transfers into ledger entries.
#[derive(Clone, Copy, Debug, Default, clap::Parser)]
#[command(name = NAME, version)]
pub struct Arguments {
    /// How many loops run side by side; default: PROCESS_LEDGER_UPDATES_THREADS.
    #[arg(short, long)]
    pub threads: Option<u32>,
    /// Seconds between passes when nobody wakes them; default: APP_PROCESS_LEDGER_UPDATES_WAIT.
    #[arg(short, long, value_parser = runtime::arguments::seconds)]
    pub wait: Option<Duration>,
    /// End when nothing is left to do.
    #[arg(long)]
    pub quit_early: bool,
}

/// Runs the service to its end.
pub fn run_blocking() -> ExitCode {
    let sections = [
        Section::Database,
        Section::LedgerProcessor,
        Section::Only("APP_MAX_TRANSFER_DELAY_DAYS"),
        Section::Logging,
        Section::Admin,
    ];
    match arguments::parse::<Arguments>(&sections) {
        Ok(arguments) => hosting::service(NAME, 2).run_blocking(move |context| run(arguments, context)),
        Err(status) => status,
    }
}

/// Runs the service until the context's stop.
pub async fn run(arguments: Arguments, context: Context) -> anyhow::Result<ExitCode> {
    let identity = Identity { name: NAME, admin_port: ports::LEDGER_PROCESSOR, conditions: &["database"] };
    let process = Process::start(context, identity)?;
    let settings = &process.settings.ledger_processor;
    let job = Job {
        name: "ledger updates",
        copies: arguments.threads.unwrap_or(settings.threads),
        period: arguments.wait.unwrap_or(settings.wait),
        quit_early: arguments.quit_early,
        stage: Wake::Ledger,
    };
    let limits = limits(settings.burst, settings.max_count);
    let pool_size = usize::try_from(job.copies)?.max(1) + 1;
    let database = process.open_database(pool_size).await?;
    metrics::describe();
    if !job.quit_early {
        let gauge = Gauge::new(database.db.clone());
        process.measure("ledger lag", lag::PERIOD, move || gauge.clone().measure());
    }
    process
        .work(&database, job, || {
            let updates = Arc::new(Updates {
                db: database.db.clone(),
                clock: process.clock.clone(),
                limits,
                max_transfer_delay: process.settings.policy.max_transfer_delay,
                round: Round::default(),
            });
            move || updates.clone().pass()
        })
        .await
}

fn limits(burst: u32, max_count: u32) -> Limits {
    let burst = usize::try_from(burst).unwrap_or(usize::MAX).max(1);
    let accounts = usize::try_from(max_count).unwrap_or(usize::MAX).clamp(1, ACCOUNTS_PER_TRANSACTION);
    Limits { accounts, burst }
}
