//! Rows in memory that the transaction has locked.

use std::collections::BTreeMap;

/// Rows by their keys, and which of them are to be written.
#[derive(Debug)]
pub(super) struct Rows<K, V> {
    rows: BTreeMap<K, Row<V>>,
}

#[derive(Debug)]
struct Row<V> {
    value: V,
    changed: bool,
}

impl<K, V> Default for Rows<K, V> {
    fn default() -> Self {
        Self { rows: BTreeMap::new() }
    }
}

impl<K: Ord, V> Rows<K, V> {
    /// The rows as they were loaded.
    pub(super) fn loaded(rows: impl IntoIterator<Item = (K, V)>) -> Self {
        Self { rows: rows.into_iter().map(|(key, value)| (key, Row { value, changed: false })).collect() }
    }

    /// The row, with what earlier messages have changed.
    pub(super) fn get(&self, key: &K) -> Option<&V> {
        Some(&self.rows.get(key)?.value)
    }

    /// Changes a row.
    pub(super) fn put(&mut self, key: K, value: V) {
        self.rows.insert(key, Row { value, changed: true });
    }

    /// The rows to write, in key order.
    pub(super) fn changed(&self) -> impl Iterator<Item = &V> {
        self.rows.values().filter(|row| row.changed).map(|row| &row.value)
    }
}
