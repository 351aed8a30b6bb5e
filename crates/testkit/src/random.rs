//! Names and passwords that nobody else has.

use rand::RngExt as _;

/// A fresh 64-bit number in hexadecimal digits.
#[expect(clippy::disallowed_methods, reason = "names of throw-away databases and passwords of private servers")]
pub(crate) fn token() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

/// A fresh 128-bit password.
pub(crate) fn password() -> String {
    token() + &token()
}
