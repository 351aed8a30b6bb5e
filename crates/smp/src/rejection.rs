//! Why a message goes to the dead letters.

use std::fmt;

/// The first of the checks 1–4 of smp §2 that a message fails.
///
/// The text is one line and contains nothing of the body: bodies are private, and may be long.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// The content type is absent or not exactly `application/json`.
    #[error("the content type is not application/json")]
    ContentType,
    /// The message type is absent or none of those expected.
    #[error("the message type is unknown")]
    UnknownType,
    /// The body is not UTF-8, or not one JSON document.
    #[error("the body is not a JSON document: {0}")]
    Syntax(String),
    /// The document is not what its type demands; lists everything that is wrong with it.
    #[error("the document does not fit its type: {}", Listed(.0))]
    Schema(Vec<BadMember>),
}

impl Rejection {
    /// A short word for metric labels.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::ContentType => "content_type",
            Self::UnknownType => "unknown_type",
            Self::Syntax(_) => "syntax",
            Self::Schema(_) => "schema",
        }
    }
}

/// A member of the document that is missing or wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BadMember {
    /// The member's name, or `document` if it is not an object at all.
    pub name: &'static str,
    /// What is wrong.
    pub reason: Reason,
}

/// What is wrong with a member.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Reason {
    /// There is no such member.
    #[error("is missing")]
    Missing,
    /// It is `null`.
    #[error("is null")]
    Null,
    /// Another JSON type, or text that does not read as this.
    #[error("is not {0}")]
    Not(&'static str),
    /// A number outside its limits.
    #[error("is out of range")]
    OutOfRange,
    /// A number too large for a double.
    #[error("is not finite")]
    NotFinite,
    /// A number a PostgreSQL `real` cannot hold.
    #[error("does not fit a single-precision float")]
    NotSingle,
    /// Text longer or shorter than allowed.
    #[error("has a wrong length")]
    Length,
    /// Text with characters from U+0080 up where there may be none.
    #[error("is not ASCII")]
    NotAscii,
    /// Text with U+0000, which PostgreSQL cannot store.
    #[error("contains U+0000")]
    Nul,
    /// Text with half a surrogate pair.
    #[error("contains an unpaired surrogate")]
    Surrogate,
    /// A combination with another member that has no meaning.
    #[error("contradicts {0}")]
    Contradicts(&'static str),
}

struct Listed<'a>(&'a [BadMember]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, bad) in self.0.iter().enumerate() {
            let separator = if index == 0 { "" } else { ", " };
            write!(f, "{separator}{} {}", bad.name, bad.reason)?;
        }
        Ok(())
    }
}
