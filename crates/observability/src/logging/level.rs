//! How important a line is.

use std::str::FromStr;

use tracing_subscriber::filter::{LevelFilter, Targets};

use super::LoggingError;

/// The least important lines that are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// Everything.
    Debug,
    /// What happens normally.
    Info,
    /// What should not happen often.
    Warning,
    /// What went wrong.
    Error,
    /// Panics.
    Critical,
}

impl FromStr for Level {
    type Err = LoggingError;

    fn from_str(word: &str) -> Result<Self, LoggingError> {
        match word {
            "debug" => Ok(Self::Debug),
            "info" => Ok(Self::Info),
            "warning" => Ok(Self::Warning),
            "error" => Ok(Self::Error),
            "critical" => Ok(Self::Critical),
            _ => Err(LoggingError::UnknownLevel(word.into())),
        }
    }
}

/// What is said to this target must not be lost: who has done what.
const AUDIT: &str = "creditors.audit";

impl Level {
    /// Lets our own events through from this level, and those of libraries from `WARNING`.
    pub(super) fn filter(self) -> Targets {
        let own = match self {
            Self::Debug => LevelFilter::TRACE,
            Self::Info => LevelFilter::INFO,
            Self::Warning => LevelFilter::WARN,
            Self::Error => LevelFilter::ERROR,
            Self::Critical => LevelFilter::OFF,
        };
        // All our targets begin so: `creditors_web::routes`, `creditors.web.access`.
        // What is broken about a request is the business of whoever sent it, and nothing an operator can mend.
        let broken_requests = if self == Self::Debug { LevelFilter::ERROR } else { LevelFilter::OFF };
        Targets::new()
            .with_target("creditors", own)
            .with_target("actix_http", broken_requests)
            .with_target(AUDIT, LevelFilter::INFO)
            .with_default(LevelFilter::WARN)
    }
}

/// The word for it in a line.
pub(super) fn word(level: tracing::Level) -> &'static str {
    match level {
        tracing::Level::ERROR => "ERROR",
        tracing::Level::WARN => "WARNING",
        tracing::Level::INFO => "INFO",
        tracing::Level::DEBUG | tracing::Level::TRACE => "DEBUG",
    }
}
