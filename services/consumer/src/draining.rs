//! Stepping away from an empty queue, so that it can be deleted without a consumer that may hold messages (smp §10).

use std::time::Duration;

use domain::Timestamp;

/// How long a draining consumer steps away.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Draining {
    /// Length of the first pause, at most. It doubles each time.
    pub first: Duration,
    /// The longest pause of all.
    pub longest: Duration,
}

impl Default for Draining {
    fn default() -> Self {
        Self { first: Duration::from_secs(15), longest: Duration::from_hours(1) }
    }
}

/// Where a draining consumer stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Drain {
    pause: Duration,
    longest: Duration,
}

impl Drain {
    pub(crate) fn new(draining: Draining) -> Self {
        Self { pause: draining.first, longest: draining.longest }
    }

    /// How long nothing must have arrived before the next pause: one full second more than 1 + ⌊P / 20⌋.
    pub(crate) fn patience(&self) -> Duration {
        Duration::from_secs((self.pause.as_secs() / 20).saturating_add(2))
    }

    /// How long the pause that begins now takes: until the time is a multiple of its length, so that the pauses of all
    /// replicas overlap. The next one will be longer.
    pub(crate) fn step_away(&mut self, now: Timestamp) -> Duration {
        let length = i64::try_from(self.pause.as_millis()).unwrap_or(i64::MAX).max(1);
        let passed = now.timestamp_millis().rem_euclid(length);
        self.pause = self.pause.saturating_mul(2).min(self.longest);
        Duration::from_millis(length.abs_diff(passed))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_and_end_together() {
        let mut drain = Drain::new(Draining::default());
        let (mut lengths, mut patience) = (Vec::new(), Vec::new());
        for _ in 0..10 {
            patience.push(drain.patience().as_secs());
            lengths.push(drain.step_away(Timestamp::UNIX_EPOCH).as_secs());
        }
        assert_eq!(lengths, [15, 30, 60, 120, 240, 480, 960, 1920, 3600, 3600]);
        assert_eq!(patience, [2, 3, 5, 8, 14, 26, 50, 98, 182, 182]);
    }

    #[test]
    fn a_pause_ends_at_a_multiple_of_its_length() {
        let at = |seconds| Timestamp::UNIX_EPOCH + Duration::from_millis(seconds);
        let away = |now| Drain::new(Draining::default()).step_away(now).as_millis();
        assert_eq!([away(at(1)), away(at(14_999)), away(at(15_000)), away(at(40_000))], [14_999, 1, 15_000, 5_000]);
    }
}
