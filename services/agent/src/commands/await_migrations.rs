//! `await_migrations`: what init containers wait with.

use std::{ffi::OsString, process::ExitCode, time::Duration};

use anyhow::bail;
use clap::Parser;
use persistence::{Target, db::connect_once, migrations};
use runtime::config::Section;
use tokio::time::sleep;
use tracing::warn;

use crate::output::say;

use super::{database, start, unless_stopped};

const NAME: &str = "creditors-agent await_migrations";

/// Between looks at the database.
const PERIOD: Duration = Duration::from_secs(10);

/// Waits until the database schema is at the newest revision, for ever if need be.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    start(NAME, &[Section::Database, Section::Logging], words, async |Arguments {}, context| {
        let target = database(&context.settings)?;
        say(format!("Waiting until the database schema is at revision {}...", migrations::HEAD));
        unless_stopped(&context.stop, wait(&target)).await?;
        say(format!("{} (head)", migrations::HEAD));
        Ok(ExitCode::SUCCESS)
    })
}

/// Whatever is wrong with the database may be put right while we wait. Each reason is told once.
async fn wait(target: &Target) -> anyhow::Result<()> {
    let mut told = String::new();
    while let Err(reason) = look(target).await {
        let reason = format!("{reason:#}");
        if reason != told {
            warn!("Not yet: {reason}.");
            told = reason;
        }
        sleep(PERIOD).await;
    }
    Ok(())
}

async fn look(target: &Target) -> anyhow::Result<()> {
    let mut connection = connect_once(target).await?;
    match migrations::revision(&mut connection).await? {
        Some(revision) if revision == migrations::HEAD => Ok(()),
        Some(revision) => bail!("the database schema is at revision {revision}"),
        None => bail!("the database schema has no revision"),
    }
}
