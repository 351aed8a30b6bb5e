//! Numbers of rows.

/// The number of rows, as the database counts.
pub(crate) fn count(rows: usize) -> i64 {
    i64::try_from(rows).unwrap_or(i64::MAX)
}
