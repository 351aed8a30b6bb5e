//! `all`: everything of one shard in one container (operations §4).
//!
//! Each part is a process of its own, so that one that fails, or takes too much memory, leaves the others alone.

mod part;
mod pause;

use std::{ffi::OsString, process::ExitCode, sync::Arc};

use anyhow::Result;
use clap::Parser;
use hosting::{Identity, Process};
use observability::admin::ports;
use runtime::{Context, arguments, config::Section, tasks};
use tracing::info;

use crate::{
    exec::sibling,
    roles::{CONSUMER, FLUSHER, LEDGER_PROCESSOR, LOG_PROCESSOR, Role, SCANNER, WEB},
};
use part::Part;

const NAME: &str = "creditors-agent";

/// The parts, in the order of their start.
const PARTS: [Role; 6] = [WEB, CONSUMER, FLUSHER, LEDGER_PROCESSOR, LOG_PROCESSOR, SCANNER];

/// It is ready while all parts run; whether they can do their work is told by their own ports.
const IDENTITY: Identity = Identity {
    name: NAME,
    admin_port: ports::AGENT,
    conditions: &[
        WEB.binary,
        CONSUMER.binary,
        FLUSHER.binary,
        LEDGER_PROCESSOR.binary,
        LOG_PROCESSOR.binary,
        SCANNER.binary,
    ],
};

/// Runs everything of one shard: web server, consumer, flusher, processors, scanners. A part that ends is started again.
///
/// Run exactly one per database.
#[derive(Debug, Parser)]
#[command(name = "creditors-agent all")]
struct Arguments {}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    let words = [OsString::from("creditors-agent all")].into_iter().chain(words);
    match arguments::parse_from::<Arguments>(Section::ALL, words) {
        Ok(Arguments {}) => hosting::service(NAME, 1).run_blocking(supervise),
        Err(status) => status,
    }
}

async fn supervise(context: Context) -> Result<ExitCode> {
    let process = Process::start(context, IDENTITY)?;
    let has_own_port = process.settings.admin.port.is_some_and(|port| port != 0);
    let mut running = Vec::new();
    for role in PARTS {
        let readiness = process.readiness.clone();
        let part = Part {
            name: role.binary,
            program: sibling(role.binary),
            // Ours alone: two processes cannot listen on one port.
            without: has_own_port.then_some("APP_ADMIN_PORT"),
            report: Arc::new(move |runs| readiness.set(role.binary, runs)),
        };
        running.push(tasks::spawn(role.binary, part.keep_running(process.stop.clone())));
    }
    process.stop.stopped().await;
    process.readiness.drain();
    for part in running {
        part.await?;
    }
    info!("All parts have ended.");
    Ok(ExitCode::SUCCESS)
}
