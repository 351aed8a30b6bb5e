//! Names and passwords that nobody else has.

use rand::RngExt as _;
use uuid::{Builder, Uuid};

/// A fresh 64-bit number in hexadecimal digits.
#[expect(clippy::disallowed_methods, reason = "names of throw-away databases and passwords of private servers")]
pub(crate) fn token() -> String {
    format!("{:016x}", rand::rng().random::<u64>())
}

/// A fresh 128-bit password.
pub(crate) fn password() -> String {
    token() + &token()
}

/// A fresh UUID, which a wallet gives to a payment.
#[expect(clippy::disallowed_methods, reason = "the number of a payment between simulated wallets")]
pub(crate) fn uuid() -> Uuid {
    Builder::from_random_bytes(rand::rng().random()).into_uuid()
}
