//! The commands that this binary runs itself: one file each, from its options to its exit status.

pub(crate) mod await_migrations;
mod broker;
pub(crate) mod config;
pub(crate) mod configure;
pub(crate) mod dead_letters;
pub(crate) mod delete_queue;
pub(crate) mod health;
mod id;
pub(crate) mod inspect;
mod patience;
pub(crate) mod subscribe;
pub(crate) mod unsubscribe;
pub(crate) mod verify;
pub(crate) mod verify_shard_content;

use std::{ffi::OsString, process::ExitCode};

use anyhow::{anyhow, bail};
use clap::{CommandFactory, FromArgMatches};
use persistence::Target;
use runtime::{
    Context, Stop, arguments,
    config::{Section, Settings},
};
use tracing::warn;

/// Reads the options, checks the whole configuration, and runs `body`. `name` is the command as it is called.
fn start<A, F, Fut>(name: &'static str, sections: &[Section], words: Vec<OsString>, body: F) -> ExitCode
where
    A: CommandFactory + FromArgMatches + 'static,
    F: FnOnce(A, Context) -> Fut + 'static,
    Fut: Future<Output = anyhow::Result<ExitCode>> + 'static,
{
    let words = [OsString::from(name)].into_iter().chain(words);
    match arguments::parse_from::<A>(sections, words) {
        Ok(arguments) => hosting::service(name, 1).run_blocking(move |context| body(arguments, context)),
        Err(status) => status,
    }
}

/// Work that is given up when the process is asked to end; that is a failure, as the work is not done.
async fn unless_stopped<T>(stop: &Stop, work: impl Future<Output = anyhow::Result<T>>) -> anyhow::Result<T> {
    tokio::select! {
        biased;
        () = stop.stopped() => bail!("asked to end before the work was done"),
        outcome = work => outcome,
    }
}

/// The database that a command cannot do without.
fn database(settings: &Settings) -> anyhow::Result<Target> {
    let url = settings.database.require_url()?;
    let target = Target::parse(url.expose()).map_err(|invalid| anyhow!("POSTGRES_URL {invalid}"))?;
    for unknown in target.unknown_parameters() {
        warn!("POSTGRES_URL has the parameter {unknown}, which nobody knows; it has no effect.");
    }
    Ok(target)
}
