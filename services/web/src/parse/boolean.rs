//! Truth values (webapi §5).

use super::{errors::Problem, fields::FieldType, json::Json};

const TRUE: [&str; 13] = ["t", "T", "true", "True", "TRUE", "on", "On", "ON", "y", "Y", "yes", "Yes", "YES"];
const FALSE: [&str; 13] = ["f", "F", "false", "False", "FALSE", "off", "Off", "OFF", "n", "N", "no", "No", "NO"];

/// A truth value, in one of many spellings.
pub fn boolean() -> Boolean {
    Boolean
}

/// See [`boolean`].
#[derive(Clone, Copy, Debug)]
pub struct Boolean;

impl FieldType for Boolean {
    type Value = bool;

    fn read(self, value: Json) -> Result<bool, Problem> {
        let value = match value {
            Json::Bool(value) => Some(value),
            Json::Number(number) => number_meaning(number.to_f64()),
            Json::String(text) => text_meaning(&text),
            _ => None,
        };
        value.ok_or_else(|| "Not a valid boolean.".into())
    }
}

#[expect(clippy::float_cmp, reason = "zero and one are exact")]
fn number_meaning(number: f64) -> Option<bool> {
    if number == 1.0 {
        Some(true)
    } else if number == 0.0 {
        Some(false)
    } else {
        None
    }
}

fn text_meaning(text: &str) -> Option<bool> {
    if text == "1" || TRUE.contains(&text) {
        Some(true)
    } else if text == "0" || FALSE.contains(&text) {
        Some(false)
    } else {
        None
    }
}
