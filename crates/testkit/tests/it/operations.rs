//! Whole stacks as operators see them: what their services write, count, and do when they are told to end.
#![expect(clippy::unwrap_used, reason = "what a test's helper cannot do fails the test")]

mod container;
mod endings;
mod footprint;
mod foreign_variables;
mod health;
mod help;
mod metrics;
mod secrets;

use std::time::Duration;

use creditors_testkit::{
    invariants,
    local::{
        cast::Cast,
        stack::{Callers, Options, Stack},
    },
    wallet::{Paid, Payments},
};

use crate::scratch::Scratch;

/// Far longer than anything takes.
const PATIENCE: Duration = Duration::from_mins(1);

/// A running stack with two creditors.
struct Play {
    // Stopped before its directory is removed.
    stack: Stack,
    cast: Cast,
    directory: Scratch,
}

impl Play {
    async fn begin(directory: Scratch, environment: &[(&'static str, &str)]) -> Self {
        Self::begin_with(Callers::Trusted, directory, environment).await
    }

    async fn begin_with(callers: Callers, directory: Scratch, environment: &[(&'static str, &str)]) -> Self {
        let options = Options { callers, ..Options::throwaway(&directory) };
        let stack = Stack::up_with(&options, environment).await.unwrap();
        let cast = Cast::enter(stack.addresses()).await.unwrap();
        Self { stack, cast, directory }
    }

    async fn rest(&self) {
        invariants::rest(&self.cast.database, PATIENCE).await.unwrap();
    }

    /// Every one of these payments, and no other, must have ended well and once.
    async fn audit(&self, paid: &[Paid]) {
        let findings = self.cast.settle(paid).await.unwrap();
        let wrong: Vec<_> = findings.into_iter().filter(|finding| !finding.good).collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

fn payments(numbers: std::ops::Range<usize>) -> Payments {
    Payments { numbers, at_once: 20, amount: 10, look_every: Duration::from_millis(10), patience: PATIENCE }
}
