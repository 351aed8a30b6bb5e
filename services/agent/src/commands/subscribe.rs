//! `subscribe`: exchanges, queues and bindings.

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use domain::sharding::Realm;
use runtime::Context;
use tracing::warn;

use crate::output::say;

use super::{
    broker::{BINDING_SECTIONS, BindingOptions, Subscription},
    start, unless_stopped,
};

const NAME: &str = "creditors-agent subscribe";

/// Creates exchanges, queues and bindings on the broker. Doing it again changes nothing.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {
    #[command(flatten)]
    binding: BindingOptions,
}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    start(NAME, BINDING_SECTIONS, words, async |Arguments { binding }, Context { settings, stop, .. }| {
        let subscription = Subscription::new(binding, &settings.broker)?;
        if Realm::parse(&subscription.routing_key).is_err() {
            warn!(
                "The key {} is not that of a shard: some creditors' messages may not arrive.",
                subscription.routing_key
            );
        }
        unless_stopped(&stop, subscription.set_up()).await?;
        say(subscription.sentence());
        Ok(ExitCode::SUCCESS)
    })
}
