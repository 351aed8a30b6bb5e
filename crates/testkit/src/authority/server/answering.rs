//! How much of everybody's time the authority takes.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

/// How often and for how long the agent has waited for answers.
#[derive(Debug, Default)]
pub(super) struct Answering {
    answers: AtomicU64,
    nanoseconds: AtomicU64,
}

impl Answering {
    /// Messages that came together were answered after this time.
    pub(super) fn add(&self, time: Duration) {
        let nanoseconds = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        self.nanoseconds.fetch_add(nanoseconds, Ordering::Relaxed);
        self.answers.fetch_add(1, Ordering::Relaxed);
    }

    /// How often messages were answered that came together, and the sum of the times.
    pub(super) fn total(&self) -> (u64, Duration) {
        let nanoseconds = self.nanoseconds.load(Ordering::Relaxed);
        (self.answers.load(Ordering::Relaxed), Duration::from_nanos(nanoseconds))
    }
}
