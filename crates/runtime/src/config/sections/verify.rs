//! The verification of a shard's content.

use std::time::Duration;

use super::{MAX_WAIT, SECONDS};
use crate::config::Kind;
use crate::config::reader::Reader;
use crate::config::variable::variables;

variables! {
    Verify {
        YIELD_PER = "APP_VERIFY_SHARD_YIELD_PER", Kind::Int(1, 10_000_000), ["10000"], "rows read at once";
        SLEEP = "APP_VERIFY_SHARD_SLEEP_SECONDS", Kind::Float(0.0, MAX_WAIT), ["0.005"],
            "seconds of rest before rows are read";
    }
}

/// The verification of a shard's content (processing §15).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verify {
    /// Rows read at once, at least 1.
    pub yield_per: u32,
    /// The rest before each reading.
    pub sleep: Duration,
}

impl Verify {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        Self { yield_per: reader.int(&YIELD_PER), sleep: reader.duration(&SLEEP, SECONDS) }
    }
}
