//! Turning PINs into unreadable form.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::Pin;

/// `PIN_PROTECTION_SECRET`: without it nobody can tell which PIN belongs to an [`Hmac`]. It is never printed.
#[derive(Clone)]
pub struct Secret(hmac::Hmac<Sha256>);

impl Secret {
    /// The secret with the given text, which may be empty.
    #[expect(clippy::expect_used, clippy::missing_panics_doc, reason = "HMAC takes keys of any length")]
    pub fn new(text: &str) -> Self {
        Self(hmac::Hmac::new_from_slice(text.as_bytes()).expect("HMAC takes keys of any length"))
    }

    /// The unreadable form of a PIN.
    pub fn hmac(&self, pin: &Pin, salt: Option<&Salt>) -> Hmac {
        Hmac(self.digest(pin.digits(), salt.map_or("", Salt::as_str)))
    }

    pub(super) fn digest(&self, digits: &str, salt: &str) -> [u8; 32] {
        let mac = self.0.clone().chain_update(digits).chain_update(salt);
        mac.finalize().into_bytes().into()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A PIN in unreadable form: the HMAC-SHA256 of its digits followed by the salt. It is never printed.
#[derive(Clone)]
pub struct Hmac([u8; 32]);

impl Hmac {
    /// The form with the given bytes, as in the database.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }

    /// Its bytes, as in the database.
    pub const fn as_bytes(&self) -> &[u8; 32] {
        &self.0
    }

    /// Whether both are of the same PIN, secret and salt; how long it takes does not tell.
    pub fn matches(&self, other: &Self) -> bool {
        self.0.ct_eq(&other.0).into()
    }
}

impl fmt::Debug for Hmac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Hmac(..)")
    }
}

/// A text a PIN is mixed with, so that equal PINs do not look equal. It is never printed.
#[derive(Clone)]
pub struct Salt(String);

impl Salt {
    /// Makes a salt of random bytes.
    pub fn from_random(bytes: [u8; 6]) -> Self {
        Self(STANDARD.encode(bytes))
    }

    /// The salt with the given text, as in the database.
    pub const fn from_text(text: String) -> Self {
        Self(text)
    }

    /// Its text, as in the database.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Salt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Salt(..)")
    }
}
