//! How many messages to take at a time.
//!
//! Their rows are locked until the broker has decided on all of them, and what interrupts it makes them go out again. So
//! the slower the broker, the smaller the batches: a broker that confirms ten messages per second must not be given a
//! thousand, which would outlast the patience of the database, and go out again from the beginning, for ever.

use std::time::Duration;

/// A batch that takes longer is followed by smaller ones. Far below the patience of the database with an idle
/// transaction.
const LONG: Duration = Duration::from_secs(5);

/// A full batch that takes less is followed by larger ones.
const SHORT: Duration = Duration::from_secs(1);

/// The size of the next batch.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pace {
    most: i64,
    next: i64,
}

impl Pace {
    /// Begins with the largest batches.
    pub(crate) fn new(most: i64) -> Self {
        Self { most, next: most }
    }

    /// The most messages of the next batch.
    pub(crate) fn limit(self) -> i64 {
        self.next
    }

    /// A batch has taken so long, whatever has become of it. `is_full` tells whether it was as large as it could be.
    pub(crate) fn took(&mut self, duration: Duration, is_full: bool) {
        if duration > LONG {
            self.next = (self.next / 2).max(1);
        } else if duration < SHORT && is_full {
            self.next = self.next.saturating_mul(2).min(self.most);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_shrink_while_the_broker_is_slow_and_grow_when_it_is_quick_again() {
        let mut pace = Pace::new(1_000);
        // Ten messages per second.
        let mut sizes = Vec::new();
        for _ in 0..7 {
            sizes.push(pace.limit());
            pace.took(Duration::from_millis(100) * u32::try_from(pace.limit()).unwrap(), true);
        }
        assert_eq!(sizes, [1_000, 500, 250, 125, 62, 31, 31]);
        // A lone message that is confirmed at once proves nothing.
        pace.took(Duration::from_millis(1), false);
        assert_eq!(pace.limit(), 31);
        for expected in [62, 124, 248, 496, 992, 1_000, 1_000] {
            pace.took(Duration::from_millis(1), true);
            assert_eq!(pace.limit(), expected);
        }
    }

    #[test]
    fn there_is_always_something_to_take() {
        let mut pace = Pace::new(3);
        for _ in 0..5 {
            pace.took(Duration::from_mins(1), false);
        }
        assert_eq!(pace.limit(), 1);
    }
}
