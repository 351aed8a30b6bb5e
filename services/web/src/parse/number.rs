//! Numbers (webapi §5).

use std::ops::RangeInclusive;

use super::{
    errors::Problem,
    fields::FieldType,
    json::{Json, Number},
};

const NOT_INTEGER: &str = "Not a valid integer.";
const NOT_NUMBER: &str = "Not a valid number.";
const TOO_LARGE: &str = "Number too large.";
const SPECIAL: &str = "Special numeric values (nan or infinity) are not permitted.";

/// An integer within a range. Fractions are cut off.
pub fn integer(range: RangeInclusive<i64>) -> Integer {
    Integer { range }
}

/// See [`integer`].
#[derive(Clone, Debug)]
pub struct Integer {
    range: RangeInclusive<i64>,
}

impl FieldType for Integer {
    type Value = i64;

    fn read(self, value: Json) -> Result<i64, Problem> {
        let value = match value {
            Json::Number(number) if number.is_integer() => saturating(number.text()),
            Json::Number(number) => truncated(&number),
            Json::String(text) if is_decimal(text.trim()) => saturating(text.trim()),
            _ => return Err(NOT_INTEGER.into()),
        };
        match value.map(i64::try_from) {
            None => Err(TOO_LARGE.into()),
            Some(Ok(value)) if self.range.contains(&value) => Ok(value),
            Some(_) => Err(self.out_of_range().into()),
        }
    }
}

impl Integer {
    fn out_of_range(&self) -> String {
        let (min, max) = (self.range.start(), self.range.end());
        format!("Must be greater than or equal to {min} and less than or equal to {max}.")
    }
}

/// An optional sign and ASCII digits.
fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    !digits.is_empty() && digits.bytes().all(|c| c.is_ascii_digit())
}

/// The integer; those too large for any of our ranges become the largest one.
#[expect(clippy::unnecessary_wraps, reason = "the other way of reading an integer can fail")]
fn saturating(decimal: &str) -> Option<i128> {
    Some(decimal.parse().unwrap_or(i128::MAX))
}

/// The integer part; `None` of an infinity. Beyond the range of 128 bits it does not matter by how much.
fn truncated(number: &Number) -> Option<i128> {
    let value = number.to_f64();
    #[expect(clippy::cast_possible_truncation, reason = "cutting off is what is wanted, and the cast saturates")]
    value.is_finite().then_some(value as i128)
}

/// A finite double.
pub fn float() -> Float {
    Float { min: None, above: None }
}

/// See [`float`].
#[derive(Clone, Copy, Debug)]
pub struct Float {
    min: Option<f64>,
    above: Option<f64>,
}

impl Float {
    /// Not less than `min`.
    #[must_use]
    pub fn min(self, min: f64) -> Self {
        Self { min: Some(min), ..self }
    }

    /// Greater than `above`.
    #[must_use]
    pub fn above(self, above: f64) -> Self {
        Self { above: Some(above), ..self }
    }

    /// To be stored in four bytes: rounded, and refused when it overflows.
    #[must_use]
    pub fn single(self) -> Single {
        Single(self)
    }
}

impl FieldType for Float {
    type Value = f64;

    fn read(self, value: Json) -> Result<f64, Problem> {
        let value = match value {
            Json::Number(number) if number.is_integer() => {
                Some(number.to_f64()).filter(|value| value.is_finite()).ok_or(TOO_LARGE)?
            }
            Json::Number(number) => number.to_f64(),
            Json::String(text) => text.trim().parse().or(Err(NOT_NUMBER))?,
            _ => return Err(NOT_NUMBER.into()),
        };
        if !value.is_finite() {
            return Err(SPECIAL.into());
        }
        match (self.min, self.above) {
            (Some(min), _) if value < min => Err(format!("Must be greater than or equal to {min:?}.").into()),
            (_, Some(above)) if value <= above => Err(format!("Must be greater than {above:?}.").into()),
            _ => Ok(value),
        }
    }
}

/// See [`Float::single`].
#[derive(Clone, Copy, Debug)]
pub struct Single(Float);

impl FieldType for Single {
    type Value = f32;

    fn read(self, value: Json) -> Result<f32, Problem> {
        domain::tolerance::to_single(self.0.read(value)?).ok_or_else(|| TOO_LARGE.into())
    }
}
