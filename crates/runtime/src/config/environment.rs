//! Where the variables come from.

use std::collections::BTreeMap;
use std::ffi::OsString;

/// The environment variables, read once.
#[derive(Clone, Default)]
pub struct Environment {
    values: BTreeMap<String, OsString>,
}

impl Environment {
    /// The variables of this process.
    pub fn process() -> Self {
        let named = std::env::vars_os().filter_map(|(name, value)| Some((name.into_string().ok()?, value)));
        Self { values: named.collect() }
    }

    /// These variables and no others.
    pub fn from_pairs<K, V>(pairs: impl IntoIterator<Item = (K, V)>) -> Self
    where
        K: Into<String>,
        V: Into<OsString>,
    {
        Self { values: pairs.into_iter().map(|(name, value)| (name.into(), value.into())).collect() }
    }

    /// The text of a variable: `None` if it is not set, or not UTF-8.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.values.get(name)?.to_str()
    }

    /// Whether a variable holds bytes that are not UTF-8.
    pub(super) fn is_garbled(&self, name: &str) -> bool {
        self.values.get(name).is_some_and(|value| value.to_str().is_none())
    }

    pub(super) fn set(&mut self, name: &str, value: String) {
        self.values.insert(name.to_owned(), value.into());
    }
}

/// Names only: the values may be secrets.
impl std::fmt::Debug for Environment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.values.keys()).finish()
    }
}
