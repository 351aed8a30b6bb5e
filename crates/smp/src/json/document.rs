//! Splits a document into its members, checking its syntax on the way; values stay raw until they are asked for.

use std::borrow::Cow;
use std::fmt;

use serde::Deserializer as _;
use serde::de::{IgnoredAny, MapAccess, Visitor};
use serde_json::value::RawValue;

use super::text;
use crate::{BadMember, Reason, Rejection};

/// The members of a JSON object in the order of the document, duplicates included.
pub(super) struct Document<'a>(Vec<(Cow<'a, str>, &'a str)>);

impl<'a> Document<'a> {
    pub(super) fn parse(body: &'a [u8]) -> Result<Self, Rejection> {
        let body = std::str::from_utf8(body).map_err(|error| Rejection::Syntax(error.to_string()))?;
        if !body.trim_start_matches([' ', '\t', '\n', '\r']).starts_with('{') {
            return Err(not_an_object(body));
        }
        let mut deserializer = serde_json::Deserializer::from_str(body);
        let members = deserializer.deserialize_map(Members).and_then(|members| {
            deserializer.end()?;
            Ok(members)
        });
        Ok(Self(members.map_err(|error| syntax(&error))?))
    }

    /// The raw text of the member, the last one if there are several.
    pub(super) fn get(&self, name: &str) -> Option<&'a str> {
        self.0.iter().rfind(|(member, _)| member == name).map(|(_, value)| *value)
    }
}

/// `[]` or `1` passes check 3 of smp §2 and fails check 4; `[` fails check 3.
fn not_an_object(body: &str) -> Rejection {
    match serde_json::from_str::<IgnoredAny>(body) {
        Ok(_) => Rejection::Schema(vec![BadMember { name: "document", reason: Reason::Not("an object") }]),
        Err(error) => syntax(&error),
    }
}

fn syntax(error: &serde_json::Error) -> Rejection {
    Rejection::Syntax(error.to_string())
}

struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(Cow<'de, str>, &'de str)>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::with_capacity(32);
        while let Some((name, value)) = map.next_entry::<&RawValue, &RawValue>()? {
            // A name that is not text cannot be one we look for.
            if let Ok(name) = text::parse(name.get()) {
                members.push((name, value.get()));
            }
        }
        Ok(members)
    }
}
