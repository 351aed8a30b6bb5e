//! How many wrong PINs are too many.
//!
//! Longer PINs are harder to guess, so more failures are tolerated.

use crate::numeric;

/// Consecutive failures that block a PIN of the given length: ⌊1.5·n − 3⌋.
pub const fn max_consecutive_failures(pin_length: i16) -> i16 {
    pin_length.saturating_mul(3).saturating_sub(6).div_euclid(2)
}

/// Accumulated failures that block a PIN of the given length: ⌊e^(1.1513·(n − 2))⌋.
pub fn max_accumulated_failures(pin_length: i16) -> i16 {
    numeric::clamp_to_i16(numeric::floor_to_i64((1.1513 * (f64::from(pin_length) - 2.0)).exp()))
}
