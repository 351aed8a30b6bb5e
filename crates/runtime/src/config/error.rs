//! What is wrong with the environment.

use std::fmt;

use super::Variable;

/// At most so many characters of a wrong value are repeated.
const SHOWN_CHARACTERS: usize = 80;

/// The configuration cannot be used. Every problem is listed, so that one start shows them all.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// Some variables hold something that is not allowed.
    #[error("{}", join(.0))]
    Invalid(Vec<Problem>),
    /// The variables could not be collected.
    #[error("the environment variables could not be collected")]
    Unreadable(#[from] ::config::ConfigError),
}

impl ConfigError {
    /// The problems, one sentence each: one log line each.
    pub fn sentences(&self) -> Vec<String> {
        match self {
            Self::Invalid(problems) => problems.iter().map(Problem::to_string).collect(),
            Self::Unreadable(cause) => vec![format!("{self}: {cause}")],
        }
    }
}

fn join(problems: &[Problem]) -> String {
    problems.iter().map(Problem::to_string).collect::<Vec<_>>().join("; ")
}

/// One variable with a value that is not allowed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The variable's name.
    pub variable: &'static str,
    /// What it holds, quoted; `None` for secrets.
    pub held: Option<String>,
    /// What is allowed, as a phrase.
    pub allowed: String,
}

impl Problem {
    /// The variable holds `text`, which is not what its declaration allows.
    pub(super) fn of(variable: &Variable, text: &str) -> Self {
        Self::saying(variable, text, variable.kind.to_string())
    }

    /// The variable holds `text`, while `allowed` is allowed.
    pub(super) fn saying(variable: &Variable, text: &str, allowed: impl Into<String>) -> Self {
        let held = variable.kind.may_be_shown().then(|| quote(text));
        Self { variable: variable.name, held, allowed: allowed.into() }
    }
}

fn quote(text: &str) -> String {
    match text.char_indices().nth(SHOWN_CHARACTERS) {
        None => format!("{text:?}"),
        Some((end, _)) => format!("{:?}…", &text[..end]),
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.held {
            Some(held) => write!(f, "{} holds {held}; allowed: {}", self.variable, self.allowed),
            None => write!(f, "{} holds something that is not allowed; allowed: {}", self.variable, self.allowed),
        }
    }
}
