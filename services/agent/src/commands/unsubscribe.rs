//! `unsubscribe`: removes the bindings.

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use runtime::Context;

use crate::output::say;

use super::{
    broker::{BINDING_SECTIONS, BindingOptions, Subscription},
    start, unless_stopped,
};

const NAME: &str = "creditors-agent unsubscribe";

/// Removes the bindings of a queue, so that no more messages arrive there. What does not exist is no error.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {
    #[command(flatten)]
    binding: BindingOptions,
}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    start(NAME, BINDING_SECTIONS, words, async |Arguments { binding }, Context { settings, stop, .. }| {
        let subscription = Subscription::new(binding, &settings.broker)?;
        unless_stopped(&stop, subscription.unbind()).await?;
        let (queue, key) = (&subscription.queue.name, &subscription.routing_key);
        say(format!("The queue {queue} is not bound any more, neither with the key {key} nor to the loopback."));
        Ok(ExitCode::SUCCESS)
    })
}
