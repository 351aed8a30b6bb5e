//! `creditors-local with-servers -- COMMAND`.

use std::{
    ffi::{OsStr, OsString},
    os::unix::process::ExitStatusExt as _,
    path::Path,
    process::{ExitCode, ExitStatus},
    time::Duration,
};

use anyhow::{Context as _, Result, anyhow};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};
use tokio::{process::Child, time::timeout};

use super::{
    interrupt::Interrupt,
    servers::{Servers, Throwaway},
};
use crate::servers::Manner;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Store data as safely as in production, for measurements
    #[arg(long)]
    durable: bool,
    /// The command and its arguments
    #[arg(required = true, trailing_var_arg = true, allow_hyphen_values = true)]
    command: Vec<OsString>,
}

pub(super) async fn run(run_dir: &Path, arguments: Arguments) -> Result<ExitCode> {
    let mut interrupt = Interrupt::listen()?;
    let directory = Throwaway::create(run_dir)?;
    let manner = if arguments.durable { Manner::DURABLE } else { Manner::TESTS };
    let servers = tokio::select! {
        servers = Servers::start(directory.path(), manner) => servers?,
        signal = interrupt.next() => return Ok(exit_code(128 + signal)),
    };
    carry_out(&arguments.command, servers.urls.variables(), &mut interrupt).await
}

/// Runs a command with more variables, until it ends or we are interrupted. Returns its status.
pub(super) async fn carry_out<N: AsRef<OsStr>, V: AsRef<OsStr>>(
    command: &[OsString],
    variables: impl IntoIterator<Item = (N, V)>,
    interrupt: &mut Interrupt,
) -> Result<ExitCode> {
    let [program, rest @ ..] = command else { return Err(anyhow!("no command was given")) };
    let mut command = tokio::process::Command::new(program);
    command.args(rest).envs(variables);
    let mut child = command.spawn().with_context(|| format!("{} cannot be started", program.display()))?;
    let status = tokio::select! {
        status = child.wait() => status?,
        signal = interrupt.next() => end(&mut child, signal).await?,
    };
    Ok(exit_code(shell_status(status)))
}

/// Lets the command end, which a terminal has told too (only Ctrl-C goes to both of us); then insists.
async fn end(child: &mut Child, signal: i32) -> std::io::Result<ExitStatus> {
    let pid = child.id().and_then(|id| i32::try_from(id).ok()).map(Pid::from_raw);
    if let Some(pid) = pid
        && signal != Signal::SIGINT as i32
    {
        let _ = kill(pid, Signal::SIGTERM);
    }
    if let Ok(status) = timeout(Duration::from_secs(8), child.wait()).await {
        return status;
    }
    if let Some(pid) = pid {
        let _ = kill(pid, Signal::SIGTERM);
    }
    if let Ok(status) = timeout(Duration::from_secs(4), child.wait()).await {
        return status;
    }
    child.kill().await?;
    child.wait().await
}

/// As a shell reports it: 128 + number of the signal that killed it.
fn shell_status(status: ExitStatus) -> i32 {
    status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0))
}

pub(super) fn exit_code(status: i32) -> ExitCode {
    ExitCode::from(u8::try_from(status).unwrap_or(1))
}
