//! The loop of every worker: wait or stop, do one pass, report.
//!
//! A pass takes no input: it looks at the tables and does what there is to do, whatever has woken it. So a wake-up that
//! never comes costs time, not correctness. Calls that come during passes are answered after a rest ([`Damper`]).

use std::error::Error;
use std::sync::Arc;
use std::time::Duration;

use tokio::time::Instant;
use tracing::error;

use crate::{Damper, Random, Stop, Wake};

/// A loop and what it listens to.
#[derive(Clone)]
pub struct Worker {
    /// What its log lines call it.
    pub name: &'static str,
    /// When it works.
    pub options: LoopOptions,
    /// Ends a wait between passes.
    pub wake: Wake,
    /// Ends the loop. A pass that has begun is finished first.
    pub stop: Stop,
    /// Where jitter comes from.
    pub random: Arc<dyn Random>,
}

/// When a loop works.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LoopOptions {
    /// From the start of one pass to the start of the next, if nobody calls.
    pub period: Duration,
    /// Whether the first pass waits for a random part of the period, so that copies spread out. A call ends this too.
    pub jitter_first: bool,
    /// Whether the loop ends as soon as there is nothing left to do.
    pub quit_early: bool,
    /// What a failed pass means.
    pub on_error: OnError,
}

impl LoopOptions {
    /// Starts at once, goes on for ever, ends with the first error.
    pub const fn every(period: Duration) -> Self {
        Self { period, jitter_first: false, quit_early: false, on_error: OnError::End }
    }
}

/// What a failed pass means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnError {
    /// The loop ends with this error.
    End,
    /// The error is logged, and after a pause there is another pass. Calls do not shorten the pause.
    Retry(Backoff),
}

/// Pauses after failures in a row: each is twice as long as the one before, and each is shortened by a random part of up
/// to a half, so that those who failed together do not come back together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Backoff {
    /// The longest first pause.
    pub first: Duration,
    /// The longest pause of all.
    pub cap: Duration,
}

impl Default for Backoff {
    fn default() -> Self {
        Self { first: Duration::from_millis(500), cap: Duration::from_secs(30) }
    }
}

impl Backoff {
    /// The pause after so many failures in a row, at least 1.
    pub fn pause(&self, failures: u32, random: &dyn Random) -> Duration {
        let doublings = failures.saturating_sub(1).min(31);
        let longest = self.first.saturating_mul(1 << doublings).min(self.cap);
        longest.saturating_sub(random.up_to(longest / 2))
    }
}

/// What a pass has found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Pass {
    /// As much as a pass takes: there is probably more, so the next pass begins at once.
    Full,
    /// Less than that: nothing is left.
    Drained,
}

/// Why a loop ended in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// It was stopped.
    Stopped,
    /// There was nothing left to do, and it was told to quit then.
    QuitEarly,
}

impl Worker {
    /// Runs `pass` until the stop, or an end that the options ask for.
    pub async fn run<F, Fut, E>(&self, mut pass: F) -> Result<Ended, E>
    where
        F: FnMut() -> Fut,
        Fut: Future<Output = Result<Pass, E>>,
        E: Into<Box<dyn Error + Send + Sync>>,
    {
        let LoopOptions { period, jitter_first, quit_early, on_error } = self.options;
        if jitter_first && !quit_early {
            self.wake.wait(self.random.up_to(period), &self.stop).await;
        }
        let (mut failures, mut damper) = (0, Damper::default());
        while !self.stop.is_stopped() {
            let start = Instant::now();
            match pass().await {
                Ok(found) => {
                    failures = 0;
                    if found == Pass::Full {
                        continue;
                    }
                    if quit_early {
                        return Ok(Ended::QuitEarly);
                    }
                    damper.rest(&self.wake, &self.stop, start.elapsed()).await;
                    self.wake.wait(period.saturating_sub(start.elapsed()), &self.stop).await;
                }
                Err(cause) => {
                    let OnError::Retry(backoff) = on_error else { return Err(cause) };
                    failures += 1;
                    self.rest(backoff.pause(failures, &*self.random), &*cause.into()).await;
                }
            }
        }
        Ok(Ended::Stopped)
    }

    async fn rest(&self, pause: Duration, cause: &(dyn Error + Send + Sync + 'static)) {
        error!(
            worker = self.name,
            pause_seconds = pause.as_secs_f64(),
            error = cause as &dyn Error,
            "The worker {} failed, and tries again after a pause.",
            self.name
        );
        tokio::select! {
            biased;
            () = self.stop.stopped() => {}
            () = tokio::time::sleep(pause) => {}
        }
    }
}

#[cfg(test)]
mod tests;
