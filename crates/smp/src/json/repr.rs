//! Floating-point numbers out (smp §5.1).

use std::fmt::LowerExp;

/// The number with the fewest digits that read back as the same value of its type.
///
/// Positional from 10⁻⁴ up to, not including, 10¹⁶, with at least one digit after the point; otherwise with an
/// exponent that has a sign and at least two digits. `f32` gets the digits that suffice for single precision.
pub(super) fn shortest<F: LowerExp>(value: F) -> String {
    let scientific = format!("{value:e}");
    let (sign, magnitude) = match scientific.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", scientific.as_str()),
    };
    let Some((mantissa, exponent)) = magnitude.split_once('e') else {
        return not_a_number(sign, magnitude);
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if (-4..16).contains(&exponent) {
        format!("{sign}{}", positional(&mantissa.replace('.', ""), exponent))
    } else {
        let exponent_sign = if exponent < 0 { '-' } else { '+' };
        format!("{sign}{mantissa}e{exponent_sign}{:02}", exponent.unsigned_abs())
    }
}

/// `digits` are the significant ones; the first is worth 10 to the `exponent`.
fn positional(digits: &str, exponent: i32) -> String {
    let zeros = |count: i32| "0".repeat(usize::try_from(count).unwrap_or_default());
    let whole = usize::try_from(exponent + 1).unwrap_or_default();
    match digits.split_at_checked(whole) {
        Some(("", fraction)) => format!("0.{}{fraction}", zeros(-exponent - 1)),
        Some((whole, "")) => format!("{whole}.0"),
        Some((whole, fraction)) => format!("{whole}.{fraction}"),
        None => format!("{digits}{}.0", "0".repeat(whole - digits.len())),
    }
}

/// No JSON, so the receiver refuses the message; `null` would be read as another statement.
fn not_a_number(sign: &str, magnitude: &str) -> String {
    if magnitude == "inf" { format!("{sign}Infinity") } else { "NaN".to_owned() }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn doubles() {
        let cases = [
            (0.0, "0.0"),
            (-0.0, "-0.0"),
            (1.0, "1.0"),
            (-1.5, "-1.5"),
            (100.0, "100.0"),
            (123.456, "123.456"),
            (0.1 + 0.2, "0.30000000000000004"),
            (1e-4, "0.0001"),
            (0.000_123, "0.000123"),
            (0.000_099_999, "9.9999e-05"),
            (1e-5, "1e-05"),
            (1.5e-7, "1.5e-07"),
            (5e-324, "5e-324"),
            (1e15, "1000000000000000.0"),
            (9_999_999_999_999_998.0, "9999999999999998.0"),
            (1e16, "1e+16"),
            (123_456_789_012_345_680.0, "1.2345678901234568e+17"),
            (1e30, "1e+30"),
            (-1e100, "-1e+100"),
            (f64::MAX, "1.7976931348623157e+308"),
        ];
        for (value, expected) in cases {
            assert_eq!(shortest(value), expected);
        }
    }

    #[test]
    fn singles_need_fewer_digits() {
        let cases = [
            (0.3_f32, "0.3"),
            (0.1, "0.1"),
            (1e30, "1e+30"),
            (16_777_216.0, "16777216.0"),
            (0.0, "0.0"),
            (f32::MAX, "3.4028235e+38"),
            (1e-45, "1e-45"),
        ];
        for (value, expected) in cases {
            assert_eq!(shortest(value), expected);
        }
    }

    #[test]
    fn numbers_json_does_not_have() {
        assert_eq!(shortest(f64::INFINITY), "Infinity");
        assert_eq!(shortest(f64::NEG_INFINITY), "-Infinity");
        assert_eq!(shortest(f64::NAN), "NaN");
    }

    proptest! {
        #[test]
        fn reads_back(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO) {
            let text = shortest(value);
            prop_assert!(text.contains(['.', 'e']), "{}", text);
            prop_assert_eq!(text.parse::<f64>().unwrap().to_bits(), value.to_bits());
        }

        /// What a receiver that reads doubles makes of a single is still that single.
        #[test]
        #[expect(clippy::cast_possible_truncation, reason = "what the receiver's database does")]
        fn singles_read_back(value in prop::num::f32::NORMAL | prop::num::f32::SUBNORMAL | prop::num::f32::ZERO) {
            let double = shortest(value).parse::<f64>().unwrap();
            prop_assert_eq!((double as f32).to_bits(), value.to_bits());
            prop_assert_eq!(shortest(double), shortest(value));
        }
    }
}
