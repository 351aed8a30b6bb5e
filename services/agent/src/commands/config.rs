//! `config`: what the operator's variables amount to.

use std::{ffi::OsString, process::ExitCode};

use clap::Parser;
use runtime::config::Section;

use crate::output::say;

use super::start;

const NAME: &str = "creditors-agent config";

/// Prints every variable with the value in force and where it comes from, secrets masked.
#[derive(Debug, Parser)]
#[command(name = NAME)]
struct Arguments {}

pub(crate) fn run(words: Vec<OsString>) -> ExitCode {
    start(NAME, Section::ALL, words, async |Arguments {}, context| {
        for effective in context.settings.effective() {
            say(effective.to_string());
        }
        Ok(ExitCode::SUCCESS)
    })
}
