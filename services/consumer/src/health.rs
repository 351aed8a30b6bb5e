//! Whether the process can do its work, as its health port tells.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use observability::Readiness;

/// Every worker has its subscription.
pub(crate) const BROKER: &str = "broker";
/// No worker has paused because it cannot write what messages say, or put bad ones aside.
pub(crate) const WORKERS: &str = "workers";

/// Counts what is wrong. A condition holds when nothing is.
#[derive(Clone)]
pub(crate) struct Health(Arc<Inner>);

struct Inner {
    readiness: Readiness,
    troubles: Mutex<BTreeMap<&'static str, usize>>,
}

/// Something that is wrong until this is dropped.
pub(crate) struct Trouble {
    health: Health,
    condition: &'static str,
}

impl Health {
    pub(crate) fn new(readiness: Readiness) -> Self {
        Self(Arc::new(Inner { readiness, troubles: Mutex::default() }))
    }

    /// The condition does not hold, at least until the trouble is dropped.
    pub(crate) fn trouble(&self, condition: &'static str) -> Trouble {
        self.change(condition, |troubles| troubles.saturating_add(1));
        Trouble { health: self.clone(), condition }
    }

    fn change(&self, condition: &'static str, change: impl FnOnce(usize) -> usize) {
        let mut troubles = self.0.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        let count = troubles.entry(condition).or_default();
        *count = change(*count);
        self.0.readiness.set(condition, *count == 0);
    }
}

impl Drop for Trouble {
    fn drop(&mut self) {
        self.health.change(self.condition, |troubles| troubles.saturating_sub(1));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_condition_holds_when_all_trouble_is_over() {
        let readiness = Readiness::new([BROKER, WORKERS]);
        let health = Health::new(readiness.clone());
        let (one, other) = (health.trouble(BROKER), health.trouble(BROKER));
        drop(health.trouble(WORKERS));
        assert_eq!(readiness.unmet(), [BROKER]);
        drop(one);
        assert_eq!(readiness.unmet(), [BROKER]);
        drop(other);
        assert!(readiness.is_ready());
    }
}
