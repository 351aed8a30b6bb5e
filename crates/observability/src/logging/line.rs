//! What a line looks like.

use std::fmt::Write;
use std::str::FromStr;

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::LoggingError;
use super::fields::Fields;

/// The members that come first in a JSON line and may not be repeated by fields.
const RESERVED: [&str; 5] = ["asctime", "levelname", "name", "message", "exc_info"];

/// How lines look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `2026-11-23 17:56:04+0000:INFO:creditors.web:Message. key=value`
    Text,
    /// `{"asctime":"2026-11-23T17:56:46+0000","levelname":"INFO","name":"creditors.web","message":"Message.","key":"value"}`
    Json,
}

impl FromStr for Format {
    type Err = LoggingError;

    fn from_str(word: &str) -> Result<Self, LoggingError> {
        match word {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err(LoggingError::UnknownFormat(word.into())),
        }
    }
}

/// One line, before it is given its format.
pub(super) struct Line<'a> {
    /// `DEBUG`, `INFO`, `WARNING`, `ERROR` or `CRITICAL`.
    pub(super) level: &'static str,
    /// A target or module path: `creditors_web::routes`.
    pub(super) target: &'a str,
    /// The message, the trace and everything else.
    pub(super) fields: &'a Fields,
}

impl Line<'_> {
    /// The line with its line feed.
    pub(super) fn render(&self, format: Format, now: DateTime<Utc>) -> String {
        match format {
            Format::Text => self.text(now),
            Format::Json => self.json(now),
        }
    }

    fn text(&self, now: DateTime<Utc>) -> String {
        let time = now.format("%Y-%m-%d %H:%M:%S%z");
        let mut line = format!("{time}:{}:{}:", self.level, logger(self.target));
        push_escaped(&mut line, &self.fields.message);
        for (name, value) in &self.fields.others {
            let _ = write!(line, " {name}=");
            push_value(&mut line, value);
        }
        line.push('\n');
        if let Some(trace) = &self.fields.trace {
            line.push_str(trace.trim_end());
            line.push('\n');
        }
        line
    }

    fn json(&self, now: DateTime<Utc>) -> String {
        let mut line = String::from("{");
        push_member(&mut line, "asctime", &now.format("%Y-%m-%dT%H:%M:%S%z").to_string().into());
        push_member(&mut line, "levelname", &self.level.into());
        push_member(&mut line, "name", &logger(self.target).into());
        push_member(&mut line, "message", &self.fields.message.as_str().into());
        if let Some(trace) = &self.fields.trace {
            push_member(&mut line, "exc_info", &trace.as_str().into());
        }
        for (name, value) in &self.fields.others {
            if RESERVED.contains(name) {
                push_member(&mut line, &format!("{name}_"), value);
            } else {
                push_member(&mut line, name, value);
            }
        }
        line.push_str("}\n");
        line
    }
}

/// The dotted name of whoever speaks: `creditors_web::routes` is `creditors.web.routes`.
fn logger(target: &str) -> String {
    let dotted = target.replace("::", ".");
    match dotted.strip_prefix("creditors_") {
        Some(rest) => format!("creditors.{rest}"),
        None => dotted,
    }
}

/// One event is one line, whatever is in it.
fn push_escaped(line: &mut String, text: &str) {
    for character in text.chars() {
        match character {
            '\n' => line.push_str("\\n"),
            '\r' => line.push_str("\\r"),
            _ => line.push(character),
        }
    }
}

/// A plain word as it is, everything else as in JSON.
fn push_value(line: &mut String, value: &Value) {
    let plain = |text: &&str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_graphic() && !b"\"=\\".contains(&b));
    if let Some(word) = value.as_str().filter(plain) {
        line.push_str(word);
    } else {
        let _ = write!(line, "{value}");
    }
}

fn push_member(line: &mut String, name: &str, value: &Value) {
    let separator = if line.len() > 1 { "," } else { "" };
    let _ = write!(line, "{separator}{}:{value}", Value::from(name));
}
