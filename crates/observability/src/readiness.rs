//! Whether a process can do its work now.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

/// Named conditions, all of which must hold. Copies are the same set.
///
/// ```
/// let readiness = creditors_observability::Readiness::new(["database", "broker"]);
/// readiness.set("database", true);
/// assert_eq!(readiness.unmet(), ["broker"]);
/// readiness.set("broker", true);
/// assert!(readiness.is_ready());
/// readiness.drain();
/// assert!(!readiness.is_ready());
/// ```
#[derive(Clone, Debug, Default)]
pub struct Readiness(Arc<Mutex<State>>);

#[derive(Debug, Default)]
struct State {
    conditions: BTreeMap<&'static str, bool>,
    draining: bool,
}

impl Readiness {
    /// These conditions, none of which holds yet. Without any, the process is always ready.
    pub fn new(conditions: impl IntoIterator<Item = &'static str>) -> Self {
        let conditions = conditions.into_iter().map(|name| (name, false)).collect();
        Self(Arc::new(Mutex::new(State { conditions, draining: false })))
    }

    /// Tells whether a condition holds; a new name is one more condition.
    pub fn set(&self, condition: &'static str, holds: bool) {
        self.with(|state| state.conditions.insert(condition, holds));
    }

    /// From now on the process is not ready any more: it finishes what has begun.
    pub fn drain(&self) {
        self.with(|state| state.draining = true);
    }

    /// The names of the conditions that do not hold, and `draining`.
    pub fn unmet(&self) -> Vec<&'static str> {
        self.with(|state| {
            let false_ones = state.conditions.iter().filter(|(_, holds)| !**holds).map(|(name, _)| *name);
            false_ones.chain(state.draining.then_some("draining")).collect()
        })
    }

    /// Whether everything holds.
    pub fn is_ready(&self) -> bool {
        self.unmet().is_empty()
    }

    fn with<T>(&self, look: impl FnOnce(&mut State) -> T) -> T {
        look(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}
