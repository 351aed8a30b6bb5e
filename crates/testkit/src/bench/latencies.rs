//! How long single things took.

use std::time::Duration;

/// Durations, sorted.
#[derive(Clone, Debug)]
pub(super) struct Latencies(Vec<Duration>);

impl Latencies {
    pub(super) fn new(mut durations: Vec<Duration>) -> Self {
        durations.sort_unstable();
        Self(durations)
    }

    /// The duration that `percent` of all do not exceed; 0 if there are none.
    pub(super) fn percentile(&self, percent: usize) -> Duration {
        let rank = (self.0.len() * percent).div_ceil(100).max(1);
        self.0.get(rank - 1).copied().unwrap_or_default()
    }

    pub(super) fn mean(&self) -> Duration {
        let count = u32::try_from(self.0.len()).unwrap_or(u32::MAX).max(1);
        self.0.iter().sum::<Duration>() / count
    }

    pub(super) fn longest(&self) -> Duration {
        self.0.last().copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_durations_that_occurred() {
        let milliseconds = |range: std::ops::RangeInclusive<u64>| range.map(Duration::from_millis).rev().collect();
        let latencies = Latencies::new(milliseconds(1..=200));
        assert_eq!(latencies.percentile(50), Duration::from_millis(100));
        assert_eq!(latencies.percentile(99), Duration::from_millis(198));
        assert_eq!(latencies.longest(), Duration::from_millis(200));
        assert_eq!(latencies.mean(), Duration::from_micros(100_500));
        assert_eq!(Latencies::new(milliseconds(3..=3)).percentile(99), Duration::from_millis(3));
        let none = Latencies::new(vec![]);
        assert_eq!((none.percentile(50), none.mean()), (Duration::ZERO, Duration::ZERO));
    }
}
