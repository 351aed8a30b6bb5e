//! Turning PINs into unreadable form.

use std::fmt;

use base64::{Engine, engine::general_purpose::STANDARD};
use hmac::{KeyInit, Mac};
use sha2::Sha256;
use subtle::ConstantTimeEq;

use super::{Pin, PinInfo};

/// `PIN_PROTECTION_SECRET`: without it nobody can tell which PIN belongs to an [`Hmac`]. It is never printed.
#[derive(Clone)]
pub struct Secret {
    key: hmac::Hmac<Sha256>,
    /// `PIN_PROTECTION_SECRET_PREVIOUS`: PINs that were set under it are right too.
    previous: Option<hmac::Hmac<Sha256>>,
}

impl Secret {
    /// The secret with the given text, which may be empty.
    pub fn new(text: &str) -> Self {
        Self { key: key(text), previous: None }
    }

    /// The same, and another one that PINs may have been set under.
    #[must_use]
    pub fn replacing(self, previous: &str) -> Self {
        Self { previous: Some(key(previous)), ..self }
    }

    /// The unreadable form of a PIN.
    pub fn hmac(&self, pin: &Pin, salt: Option<&Salt>) -> Hmac {
        digest(&self.key, pin, salt)
    }

    /// The form of this PIN, if it is the one of the row, which may have the form under the previous secret. How long it
    /// takes does not tell.
    pub(super) fn recognize(&self, pin: &Pin, info: &PinInfo) -> Option<Hmac> {
        let stored = info.pin_hmac.as_ref()?;
        let form = |key| digest(key, pin, info.pin_salt.as_ref());
        let current = form(&self.key);
        let is_current = stored.0.ct_eq(&current.0);
        let is_previous = self.previous.as_ref().map_or(0.into(), |key| stored.0.ct_eq(&form(key).0));
        bool::from(is_current | is_previous).then_some(current)
    }
}

#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
fn key(text: &str) -> hmac::Hmac<Sha256> {
    hmac::Hmac::new_from_slice(text.as_bytes()).expect("HMAC takes keys of any length")
}

fn digest(key: &hmac::Hmac<Sha256>, pin: &Pin, salt: Option<&Salt>) -> Hmac {
    let mac = key.clone().chain_update(pin.digits()).chain_update(salt.map_or("", Salt::as_str));
    Hmac(mac.finalize().into_bytes().into())
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// A PIN in unreadable form: the HMAC-SHA256 of its digits followed by the salt. It is never printed.
///
/// It cannot be compared but by [`matches`](Self::matches), because how long `==` takes tells how much is alike. No clock is
/// needed to see that a PIN is not betrayed digit by digit:
///
/// * Of a PIN, only the number of digits is looked at. They go into HMAC-SHA256, whose time depends on that number alone,
///   and whose result for a PIN that begins rightly is no more like the stored one than for any other.
/// * Two results are compared by `ct_eq`, which looks at all bytes, whatever they are. With a previous secret, there are
///   always two results to compare, even if the first one is right.
/// * What follows a wrong PIN is the same for all of them: it is counted, and the answer does not tell how wrong it was.
///
/// ```
/// # use creditors_domain::pin::Hmac;
/// assert!(Hmac::new([1; 32]).matches(&Hmac::new([1; 32])));
/// ```
///
/// ```compile_fail,E0369
/// # use creditors_domain::pin::Hmac;
/// assert!(Hmac::new([1; 32]) == Hmac::new([1; 32]));
/// ```
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
