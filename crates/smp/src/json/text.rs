//! Strings (smp §4.5).

use std::borrow::Cow;

use crate::Reason;

/// What a string may contain.
#[derive(Clone, Copy)]
pub(crate) struct Rule {
    max: Max,
    ascii: bool,
    may_be_empty: bool,
    stored: bool,
}

#[derive(Clone, Copy)]
enum Max {
    Chars(usize),
    Bytes(usize),
}

impl Rule {
    /// ASCII characters, control characters included, at most `max`.
    pub(crate) const fn ascii(max: usize) -> Self {
        Self { max: Max::Bytes(max), ascii: true, may_be_empty: true, stored: true }
    }

    /// Any characters, at most `max` of them.
    pub(crate) const fn chars(max: usize) -> Self {
        Self { max: Max::Chars(max), ascii: false, may_be_empty: true, stored: true }
    }

    /// Any characters, at most `max` bytes of them in UTF-8 (so also at most `max` characters).
    pub(crate) const fn bytes(max: usize) -> Self {
        Self { max: Max::Bytes(max), ascii: false, may_be_empty: true, stored: true }
    }

    /// At least one character.
    pub(crate) const fn not_empty(self) -> Self {
        Self { may_be_empty: false, ..self }
    }

    /// The string never reaches the database, so it may contain U+0000.
    pub(crate) const fn not_stored(self) -> Self {
        Self { stored: false, ..self }
    }

    pub(super) fn check(self, text: &str) -> Result<(), Reason> {
        let fits = match self.max {
            Max::Bytes(max) => text.len() <= max,
            Max::Chars(max) => text.len() <= max || text.chars().count() <= max,
        };
        if self.ascii && !text.is_ascii() {
            Err(Reason::NotAscii)
        } else if !fits || (text.is_empty() && !self.may_be_empty) {
            Err(Reason::Length)
        } else if self.stored && text.contains('\0') {
            Err(Reason::Nul)
        } else {
            Ok(())
        }
    }
}

/// The text of the JSON string whose well-formed raw text is `raw`.
pub(super) fn parse(raw: &str) -> Result<Cow<'_, str>, Reason> {
    let inner = raw.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).ok_or(not(raw, "a string"))?;
    if inner.contains('\\') {
        // The syntax has been checked, so nothing but a surrogate can be wrong.
        serde_json::from_str::<String>(raw).map(Cow::Owned).map_err(|_error| Reason::Surrogate)
    } else {
        Ok(Cow::Borrowed(inner))
    }
}

/// Why a raw value is not an `expected`, which it cannot be.
pub(super) fn not(raw: &str, expected: &'static str) -> Reason {
    if raw == "null" { Reason::Null } else { Reason::Not(expected) }
}

/// Whether the text is a transfer note format: `[0-9A-Za-z.-]{0,8}`.
pub(super) fn is_note_format(text: &str) -> bool {
    text.len() <= 8 && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-'))
}

/// The 32 bytes of a digest written as 64 hexadecimal digits, all in upper case or all in lower case.
pub(super) fn parse_sha256(text: &str) -> Option<[u8; 32]> {
    let mixed = text.bytes().any(|b| b.is_ascii_lowercase()) && text.bytes().any(|b| b.is_ascii_uppercase());
    if text.len() != 64 || mixed {
        return None;
    }
    let mut digest = [0; 32];
    for (byte, pair) in digest.iter_mut().zip(text.as_bytes().chunks_exact(2)) {
        *byte = pair.iter().try_fold(0, |value, digit| Some((value << 4) | hex_value(*digit)?))?;
    }
    Some(digest)
}

const fn hex_value(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
