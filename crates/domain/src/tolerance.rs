//! Comparing numbers that have gone through single precision (processing §1, §17).

use crate::numeric;

/// Relative difference below which two amounts or rates count as equal.
pub const EPS: f64 = 1e-5;

/// The default negligible amount: everything is negligible.
pub const HUGE: f32 = 1e30;

/// Whether a stored negligible amount equals the one of a message.
pub fn same_negligible_amount(stored: f32, message: f64) -> bool {
    (f64::from(stored) - message).abs() <= EPS * message
}

/// Whether the interest rate of a message differs from the stored one.
///
/// The tolerance is relative to the rate's size, so that negative rates are tolerated like positive ones (processing §17).
pub fn rate_differs(stored: f32, message: f64) -> bool {
    (f64::from(stored) - message).abs() > EPS * message.abs()
}

/// Whether everything is negligible by that amount, up to the tolerance.
pub fn is_huge(negligible_amount: f64) -> bool {
    negligible_amount >= (1.0 - EPS) * f64::from(HUGE)
}

/// `value` as single precision: the form in which amounts and rates are stored, compared and shown.
///
/// Values too small become 0 (never −0); `None` when the value is too large or not a number.
pub fn to_single(value: f64) -> Option<f32> {
    // Adding zero turns −0 into 0.
    Some(numeric::to_f32(value) + 0.0).filter(|single| single.is_finite())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn negligible_amounts_are_compared_relative_to_the_message() {
        let cases = [
            (0.0, 0.0, true),
            (0.0, 1e-300, false),
            (2.0, 2.0, true),
            (2.0, 2.0002, false),
            (2.0, 2.000_01, true),
            (1e30, 1e30, true),
            (1e30, 1.0001e30, false),
            (1.1, 1.1, true),
        ];
        for (stored, message, expected) in cases {
            assert_eq!(same_negligible_amount(stored, message), expected, "{stored} {message}");
        }
    }

    #[test]
    fn negative_rates_are_tolerated_like_positive_ones() {
        for sign in [1.0, -1.0] {
            assert!(!rate_differs(5.0 * numeric::to_f32(sign), sign * 5.000_04));
            assert!(rate_differs(5.0 * numeric::to_f32(sign), sign * 5.000_06));
        }
        assert!(!rate_differs(0.0, 0.0));
        assert!(!rate_differs(-0.1, -0.1));
        assert!(rate_differs(0.0, 0.1));
    }

    #[test]
    fn huge_allows_for_single_precision() {
        assert!(is_huge(f64::from(HUGE)));
        assert!(is_huge(1e30));
        assert!(is_huge(0.999_991e30));
        assert!(!is_huge(0.999_98e30));
        assert!(!is_huge(2.0));
    }

    #[test]
    fn single_precision_refuses_what_it_cannot_hold() {
        assert_eq!(to_single(f64::from(f32::MAX)), Some(f32::MAX));
        assert_eq!(to_single(3.5e38), None);
        assert_eq!(to_single(-3.5e38), None);
        assert_eq!(to_single(f64::NAN), None);
        assert_eq!(to_single(1e-60).map(f32::to_bits), Some(0));
        assert_eq!(to_single(-0.0).map(f32::to_bits), Some(0));
        assert_eq!(to_single(0.1), Some(0.1));
    }
}
