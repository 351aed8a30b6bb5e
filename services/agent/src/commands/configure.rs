//! `configure`: the database schema, and the broker if asked to.

use std::{ffi::OsString, process::ExitCode};

use anyhow::Error;
use clap::Parser;
use persistence::{
    Target,
    db::connect_once,
    migrations::{self, ConfigureError, Configured, HEAD},
};
use runtime::{Context, config::Section};

use crate::output::say;

use super::{
    broker::{BindingOptions, Subscription},
    database,
    patience::{Failure, PAUSES, tries},
    start, unless_stopped,
};

const NAME: &str = "creditors-agent configure";

/// Creates or verifies the database schema. With SETUP_RABBITMQ_BINDINGS=yes, also does what `subscribe` does.
///
/// Each of the two is tried five times, with growing pauses: the servers may still be starting. Doing it again changes
/// nothing.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    let sections = [
        Section::Database,
        Section::Only("SETUP_RABBITMQ_BINDINGS"),
        Section::Only("PROTOCOL_BROKER_URL"),
        Section::Only("PROTOCOL_BROKER_QUEUE"),
        Section::Only("PROTOCOL_BROKER_QUEUE_ROUTING_KEY"),
        Section::Logging,
    ];
    start(NAME, &sections, words, |Arguments {}, context| async move {
        let stop = context.stop.clone();
        unless_stopped(&stop, Box::pin(configure(context))).await
    })
}

async fn configure(Context { settings, .. }: Context) -> anyhow::Result<ExitCode> {
    // Everything that can be wrong with the configuration is told before anything is changed.
    let target = database(&settings)?.named("creditors-agent");
    let broker = &settings.broker;
    let subscription =
        broker.setup_bindings.then(|| Subscription::new(BindingOptions::default(), broker)).transpose()?;
    let sentence = match tries(&PAUSES, async || set_up_database(&target).await).await? {
        Configured::Created => format!("The database schema has been created, at revision {HEAD}."),
        Configured::Upgraded => format!("The database schema has been upgraded to revision {HEAD}."),
        Configured::AlreadyAtHead => format!("The database schema is at revision {HEAD} already, nothing was changed."),
    };
    say(sentence);
    if let Some(subscription) = subscription {
        tries(&PAUSES, async || subscription.set_up().await.map_err(Failure::Passing)).await?;
        say(subscription.sentence());
    }
    Ok(ExitCode::SUCCESS)
}

async fn set_up_database(target: &Target) -> Result<Configured, Failure> {
    let mut connection = connect_once(target).await.map_err(|away| Failure::Passing(Error::new(away)))?;
    migrations::configure(&mut connection).await.map_err(|error| match error {
        ConfigureError::Database(_) => Failure::Passing(error.into()),
        ConfigureError::Older(_) | ConfigureError::Unknown(_) | ConfigureError::Damaged(_) => {
            Failure::Final(error.into())
        }
    })
}
