//! `creditors-local`: private servers and the whole agent on this machine.

mod interrupt;
mod with_servers;

use std::{path::PathBuf, process::ExitCode};

use anyhow::Result;
use clap::{Parser, Subcommand};

/// Private servers and the whole agent on this machine.
#[derive(Parser)]
#[command(name = "creditors-local", version)]
struct Arguments {
    /// Where servers keep their data and processes their logs
    #[arg(long, global = true, default_value = ".run")]
    run_dir: PathBuf,
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Run a command with a private PostgreSQL and RabbitMQ; it finds them through CREDITORS_TEST_POSTGRES_URL,
    /// CREDITORS_TEST_BROKER_URL and CREDITORS_TEST_BROKER_API_URL. Servers that these variables name already are used
    WithServers(with_servers::Arguments),
}

/// The program. Non-generic, so that the binary links quickly.
pub fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let run = || -> Result<ExitCode> {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        runtime.block_on(run(arguments))
    };
    run().unwrap_or_else(|error| {
        eprintln!("creditors-local: {error:#}");
        ExitCode::FAILURE
    })
}

async fn run(arguments: Arguments) -> Result<ExitCode> {
    match arguments.command {
        Command::WithServers(options) => with_servers::run(&arguments.run_dir, options).await,
    }
}
