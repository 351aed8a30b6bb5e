//! Continuous interest, as the authority accumulates it.

use chrono::TimeDelta;

/// 365.25 days.
const SECONDS_IN_A_YEAR: f64 = 31_557_600.0;
/// Keeps accumulated interest finite, whatever the rate and the time.
const LIMIT: f64 = 1e18;

/// The interest after `elapsed` more time at `rate` percent per year. Only positive balances change.
pub(super) fn accumulate(principal: i64, interest: f64, rate: f64, elapsed: TimeDelta) -> f64 {
    let principal = to_f64(principal);
    let balance = principal + interest;
    let seconds = elapsed.as_seconds_f64();
    if balance <= 0.0 || seconds <= 0.0 || rate == 0.0 {
        return interest;
    }
    let factor = (1.0 + rate / 100.0).max(0.0).powf(seconds / SECONDS_IN_A_YEAR);
    (balance * factor - principal).clamp(-LIMIT, LIMIT)
}

/// The whole units in an accumulated interest.
#[expect(clippy::cast_possible_truncation, reason = "truncation is meant; out of range values become the limits")]
pub(super) const fn whole(interest: f64) -> i64 {
    interest as i64
}

/// The nearest double; whether an amount is negligible does not depend on its last digits.
#[expect(clippy::cast_precision_loss, reason = "the nearest double is meant")]
pub(super) const fn to_f64(amount: i64) -> f64 {
    amount as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn worked_cases() {
        let year = TimeDelta::seconds(31_557_600);
        let cases = [
            (1000, 0.0, 5.0, year, 50),
            (990, 10.0, 12.5, TimeDelta::days(366), 135),
            (1000, 0.0, -50.0, year, -500),
            (1000, 0.0, -100.0, TimeDelta::seconds(1), -1000),
            (0, -3.0, 10.0, year, -3),
            (1000, 7.5, 5.0, -year, 7),
            (i64::MAX, 0.0, 1e30, year * 100, 1_000_000_000_000_000_000),
        ];
        for (principal, interest, rate, elapsed, expected) in cases {
            // A little is added because the exact results lie at whole numbers.
            let result = whole(accumulate(principal, interest, rate, elapsed) + 1e-6);
            assert_eq!(result, expected, "{principal} {interest} {rate} {elapsed}");
        }
    }
}
