//! Names of throw-away things, which tell whether a killed test has left them behind.

use std::time::{SystemTime, UNIX_EPOCH};

use crate::random;

/// Databases and virtual hosts of tests begin so; then comes when they were made (seconds of the Unix epoch).
pub(crate) const PREFIX: &str = "creditors_test_";
/// No test runs this long.
const LONGEST_RUN_SECONDS: u64 = 2 * 3600;

/// A name that nobody else has.
pub(crate) fn new_name() -> String {
    format!("{PREFIX}{}_{}", now(), random::token())
}

/// True for names from [`new_name`] whose test must have ended.
pub(crate) fn is_left_behind(name: &str) -> bool {
    made_at(name).is_some_and(|made| made + LONGEST_RUN_SECONDS < now())
}

fn made_at(name: &str) -> Option<u64> {
    name.strip_prefix(PREFIX)?.split('_').next()?.parse().ok()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_old_names_of_ours_are_left_behind() {
        assert!(is_left_behind("creditors_test_1700000000_00ff"));
        assert!(!is_left_behind(&new_name()));
        assert!(!is_left_behind("creditors_test_mine"));
        assert!(!is_left_behind("creditors"));
    }
}
