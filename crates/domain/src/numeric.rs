//! The few conversions between number types that lose something on purpose.

/// The double nearest to `value`.
#[expect(clippy::as_conversions, clippy::cast_precision_loss, reason = "rounding to the nearest double is the intent")]
pub(crate) const fn to_f64(value: i64) -> f64 {
    value as f64
}

/// The single-precision number nearest to `value`; infinite beyond their range.
#[expect(
    clippy::as_conversions,
    clippy::cast_possible_truncation,
    reason = "rounding to single precision is the intent"
)]
pub(crate) const fn to_f32(value: f64) -> f32 {
    value as f32
}

/// `value` rounded down and clamped to the range of `i64`; 0 for NaN.
#[expect(clippy::as_conversions, clippy::cast_possible_truncation, reason = "the cast saturates and maps NaN to 0")]
pub(crate) fn floor_to_i64(value: f64) -> i64 {
    value.floor() as i64
}

/// `value` clamped to the range of `i16`.
pub(crate) fn clamp_to_i16(value: i64) -> i16 {
    i16::try_from(value).unwrap_or(if value < 0 { i16::MIN } else { i16::MAX })
}

/// `value` clamped to the range of `i32`.
pub(crate) fn clamp_to_i32(value: i64) -> i32 {
    i32::try_from(value).unwrap_or(if value < 0 { i32::MIN } else { i32::MAX })
}
