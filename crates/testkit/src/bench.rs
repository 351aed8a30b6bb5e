//! `creditors-bench`: how fast the agent's services are, and what they need for it.
//!
//! # Design notes
//!
//! - **Whole processes.** The services run as they are deployed, on servers that store as safely as production's; a part
//!   has a database and a virtual host of its own.
//! - **A wrong result has no speed.** Every part looks into the database afterwards, and fails if anything is lost or
//!   doubled.
//! - **Bars are for people.** A figure below its bar is marked, and is no failure: machines differ.

mod auth;
mod bed;
mod consume;
mod cpu;
mod figures;
mod flush;
mod idle;
mod latencies;
mod ledger;
mod limits;
mod log;
mod payments;
mod peer;
mod scan;
mod seed;
mod stored_functions;
mod surroundings;
mod verify;
mod web;

use std::{
    fs,
    io::Write as _,
    path::PathBuf,
    process::ExitCode,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, anyhow};
use clap::{Parser, ValueEnum};
use runtime::Stop;

use self::figures::Table;
use crate::environment::{self, BROKER_API_URL, BROKER_URL, POSTGRES_URL};

/// What a part must not take longer than.
const LIMIT: Duration = Duration::from_mins(10);

/// Measures the agent's services with a private database and broker: run it through `just bench`.
#[derive(Debug, Parser)]
#[command(name = "creditors-bench", version)]
struct Arguments {
    /// What to measure; everything if nothing is named
    #[arg(value_enum)]
    parts: Vec<Part>,
    /// A tenth of the work: shows whether the measurements work, not how fast the services are
    #[arg(long)]
    quick: bool,
    /// How many messages `consume` has, instead of 20000
    #[arg(long, value_name = "COUNT", value_parser = clap::value_parser!(u32).range(1_000..=10_000_000))]
    messages: Option<u32>,
    /// Where the services' logs go
    #[arg(long, default_value = ".run/bench", value_name = "DIRECTORY")]
    logs: PathBuf,
}

/// Something to measure.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Part {
    /// What the machine and its servers can do at best
    Limits,
    /// Requests to the web API (needs `wrk`, package wrk)
    Web,
    /// Callers with tokens against trusted ones (needs `wrk`, too)
    Auth,
    /// Incoming messages
    Consume,
    /// Outgoing messages
    Flush,
    /// Pending log entries to logs
    Log,
    /// Committed transfers to ledgers
    Ledger,
    /// Payments through all services and a simulated accounting authority
    #[value(alias = "payment")]
    Payments,
    /// A scan of millions of log entries
    Scan,
    /// Memory and processor time of services that have nothing to do
    Idle,
}

/// How to measure.
#[derive(Clone, Debug)]
struct Setting {
    quick: bool,
    messages: Option<u32>,
    logs: PathBuf,
}

impl Setting {
    /// How much work, when `full` is the real thing.
    fn size(&self, full: u32) -> u32 {
        if self.quick { full / 10 } else { full }
    }

    /// How long, when `full` is the real thing.
    fn time(&self, full: Duration) -> Duration {
        if self.quick { full / 10 } else { full }
    }
}

/// The program. Not generic, so that the binary links quickly.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let run = || -> Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(async {
            let stop = Stop::on_signals().context("signals cannot be received")?;
            tokio::select! {
                outcome = run(arguments) => outcome,
                () = stop.stopped() => Err(anyhow!("interrupted")),
            }
        })
    };
    run().unwrap_or_else(|error| {
        eprintln!("creditors-bench: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(arguments: Arguments) -> Result<ExitCode> {
    for variable in [POSTGRES_URL, BROKER_URL, BROKER_API_URL] {
        environment::get(variable).with_context(|| format!("{variable} is not set: run this through `just bench`"))?;
    }
    let describe = || format!("{} cannot be created", arguments.logs.display());
    fs::create_dir_all(&arguments.logs).with_context(describe)?;
    let logs = arguments.logs.canonicalize().with_context(describe)?;
    let setting = Setting { quick: arguments.quick, messages: arguments.messages, logs };
    print(&surroundings::describe(&setting).await?);
    let parts = if arguments.parts.is_empty() { Part::value_variants() } else { &arguments.parts };
    let mut failed = vec![];
    for part in parts {
        let began = Instant::now();
        eprintln!("measuring: {}", part.name());
        match part.measure(&setting).await {
            Ok(table) => print(&table.render()),
            Err(error) => {
                eprintln!("creditors-bench: {}: {error:#}", part.name());
                failed.push(part.name());
            }
        }
        eprintln!("{} took {:.0} s", part.name(), began.elapsed().as_secs_f64());
    }
    if failed.is_empty() {
        return Ok(ExitCode::SUCCESS);
    }
    eprintln!("creditors-bench: no figures of: {}", failed.join(", "));
    Ok(ExitCode::FAILURE)
}

impl Part {
    fn name(self) -> String {
        self.to_possible_value().map(|value| value.get_name().to_owned()).unwrap_or_default()
    }

    async fn measure(self, setting: &Setting) -> Result<Table> {
        let measure = async {
            match self {
                Self::Limits => limits::measure(setting).await,
                Self::Web => web::measure(setting).await,
                Self::Auth => auth::measure(setting).await,
                Self::Consume => consume::measure(setting).await,
                Self::Flush => flush::measure(setting).await,
                Self::Log => log::measure(setting).await,
                Self::Ledger => ledger::measure(setting).await,
                Self::Payments => payments::measure(setting).await,
                Self::Scan => scan::measure(setting).await,
                Self::Idle => idle::measure(setting).await,
            }
        };
        // A backlog of a million messages is allowed a quarter of an hour more.
        let limit = LIMIT + Duration::from_millis(setting.messages.unwrap_or_default().into());
        tokio::time::timeout(limit, measure).await.context("it does not end")?
    }
}

/// Prints, also to a reader that has seen enough and is gone.
fn print(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
