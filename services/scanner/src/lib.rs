#![doc = include_str!("../README.md")]

mod action;
mod arguments;
mod course;
mod pass;
mod patience;
mod plan;
mod reader;
mod rhythm;
mod scan;
mod service;

use std::process::ExitCode;

use runtime::{arguments as command_line, config::Section};

pub use arguments::{Arguments, Days, Hours, Table};
pub use service::run;

const NAME: &str = "creditors-scanner";

const SECTIONS: &[Section] = &[
    Section::Scans,
    Section::Only("APP_LOG_RETENTION_DAYS"),
    Section::Only("APP_LEDGER_RETENTION_DAYS"),
    Section::Only("APP_INACTIVE_CREDITOR_RETENTION_DAYS"),
    Section::Only("APP_DEACTIVATED_CREDITOR_RETENTION_DAYS"),
    Section::Only("APP_MAX_HEARTBEAT_DELAY_DAYS"),
    Section::Only("APP_MAX_TRANSFER_DELAY_DAYS"),
    Section::Only("APP_MAX_CONFIG_DELAY_HOURS"),
    Section::Shard,
    Section::Database,
    Section::Logging,
    Section::Admin,
];

/// Runs the service to its end.
pub fn run_blocking() -> ExitCode {
    match command_line::parse::<Arguments>(SECTIONS) {
        Ok(arguments) => hosting::service(NAME, 1).run_blocking(move |context| run(arguments, context)),
        Err(status) => status,
    }
}
