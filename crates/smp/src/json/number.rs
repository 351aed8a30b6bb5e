//! Numbers in, leniently (smp §4.3, §4.4).

use std::borrow::Cow;

use super::text;
use crate::Reason;

const AN_INTEGER: &str = "an integer";
const A_NUMBER: &str = "a number";

/// The integer a raw value means. A literal with a point or an exponent is a double, truncated toward zero.
pub(super) fn parse_integer(raw: &str) -> Result<i64, Reason> {
    if raw.starts_with('"') {
        let text = text::parse(raw).map_err(|_reason| Reason::Not(AN_INTEGER))?;
        let digits = plain_digits(&text).ok_or(Reason::Not(AN_INTEGER))?;
        let unsigned = digits.strip_prefix(['+', '-']).unwrap_or(&digits);
        if unsigned.is_empty() || !unsigned.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Reason::Not(AN_INTEGER));
        }
        digits.parse().map_err(|_error| Reason::OutOfRange)
    } else if !is_literal(raw) {
        Err(text::not(raw, AN_INTEGER))
    } else if raw.contains(['.', 'e', 'E']) {
        truncate(parse_double(raw)?)
    } else {
        raw.parse().map_err(|_error| Reason::OutOfRange)
    }
}

/// The finite double a raw value means.
pub(super) fn parse_float(raw: &str) -> Result<f64, Reason> {
    if raw.starts_with('"') {
        let text = text::parse(raw).map_err(|_reason| Reason::Not(A_NUMBER))?;
        let digits = plain_digits(&text).ok_or(Reason::Not(A_NUMBER))?;
        // The standard library also reads `nan`, `inf` and `infinity`.
        if digits.bytes().any(|byte| byte.is_ascii_alphabetic() && !matches!(byte, b'e' | b'E')) {
            return Err(Reason::Not(A_NUMBER));
        }
        parse_double(&digits)
    } else if is_literal(raw) {
        parse_double(raw)
    } else {
        Err(text::not(raw, A_NUMBER))
    }
}

/// Whether PostgreSQL accepts the value for a `real` column: neither overflow nor underflow to zero.
#[expect(clippy::cast_possible_truncation, reason = "the loss is what is asked about")]
pub(super) fn fits_single(value: f64) -> bool {
    let single = value as f32;
    single.is_finite() && (single != 0.0 || value == 0.0)
}

fn is_literal(raw: &str) -> bool {
    raw.starts_with(|first: char| first == '-' || first.is_ascii_digit())
}

fn parse_double(digits: &str) -> Result<f64, Reason> {
    let value: f64 = digits.parse().map_err(|_error| Reason::Not(A_NUMBER))?;
    if value.is_finite() { Ok(value) } else { Err(Reason::NotFinite) }
}

#[expect(clippy::cast_possible_truncation, reason = "truncation is the rule, and the range has been checked")]
fn truncate(value: f64) -> Result<i64, Reason> {
    const LIMIT: f64 = 9_223_372_036_854_775_808.0;
    if (-LIMIT..LIMIT).contains(&value) { Ok(value as i64) } else { Err(Reason::OutOfRange) }
}

/// A numeric string without the blanks around it and the single underscores between its digits.
fn plain_digits(text: &str) -> Option<Cow<'_, str>> {
    let text = text.trim();
    if !text.contains('_') {
        return Some(Cow::Borrowed(text));
    }
    let between_digits = |parts: &[&str]| match parts {
        [left, right] => left.ends_with(is_digit) && right.starts_with(is_digit),
        _ => false,
    };
    let parts: Vec<&str> = text.split('_').collect();
    parts.windows(2).all(between_digits).then(|| Cow::Owned(parts.concat()))
}

const fn is_digit(c: char) -> bool {
    c.is_ascii_digit()
}
