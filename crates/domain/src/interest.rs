//! Interest that has accumulated on an account, as shown to its holder (processing §11).

use crate::{Timestamp, numeric, time};

/// 365.25 days.
const SECONDS_IN_A_YEAR: f64 = 31_557_600.0;

/// What interest is calculated from.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Basis {
    /// The principal according to the server (not the ledger's).
    pub principal: i64,
    /// Interest accumulated up to `last_change_ts`.
    pub interest: f64,
    /// Percent per year.
    pub interest_rate: f32,
    /// When the server told principal and interest.
    pub last_change_ts: Timestamp,
}

/// The accumulated interest at the instant `now`, rounded down.
///
/// Positive balances grow (or shrink) continuously; others do not change. Results beyond the range of `i64` become the
/// nearest number within it.
pub fn accumulated(basis: Basis, now: Timestamp) -> i64 {
    let principal = numeric::to_f64(basis.principal);
    let balance = principal + basis.interest;
    let interest = if balance > 0.0 {
        let seconds = time::between(basis.last_change_ts, now).as_seconds_f64().max(0.0);
        balance * growth(basis.interest_rate, seconds) - principal
    } else {
        basis.interest
    };
    numeric::floor_to_i64(interest)
}

/// By which factor a balance grows.
fn growth(interest_rate: f32, seconds: f64) -> f64 {
    let yearly = 1.0 + f64::from(interest_rate) / 100.0;
    if yearly > 0.0 { (yearly.ln() / SECONDS_IN_A_YEAR * seconds).exp() } else { 0.0 }
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;
    use proptest::prelude::*;

    use super::*;
    use crate::time::EPOCH;

    fn shown(principal: i64, interest: f64, interest_rate: f32, elapsed: TimeDelta) -> i64 {
        accumulated(Basis { principal, interest, interest_rate, last_change_ts: EPOCH }, EPOCH + elapsed)
    }

    #[test]
    fn worked_cases() {
        let year = TimeDelta::seconds(31_557_600);
        let cases = [
            (0, 0.0, 0.0, TimeDelta::days(12345), 0),
            (990, 10.0, 12.5, TimeDelta::days(366), 135),
            (1000, 0.0, 5.0, year, 50),
            (1000, 0.5, 0.0, year, 0),
            (-1000, -3.2, 10.0, year, -4),
            (1000, -2000.0, 5.0, year, -2000),
            (1000, 0.0, -50.0, year, -500),
            (1000, 0.0, -100.0, TimeDelta::seconds(1), -1000),
            (1 << 62, 0.0, 1e6, year * 10, i64::MAX),
            // Clocks that disagree do not take interest back.
            (1000, 7.9, 5.0, TimeDelta::days(-366), 7),
            // Numbers no server should send.
            (1000, f64::NAN, 5.0, year, 0),
            (1000, f64::INFINITY, 5.0, year, i64::MAX),
            (1000, f64::NEG_INFINITY, 5.0, year, i64::MIN),
            (i64::MAX, 0.0, f32::MAX, year * 8000, i64::MAX),
            (i64::MIN, -1e30, 0.0, year, i64::MIN),
        ];
        for (principal, interest, rate, elapsed, expected) in cases {
            assert_eq!(shown(principal, interest, rate, elapsed), expected, "{principal} {interest} {rate} {elapsed}");
        }
    }

    proptest! {
        #[test]
        fn balances_that_are_not_positive_do_not_grow(principal in -1_000_000_i64..=0, rate in -100_f32..1000.0, days in 0_i64..9999) {
            prop_assert_eq!(shown(principal, -0.5, rate, TimeDelta::days(days)), -1);
        }

        #[test]
        fn a_balance_is_never_lost_completely_beyond_its_size(principal in 1_i64..1_000_000_000, rate in -100_f32..0.0, days in 0_i64..9999) {
            prop_assert!((-principal..=0).contains(&shown(principal, 0.0, rate, TimeDelta::days(days))));
        }
    }
}
