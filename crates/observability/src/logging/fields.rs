//! What an event or a span says.

use std::error::Error;
use std::fmt;

use serde_json::Value;
use tracing::field::{Field, Visit};

/// The fields of an event or a span, in the order in which they were given.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Fields {
    /// The sentence.
    pub(super) message: String,
    /// The field `exc_info`: several lines that tell where an error comes from.
    pub(super) trace: Option<String>,
    /// Everything else.
    pub(super) others: Vec<(&'static str, Value)>,
}

impl Fields {
    /// Fields with nothing but a message.
    pub(super) fn saying(message: impl Into<String>) -> Self {
        Self { message: message.into(), ..Self::default() }
    }

    /// Adds what surrounding spans say; what is said here stays.
    pub(super) fn extend(&mut self, outer: &Self) {
        for (name, value) in &outer.others {
            if self.others.iter().all(|(said, _)| said != name) {
                self.others.push((name, value.clone()));
            }
        }
    }

    fn set(&mut self, field: &Field, value: impl Into<Value>) {
        let (name, value) = (field.name(), value.into());
        match name {
            "message" => self.message = plain(value),
            "exc_info" => self.trace = Some(plain(value)),
            _ => {
                let name = name.strip_prefix("r#").unwrap_or(name);
                self.others.retain(|(said, _)| *said != name);
                self.others.push((name, value));
            }
        }
    }
}

fn plain(value: Value) -> String {
    match value {
        Value::String(text) => text,
        other => other.to_string(),
    }
}

impl Visit for Fields {
    fn record_f64(&mut self, field: &Field, value: f64) {
        self.set(field, value);
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        self.set(field, value);
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        self.set(field, value);
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        self.set(field, value);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        self.set(field, value);
    }

    fn record_error(&mut self, field: &Field, value: &(dyn Error + 'static)) {
        let causes = std::iter::successors(Some(value), |error| (*error).source());
        self.set(field, causes.map(ToString::to_string).collect::<Vec<_>>().join(": "));
    }

    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        self.set(field, format!("{value:?}"));
    }
}
