//! `creditors-local logs`.

use std::{
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

use anyhow::{Context as _, Result, anyhow, bail};

use super::stack;

#[derive(clap::Args)]
pub(super) struct Arguments {
    /// Go on showing what is added
    #[arg(short, long)]
    follow: bool,
    /// How many of the last lines to begin with
    #[arg(short = 'n', long, default_value_t = 50)]
    lines: u32,
    /// Only this one: web, consumer, …, nginx, postgres, rabbitmq
    service: Option<String>,
}

/// Becomes `tail`.
pub(super) fn show(run_dir: &Path, arguments: &Arguments) -> Result<ExitCode> {
    let directory = stack::directory(run_dir);
    let mut logs = logs(&directory)?;
    if let Some(service) = &arguments.service {
        let names: Vec<_> = logs.iter().map(|log| short_name(log)).collect();
        logs.retain(|log| short_name(log) == service.trim_start_matches("creditors-"));
        if logs.is_empty() {
            bail!("there is no log of {service}; there are: {}", names.join(", "));
        }
    }
    let mut tail = Command::new("tail");
    tail.arg("-n").arg(arguments.lines.to_string());
    if arguments.follow {
        tail.arg("-F");
    }
    Err(anyhow!(tail.args(logs).exec()).context("tail cannot be started"))
}

fn logs(directory: &Path) -> Result<Vec<PathBuf>> {
    let nothing = || format!("there are no logs in {}; start with `just up`", directory.display());
    let entries = directory.read_dir().with_context(nothing)?;
    let mut logs: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    logs.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    if logs.is_empty() {
        bail!(nothing());
    }
    logs.sort();
    Ok(logs)
}

fn short_name(log: &Path) -> String {
    let name = log.file_stem().unwrap_or_default().to_string_lossy();
    name.trim_start_matches("creditors-").to_owned()
}
