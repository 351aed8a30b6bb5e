#![doc = include_str!("../README.md")]

mod batch;
mod bell;
mod broker;
mod config;
mod depth;
mod dispatcher;
mod duty;
mod error;
mod lane;
mod message;
mod metrics;
mod options;
mod pace;
mod postponed;
mod service;
mod upkeep;

use std::process::ExitCode;

use runtime::{Service, arguments, config::Section};

pub use options::Options;
pub use service::run;

/// The name of the binary, of its connections and of its log lines.
const NAME: &str = "creditors-flusher";

const SERVICE: Service = hosting::service(NAME, 2);

const SECTIONS: &[Section] = &[
    Section::Flusher,
    Section::Only("PROTOCOL_BROKER_URL"),
    Section::Shard,
    Section::Database,
    Section::Logging,
    Section::Admin,
];

/// The whole life of the process `creditors-flusher`.
pub fn run_blocking() -> ExitCode {
    match arguments::parse::<Options>(SECTIONS) {
        Ok(options) => SERVICE.run_blocking(move |context| run(options, context)),
        Err(status) => status,
    }
}
