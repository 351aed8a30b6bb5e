//! Log lines.

use crate::config::reader::Reader;
use crate::config::variable::variables;
use crate::config::{Environment, Kind, parse};

const LEVELS: &[&str] = &["debug", "info", "warning", "error", "critical"];
const FORMATS: &[&str] = &["text", "json"];

variables! {
    Logging {
        LEVEL = "APP_LOG_LEVEL", Kind::WordAnyCase(LEVELS), ["warning"], "the least important lines that are written";
        FORMAT = "APP_LOG_FORMAT", Kind::Word(FORMATS), ["text"], "text, or json: one object per line";
    }
}

/// The least important log lines that are written (operations §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogLevel {
    /// Everything.
    Debug,
    /// What happens normally.
    Info,
    /// What should not happen often.
    #[default]
    Warning,
    /// What went wrong.
    Error,
    /// What cannot go on.
    Critical,
}

impl LogLevel {
    const ALL: [Self; 5] = [Self::Debug, Self::Info, Self::Warning, Self::Error, Self::Critical];

    /// The word for it, in lower case.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Debug => "debug",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
            Self::Critical => "critical",
        }
    }

    fn from_word(word: &str) -> Self {
        Self::ALL.into_iter().find(|level| level.as_str() == word).unwrap_or_default()
    }
}

/// How log lines look (operations §8).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LogFormat {
    /// For people.
    #[default]
    Text,
    /// One object per line.
    Json,
}

impl LogFormat {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Json => "json",
        }
    }

    fn from_word(word: &str) -> Self {
        if word == "json" { Self::Json } else { Self::Text }
    }
}

/// Log lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Logging {
    /// The least important lines that are written.
    pub level: LogLevel,
    /// How they look.
    pub format: LogFormat,
}

impl Logging {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        let level = reader.words(&LEVEL).first().map_or_else(LogLevel::default, |word| LogLevel::from_word(word));
        let format = reader.words(&FORMAT).first().map_or_else(LogFormat::default, |word| LogFormat::from_word(word));
        Self { level, format }
    }

    /// What to use before the configuration is known to be sound, for the lines that say what is wrong with it: a
    /// value that is not allowed counts as not set.
    pub fn lenient(environment: &Environment) -> Self {
        let level = environment.get(LEVEL.name).and_then(|text| parse::word_any_case(text, LEVELS).ok());
        let format = environment.get(FORMAT.name).and_then(|text| parse::word(text, FORMATS).ok());
        Self {
            level: level.map(LogLevel::from_word).unwrap_or_default(),
            format: format.map(LogFormat::from_word).unwrap_or_default(),
        }
    }
}
