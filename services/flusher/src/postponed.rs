//! Destinations that refuse messages, and when to try them again.
//!
//! What the broker does to one message it does to all with the same routing key: nobody is bound for a debtor, or the
//! queue of a shard is full. So not every row is remembered but every destination, of which there are few however
//! many rows wait.

use std::{collections::BTreeMap, sync::Arc, time::Duration};

use runtime::{Random, worker::Backoff};
use tokio::time::Instant;

const PAUSES: Backoff = Backoff { first: Duration::from_secs(1), cap: Duration::from_mins(1) };

/// If more destinations than this are out of reach, something else must be wrong.
const MOST: usize = 1_000;

/// The destinations of one kind of messages that are left alone for a while.
pub(crate) struct Postponed {
    trials: BTreeMap<i64, Trial>,
    random: Arc<dyn Random>,
}

struct Trial {
    failures: u32,
    next: Instant,
}

impl Postponed {
    pub(crate) fn new(random: Arc<dyn Random>) -> Self {
        Self { trials: BTreeMap::new(), random }
    }

    /// Messages for the destination were refused: leave it alone, the longer the more often this happens. False if
    /// there are too many such destinations to remember one more.
    #[must_use]
    pub(crate) fn refused(&mut self, destination: i64, now: Instant) -> bool {
        if self.trials.len() >= MOST && !self.trials.contains_key(&destination) {
            self.trials.retain(|_, trial| trial.next > now);
            if self.trials.len() >= MOST {
                return false;
            }
        }
        let trial = self.trials.entry(destination).or_insert(Trial { failures: 0, next: now });
        trial.failures = trial.failures.saturating_add(1);
        trial.next = now + PAUSES.pause(trial.failures, &*self.random);
        true
    }

    /// Messages for the destination were accepted.
    pub(crate) fn accepted(&mut self, destination: i64) {
        self.trials.remove(&destination);
    }

    /// What is to be left alone now.
    pub(crate) fn skip(&self, now: Instant) -> Vec<i64> {
        self.trials.iter().filter(|(_, trial)| trial.next > now).map(|(destination, _)| *destination).collect()
    }

    /// How long it is until one of the destinations left alone may be tried again.
    pub(crate) fn wait(&self, now: Instant) -> Duration {
        let waits = self.trials.values().filter(|trial| trial.next > now).map(|trial| trial.next - now);
        waits.min().unwrap_or(Duration::MAX)
    }
}

#[cfg(test)]
mod tests {
    use runtime::SeededRandom;

    use super::*;

    fn postponed() -> Postponed {
        Postponed::new(Arc::new(SeededRandom::new(1)))
    }

    #[test]
    fn pauses_grow_until_something_is_accepted() {
        let (mut postponed, mut now) = (postponed(), Instant::now());
        for longest in [1, 2, 4, 8, 16, 32, 60, 60].map(Duration::from_secs) {
            assert!(postponed.refused(7, now));
            assert_eq!(postponed.skip(now), [7]);
            let wait = postponed.wait(now);
            assert!(wait >= longest / 2 && wait <= longest, "{wait:?} of {longest:?}");
            now += wait;
            // Due: nothing keeps it from being tried, and nobody is woken for it again.
            assert_eq!((postponed.skip(now), postponed.wait(now)), (vec![], Duration::MAX));
        }
        postponed.accepted(7);
        assert!(postponed.refused(7, now));
        assert!(postponed.wait(now) <= Duration::from_secs(1));
    }

    #[test]
    fn memory_is_bounded_and_what_is_due_makes_room() {
        let (mut postponed, now) = (postponed(), Instant::now());
        assert!((0..1_000).all(|destination| postponed.refused(destination, now)));
        assert!(!postponed.refused(1_000, now));
        assert!(postponed.refused(0, now), "a known one is not one more");
        assert_eq!(postponed.skip(now).len(), 1_000);
        let later = now + Duration::from_secs(1);
        assert!(postponed.refused(1_000, later));
        assert_eq!(postponed.skip(later), [0, 1_000]);
    }
}
