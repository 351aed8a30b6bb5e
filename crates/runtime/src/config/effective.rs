//! The values in force, for the operator's eyes.

use std::fmt;

use super::{Environment, Kind, SecretUrl, Section, Variable, catalogue};

/// A variable with the value in force.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Effective {
    /// The variable's name.
    pub name: &'static str,
    /// The part of the configuration it belongs to.
    pub section: Section,
    /// The value as text, secrets masked; `None` if there is neither a set value nor a default.
    pub value: Option<String>,
    /// Where it comes from.
    pub source: Source,
}

/// Where a value comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The environment.
    Set,
    /// The declaration.
    Default,
}

/// As `NAME=value (set)`.
impl fmt::Display for Effective {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let source = match self.source {
            Source::Set => "set",
            Source::Default => "default",
        };
        write!(f, "{}={} ({source})", self.name, self.value.as_deref().unwrap_or_default())
    }
}

pub(super) fn list(environment: &Environment) -> Vec<Effective> {
    catalogue().map(|variable| in_force(variable, environment)).collect()
}

fn in_force(variable: &Variable, environment: &Environment) -> Effective {
    let set = environment.get(variable.name);
    Effective {
        name: variable.name,
        section: variable.section,
        value: set.or(variable.default).map(|text| masked(variable.kind, text)),
        source: if set.is_some() { Source::Set } else { Source::Default },
    }
}

fn masked(kind: Kind, text: &str) -> String {
    match kind {
        _ if text.is_empty() => String::new(),
        Kind::Secret => "***".into(),
        Kind::Url => SecretUrl::new(text).to_string(),
        _ => text.into(),
    }
}
