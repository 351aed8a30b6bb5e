//! Strings (webapi §5).

use super::{errors::Problem, fields::FieldType, json::Json};

/// A string of any length, without U+0000, which no text column can hold.
pub fn text() -> Text {
    Text { length: None, max_bytes: None, pattern: None, nul: false }
}

/// See [`text`].
#[derive(Clone, Copy, Debug)]
pub struct Text {
    length: Option<(usize, usize)>,
    max_bytes: Option<(usize, &'static str)>,
    pattern: Option<fn(&str) -> bool>,
    nul: bool,
}

impl Text {
    /// At most `max` code points.
    #[must_use]
    pub fn max(self, max: usize) -> Self {
        self.length(0, max)
    }

    /// From `min` to `max` code points.
    #[must_use]
    pub fn length(self, min: usize, max: usize) -> Self {
        Self { length: Some((min, max)), ..self }
    }

    /// At most `max` bytes of UTF-8; `message` is the error. Checked after the other limits.
    #[must_use]
    pub fn max_bytes(self, max: usize, message: &'static str) -> Self {
        Self { max_bytes: Some((max, message)), ..self }
    }

    /// Only strings for which `pattern` holds.
    #[must_use]
    pub fn pattern(self, pattern: fn(&str) -> bool) -> Self {
        Self { pattern: Some(pattern), ..self }
    }

    /// U+0000 is fine: the string will not go into a text column.
    #[must_use]
    pub fn with_nul(self) -> Self {
        Self { nul: true, ..self }
    }
}

impl FieldType for Text {
    type Value = String;

    fn read(self, value: Json) -> Result<String, Problem> {
        let Json::String(value) = value else { return Err("Not a valid string.".into()) };
        if let Some((min, max)) = self.length
            && !(min..=max).contains(&value.chars().count())
        {
            return Err(length_message(min, max).into());
        }
        if self.pattern.is_some_and(|matches| !matches(&value)) {
            return Err("String does not match expected pattern.".into());
        }
        if !self.nul && value.contains('\0') {
            return Err("Null characters are not allowed.".into());
        }
        match self.max_bytes {
            Some((max, message)) if value.len() > max => Err(message.into()),
            _ => Ok(value),
        }
    }
}

fn length_message(min: usize, max: usize) -> String {
    if min == 0 {
        format!("Longer than maximum length {max}.")
    } else {
        format!("Length must be between {min} and {max}.")
    }
}
