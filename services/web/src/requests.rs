//! What clients send, as plain values (webapi §12).

pub mod accounts;
pub mod admin;
pub mod creditors;
pub mod exchange;
pub mod identities;
pub mod knowledge;
pub mod transfers;

use domain::pin::Pin;

use crate::parse::{FieldType, Fields, Json, Problem, integer, text};

/// Update ids, and other numbers that begin with 1.
const POSITIVE: std::ops::RangeInclusive<i64> = 1..=i64::MAX;

/// Amounts, entry ids, and other numbers that begin with 0.
const NOT_NEGATIVE: std::ops::RangeInclusive<i64> = 0..=i64::MAX;

/// The id which an object is to get by an update.
fn latest_update_id(fields: &mut Fields) -> Option<i64> {
    fields.required("latestUpdateId", integer(POSITIVE))
}

/// A PIN.
struct PinField;

impl FieldType for PinField {
    type Value = Pin;

    fn read(self, value: Json) -> Result<Pin, Problem> {
        let digits = text().read(value)?;
        Pin::parse(digits).or(Err("String does not match expected pattern.".into()))
    }
}
