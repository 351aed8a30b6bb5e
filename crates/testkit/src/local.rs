//! `creditors-local`: private servers and the whole agent on this machine.

mod amount;
pub mod cast;
mod demo;
mod interrupt;
mod logs;
mod servers;
pub mod stack;
mod with_servers;
mod with_stack;

use std::{
    fs,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context as _, Result};
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
    /// Run a command with a private PostgreSQL and RabbitMQ
    ///
    /// The command finds them through CREDITORS_TEST_POSTGRES_URL, CREDITORS_TEST_BROKER_URL and
    /// CREDITORS_TEST_BROKER_API_URL. Where these variables are set already, nothing is started. Ends with the
    /// command's status, and stops all.
    WithServers(with_servers::Arguments),
    /// Run a command with the whole agent
    ///
    /// The command finds it through CREDITORS_API_URL (nginx; callers need tokens) and CREDITORS_WEB_URL (a web server
    /// without nginx in front of it, which trusts its callers). Tokens come from CREDITORS_TOKEN_URL: the client
    /// creditors-superuser has the secret CREDITORS_SUPERUSER_SECRET; creditors log in at CREDITORS_AUTHORIZATION_URL,
    /// with CREDITORS_PASSWORD. Ends with the command's status, and stops all.
    WithStack(with_stack::Arguments),
    /// Start servers, the agent's services, nginx and the simulated authority, and leave them running
    Up(stack::command::Up),
    /// Stop what `up` has started
    Down(stack::command::Down),
    /// Show what is running and where
    Status,
    /// Show a payment's whole way, on servers of its own
    ///
    /// Ends with 0 only if all payments were committed and everything that must be true is true.
    Demo(demo::Arguments),
    /// Show the logs of what `up` has started
    Logs(logs::Arguments),
}

/// The program. Not generic, so that the binary links quickly.
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

/// Writes a file that only we can read: it holds passwords.
fn write_private(path: &Path, bytes: &[u8]) -> Result<()> {
    let describe = || format!("{} cannot be written", path.display());
    fs::write(path, []).with_context(describe)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).with_context(describe)?;
    fs::write(path, bytes).with_context(describe)
}

async fn run(arguments: Arguments) -> Result<ExitCode> {
    let run_dir = &arguments.run_dir;
    match arguments.command {
        Command::WithServers(options) => with_servers::run(run_dir, options).await,
        Command::WithStack(options) => with_stack::run(run_dir, options).await,
        Command::Up(options) => stack::command::up(run_dir, options).await,
        Command::Down(options) => Ok(stack::command::down(run_dir, &options)),
        Command::Status => Ok(stack::command::status(run_dir)),
        Command::Demo(options) => demo::run(run_dir, options).await,
        Command::Logs(options) => logs::show(run_dir, &options),
    }
}
