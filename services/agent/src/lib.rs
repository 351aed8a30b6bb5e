#![doc = include_str!("../README.md")]

mod commands;
mod entry;
mod exec;
mod output;
mod roles;
mod supervise;
pub mod topology;
mod words;

use std::process::ExitCode;

/// What containers and operators call it.
const NAME: &str = "creditors-agent";

/// Does what the words on the command line of this process say (operations §4).
pub fn run_blocking() -> ExitCode {
    entry::run(std::env::args_os().skip(1))
}
