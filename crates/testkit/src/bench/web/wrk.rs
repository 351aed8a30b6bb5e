//! The load generator `wrk`, and scripts for it.

use std::{
    fs,
    path::{Path, PathBuf},
    time::Duration,
};

use anyhow::{Context as _, Result, ensure};
use serde::Deserialize;
use tokio::process::Command;

use crate::{bench::seed::FIRST_CREDITOR, programs};

pub(in crate::bench) const CONNECTIONS: u32 = 32;

const DONE: &str = include_str!("done.lua");
const GET: &str = include_str!("get.lua");
const POST: &str = include_str!("post.lua");
const PATCH: &str = include_str!("patch.lua");

/// Calls `wrk`.
pub(in crate::bench) struct Wrk {
    program: PathBuf,
    base: String,
    directory: PathBuf,
    creditors: u32,
}

/// What is requested.
#[derive(Clone, Debug)]
pub(in crate::bench) enum Load {
    /// A path with `%s` for a creditor, of any creditor; how long each connection rests between two requests; and the
    /// token, if the server does not trust its callers, also with `%s`.
    Get { path: String, pause: Duration, token: Option<String> },
    /// New transfers. Each series may be used once.
    Post { series: u32 },
    /// Changes of the display of the accounts with these debtors, as `1, 2`. Each debtor may be used once.
    Patch { debtors: &'static str },
}

/// What has come of it.
#[derive(Clone, Copy, Debug)]
pub(in crate::bench) struct Outcome {
    pub(in crate::bench) requests: u32,
    pub(in crate::bench) time: Duration,
    pub(in crate::bench) p50: Duration,
    pub(in crate::bench) p99: Duration,
}

/// What the scripts print at the end; times in microseconds.
#[derive(Debug, Deserialize)]
struct Summary {
    requests: u32,
    time: u64,
    refused: u32,
    broken: u32,
    p50: u64,
    p99: u64,
}

impl Wrk {
    pub(in crate::bench) fn new(base: &str, directory: &Path, creditors: u32) -> Result<Self> {
        let program = programs::in_path("wrk").context("`wrk` is not installed: install the package wrk")?;
        Ok(Self { program, base: base.to_owned(), directory: directory.to_owned(), creditors })
    }

    /// Makes requests for so long (in whole seconds, at least one). It is an error if one of them is refused.
    pub(in crate::bench) async fn run(&self, load: &Load, time: Duration) -> Result<Outcome> {
        let script = self.directory.join("wrk.lua");
        fs::write(&script, self.script(load)).with_context(|| format!("{} cannot be written", script.display()))?;
        let mut command = Command::new(&self.program);
        command
            .args(["-t1", "--timeout", "10s"])
            .arg(format!("-c{CONNECTIONS}"))
            .arg(format!("-d{}s", time.as_secs().max(1)))
            .arg("-s")
            .arg(&script)
            .arg(&self.base)
            .kill_on_drop(true);
        let output = command.output().await.context("wrk cannot be started")?;
        let text = String::from_utf8_lossy(&output.stdout);
        let summary = text.lines().find_map(|line| serde_json::from_str::<Summary>(line).ok());
        let summary =
            summary.with_context(|| format!("wrk has failed: {text}{}", String::from_utf8_lossy(&output.stderr)))?;
        let Summary { requests, time, refused, broken, p50, p99 } = summary;
        ensure!(refused == 0, "{refused} of {requests} requests were refused: {load:?}");
        ensure!(broken == 0 && requests > 0, "{broken} connections broke, and {requests} requests were answered");
        let microseconds = Duration::from_micros;
        Ok(Outcome { requests, time: microseconds(time), p50: microseconds(p50), p99: microseconds(p99) })
    }

    fn script(&self, load: &Load) -> String {
        let common = format!("local first, creditors = {FIRST_CREDITOR}, {}\n", self.creditors);
        let (settings, script) = match load {
            Load::Get { path, pause, token } => {
                let token = token.as_ref().map_or("nil".to_owned(), |token| format!("'{token}'"));
                (format!("local path, pause, token = '{path}', {}, {token}\n", pause.as_millis()), GET)
            }
            Load::Post { series } => (format!("local series = {series}\n"), POST),
            Load::Patch { debtors } => (format!("local debtors = {{ {debtors} }}\n"), PATCH),
        };
        common + &settings + script + DONE
    }
}
