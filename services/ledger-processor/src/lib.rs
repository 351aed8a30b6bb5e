#![doc = include_str!("../README.md")]

use std::{process::ExitCode, time::Duration};

use chrono::TimeDelta;
use hosting::{Identity, Job, Process};
use observability::admin::ports;
use persistence::{Db, Wake};
use procedures::ledger_updates::{self, Limits, Report};
use runtime::{Clock, Context, arguments, config::Section, worker::Pass};

const NAME: &str = "creditors-ledger-processor";

/// Most transfers, and about as many ledger entries, in one transaction.
const TRANSFERS_PER_TRANSACTION: usize = 50_000;

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
    let sections = [Section::Database, Section::LedgerProcessor, Section::Policy, Section::Logging, Section::Admin];
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
    let max_transfer_delay = process.settings.policy.max_transfer_delay;
    let pool_size = usize::try_from(job.copies)?.max(1) + 1;
    let database = process.open_database(pool_size).await?;
    process
        .work(&database, job, || {
            let (db, clock) = (database.db.clone(), process.clock.clone());
            move || pass(db.clone(), clock.clone(), limits, max_transfer_delay)
        })
        .await
}

fn limits(burst: u32, max_count: u32) -> Limits {
    let burst = usize::try_from(burst).unwrap_or(usize::MAX).clamp(1, TRANSFERS_PER_TRANSACTION);
    let most = usize::try_from(max_count).unwrap_or(usize::MAX).clamp(1, ACCOUNTS_PER_TRANSACTION);
    Limits { accounts: (TRANSFERS_PER_TRANSACTION / burst).clamp(1, most), burst }
}

/// Brings a number of ledgers forward in one transaction.
async fn pass(
    db: Db,
    clock: std::sync::Arc<dyn Clock>,
    limits: Limits,
    max_transfer_delay: TimeDelta,
) -> persistence::Result<Pass> {
    let started = std::time::Instant::now();
    let outcome: persistence::Result<Report> = db
        .retrying("ledger_updates", || async {
            let now = clock.now();
            let mut tx = db.begin("ledger_updates").await?;
            let report =
                ledger_updates::run(&mut tx, limits, domain::time::before(now, max_transfer_delay), now).await?;
            tx.commit().await?;
            Ok(report)
        })
        .await;
    let report = outcome?;
    if report.accounts == 0 {
        return Ok(Pass::Drained);
    }
    metrics::counter!("creditors_ledger_entries_total").increment(report.entries as u64);
    tracing::debug!(
        accounts = report.accounts,
        finished = report.finished,
        entries = report.entries,
        duration_seconds = started.elapsed().as_secs_f64(),
        "Brought {} ledgers forward.",
        report.accounts
    );
    let more = report.accounts == limits.accounts || report.finished < report.accounts;
    Ok(if more { Pass::Full } else { Pass::Drained })
}
