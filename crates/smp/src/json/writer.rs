//! Writes an object, member by member, to the byte (smp §5.1).

use std::fmt::{Display, LowerExp, Write as _};

use chrono::{NaiveDate, SecondsFormat};
use domain::{AccountKey, Timestamp};

use super::repr;

/// An object being written. Members stand in the order of the calls.
pub(crate) struct Object(String);

impl Object {
    /// An object whose first member is its `type`.
    pub(crate) fn of_type(message_type: &str) -> Self {
        let mut text = String::with_capacity(512);
        text.push_str(r#"{"type":"#);
        push_string(&mut text, message_type);
        Self(text)
    }

    /// `debtor_id`, then `creditor_id`.
    pub(crate) fn account(self, account: AccountKey) -> Self {
        self.int("debtor_id", account.debtor_id.get()).int("creditor_id", account.creditor_id.get())
    }

    /// An integer.
    pub(crate) fn int(self, name: &str, value: impl Into<i64>) -> Self {
        self.plain(name, value.into())
    }

    /// A floating-point number, with the digits its type needs.
    pub(crate) fn float<F: LowerExp>(self, name: &str, value: F) -> Self {
        self.plain(name, repr::shortest(value))
    }

    /// A string.
    pub(crate) fn text(mut self, name: &str, value: &str) -> Self {
        self.push_name(name);
        push_string(&mut self.0, value);
        self
    }

    /// A date.
    pub(crate) fn date(self, name: &str, value: NaiveDate) -> Self {
        self.plain(name, format_args!("\"{value}\""))
    }

    /// An instant: with six digits of a fraction, or with none if the microseconds are zero.
    pub(crate) fn instant(self, name: &str, value: Timestamp) -> Self {
        let precision = if value.timestamp_subsec_micros() == 0 { SecondsFormat::Secs } else { SecondsFormat::Micros };
        self.plain(name, format_args!("\"{}\"", value.to_rfc3339_opts(precision, false)))
    }

    /// What `write` adds for the value, or a `null`.
    pub(crate) fn optional<T>(self, name: &str, value: Option<T>, write: impl FnOnce(Self, &str, T) -> Self) -> Self {
        match value {
            Some(value) => write(self, name, value),
            None => self.plain(name, "null"),
        }
    }

    /// The finished document.
    pub(crate) fn finish(mut self) -> Vec<u8> {
        self.0.push('}');
        self.0.into_bytes()
    }

    fn plain(mut self, name: &str, value: impl Display) -> Self {
        self.push_name(name);
        push(&mut self.0, value);
        self
    }

    fn push_name(&mut self, name: &str) {
        self.0.push(',');
        push_string(&mut self.0, name);
        self.0.push(':');
    }
}

fn push(out: &mut String, value: impl Display) {
    // A `String` takes everything; the `Result` belongs to the trait.
    _ = write!(out, "{value}");
}

fn push_string(out: &mut String, text: &str) {
    out.push('"');
    for c in text.chars() {
        match c {
            '"' => out.push_str(r#"\""#),
            '\\' => out.push_str(r"\\"),
            '\u{8}' => out.push_str(r"\b"),
            '\u{c}' => out.push_str(r"\f"),
            '\n' => out.push_str(r"\n"),
            '\r' => out.push_str(r"\r"),
            '\t' => out.push_str(r"\t"),
            '\0'..='\u{1f}' => push(out, format_args!(r"\u{:04x}", u32::from(c))),
            _ => out.push(c),
        }
    }
    out.push('"');
}
