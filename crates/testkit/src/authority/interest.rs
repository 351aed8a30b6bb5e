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
            (1000, 0.0, 5.0, year, 50.0),
            (0, 7.0, 100.0, year * 2, 28.0),
            (1000, 0.0, -50.0, year, -500.0),
            (1000, 0.0, -100.0, TimeDelta::seconds(1), -1000.0),
            (0, -3.0, 10.0, year, -3.0),
            (1000, 7.5, 5.0, -year, 7.5),
            (i64::MAX, 0.0, 1e30, year * 100, 1e18),
        ];
        for (principal, interest, rate, elapsed, expected) in cases {
            let result = accumulate(principal, interest, rate, elapsed);
            assert!((result - expected).abs() < 1e-6, "{principal} {interest} {rate} {elapsed}: {result}");
        }
    }

    #[test]
    fn whole_units_are_those_towards_zero() {
        assert_eq!([0.99, 1.0, -0.99, -1.5, 1e30, f64::NAN].map(whole), [0, 1, 0, -1, i64::MAX, 0]);
    }
}
