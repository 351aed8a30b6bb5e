//! UUIDs (webapi §5).

use uuid::Uuid;

use super::{errors::Problem, fields::FieldType, json::Json};

/// A UUID in one of the usual spellings.
pub fn uuid() -> UuidField {
    UuidField
}

/// See [`uuid()`].
#[derive(Clone, Copy, Debug)]
pub struct UuidField;

impl FieldType for UuidField {
    type Value = Uuid;

    fn read(self, value: Json) -> Result<Uuid, Problem> {
        match value {
            Json::String(text) => parse(&text),
            _ => None,
        }
        .ok_or_else(|| "Not a valid UUID.".into())
    }
}

fn parse(text: &str) -> Option<Uuid> {
    let digits = text
        .strip_prefix("urn:uuid:")
        .or_else(|| text.strip_prefix('{').and_then(|rest| rest.strip_suffix('}')))
        .unwrap_or(text);
    // The two lengths without any decoration.
    matches!(digits.len(), 32 | 36).then(|| Uuid::try_parse(digits).ok())?
}
