//! The additions to the creditors' logs.

use std::time::Duration;

use super::{MAX_WAIT, SECONDS};
use crate::config::Kind;
use crate::config::reader::Reader;
use crate::config::variable::variables;

variables! {
    LogProcessor {
        THREADS = "PROCESS_LOG_ADDITIONS_THREADS", Kind::Int(1, 10_000), ["1"], "parallel workers";
        WAIT = "APP_PROCESS_LOG_ADDITIONS_WAIT", Kind::Float(0.0, MAX_WAIT), ["5"],
            "seconds from the start of one pass to the start of the next, if nothing happens in between";
        MAX_COUNT = "APP_PROCESS_LOG_ADDITIONS_MAX_COUNT", Kind::Int(1, 100_000_000), ["50000"],
            "creditors that are looked at together";
    }
}

/// The additions to the creditors' logs (processing §16).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProcessor {
    /// Parallel workers, at least 1.
    pub threads: u32,
    /// From the start of one pass to the start of the next.
    pub wait: Duration,
    /// Creditors that are looked at together, at least 1.
    pub max_count: u32,
}

impl LogProcessor {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        Self { threads: reader.int(&THREADS), wait: reader.duration(&WAIT, SECONDS), max_count: reader.int(&MAX_COUNT) }
    }
}
