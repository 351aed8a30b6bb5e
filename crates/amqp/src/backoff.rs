//! How long to wait before the next attempt to connect.

use std::{
    hash::{BuildHasher, Hasher, RandomState},
    time::Duration,
};

use tokio::time::Instant;

const FIRST: Duration = Duration::from_millis(100);
const LONGEST: Duration = Duration::from_secs(10);
/// A connection that lived this long was a good one: the next loss starts from the beginning.
const GOOD: Duration = Duration::from_secs(10);

/// Doubling pauses with jitter, from a tenth of a second up to ten seconds.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failures: u32,
    connected: Option<Instant>,
}

impl Backoff {
    /// Failures in a row, the present one included.
    pub(crate) fn failures(&self) -> u32 {
        self.failures
    }

    /// A connection is usable now.
    pub(crate) fn connected(&mut self) {
        self.connected = Some(Instant::now());
    }

    /// A connection could not be made, or was lost. Returns how long to wait before the next attempt.
    pub(crate) fn failed(&mut self) -> Duration {
        let lived = self.connected.take().map_or(Duration::ZERO, |since| since.elapsed());
        self.count(lived);
        jittered(pause(self.failures))
    }

    fn count(&mut self, lived: Duration) {
        self.failures = if lived >= GOOD { 1 } else { self.failures.saturating_add(1) };
    }
}

fn pause(failures: u32) -> Duration {
    FIRST.saturating_mul(1 << failures.saturating_sub(1).min(16)).min(LONGEST)
}

/// Between a half and the whole of `pause`, so that many processes do not come back in step.
fn jittered(pause: Duration) -> Duration {
    // A fresh hasher is seeded at random; nothing here needs better randomness than that.
    let random = RandomState::new().build_hasher().finish();
    let parts = u32::try_from(random % 1024).unwrap_or_default();
    pause / 2 + pause / 2 * parts / 1024
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_ten_seconds() {
        let pauses: Vec<_> = [1, 2, 3, 7, 8, 9, u32::MAX].map(|failures| pause(failures).as_millis()).into();
        assert_eq!(pauses, [100, 200, 400, 6_400, 10_000, 10_000, 10_000]);
    }

    #[test]
    fn jitter_stays_within_half_and_whole() {
        for _ in 0..1_000 {
            let pause = jittered(LONGEST);
            assert!(pause >= LONGEST / 2 && pause <= LONGEST, "{pause:?}");
        }
    }

    #[test]
    fn only_a_connection_that_lasted_starts_over() {
        let mut backoff = Backoff::default();
        let failures = [Duration::ZERO, GOOD / 2, Duration::ZERO, GOOD, GOOD, Duration::ZERO].map(|lived| {
            backoff.count(lived);
            backoff.failures()
        });
        assert_eq!(failures, [1, 2, 3, 1, 1, 2]);
    }
}
