//! JSON that keeps the text of its numbers.

use std::{collections::BTreeMap, fmt};

use serde::{
    Deserialize, Deserializer,
    de::{MapAccess, Visitor},
};
use serde_json::value::RawValue;

/// A JSON value; numbers are what was written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Exact {
    Null,
    Bool(bool),
    Number(String),
    Text(String),
    Array(Vec<Exact>),
    Object(BTreeMap<String, Exact>),
}

impl Exact {
    /// Reads a value. Objects with repeated members are refused.
    pub(crate) fn parse(text: &str) -> Result<Self, String> {
        Self::read(text).map_err(|error| format!("{error}: {text}"))
    }

    fn read(text: &str) -> serde_json::Result<Self> {
        let raw: &RawValue = serde_json::from_str(text)?;
        let text = raw.get();
        Ok(match text.as_bytes()[0] {
            b'{' => Self::Object(serde_json::from_str::<Members>(text)?.0),
            b'[' => {
                let items: Vec<&RawValue> = serde_json::from_str(text)?;
                Self::Array(items.into_iter().map(|item| Self::read(item.get())).collect::<Result<_, _>>()?)
            }
            b'"' => Self::Text(serde_json::from_str(text)?),
            b'n' => Self::Null,
            b't' | b'f' => Self::Bool(text == "true"),
            _ => Self::Number(text.to_owned()),
        })
    }

    /// A member of an object.
    pub(crate) fn get(&self, name: &str) -> Option<&Self> {
        self.members().and_then(|members| members.get(name))
    }

    /// A member of an object, to be changed.
    pub(crate) fn get_mut(&mut self, name: &str) -> Option<&mut Self> {
        if let Self::Object(members) = self { members.get_mut(name) } else { None }
    }

    /// The members of an object.
    pub(crate) fn members(&self) -> Option<&BTreeMap<String, Self>> {
        if let Self::Object(members) = self { Some(members) } else { None }
    }

    /// The items of an array.
    pub(crate) fn items(&self) -> Option<&[Self]> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The items of an array, to be changed.
    pub(crate) fn items_mut(&mut self) -> Option<&mut Vec<Self>> {
        if let Self::Array(items) = self { Some(items) } else { None }
    }

    /// The text of a string.
    pub(crate) fn text(&self) -> Option<&str> {
        if let Self::Text(text) = self { Some(text) } else { None }
    }

    /// A number without a fraction and without an exponent.
    pub(crate) fn integer(&self) -> Option<i128> {
        if let Self::Number(text) = self { text.parse().ok() } else { None }
    }

    /// The member, which must be a string.
    pub(crate) fn text_of(&self, name: &str) -> &str {
        self.get(name).and_then(Self::text).unwrap_or_else(|| panic!("{name} is missing in {self}"))
    }

    /// Calls `visit` with this value and all that are in it.
    pub(crate) fn walk(&self, visit: &mut impl FnMut(&Self)) {
        visit(self);
        match self {
            Self::Array(items) => items.iter().for_each(|item| item.walk(visit)),
            Self::Object(members) => members.values().for_each(|member| member.walk(visit)),
            _ => {}
        }
    }
}

/// Compact JSON, where only what must be escaped is.
impl fmt::Display for Exact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Null => f.write_str("null"),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Number(text) => f.write_str(text),
            Self::Text(text) => f.write_str(&serde_json::to_string(text).or(Err(fmt::Error))?),
            Self::Array(items) => {
                f.write_str("[")?;
                for (index, item) in items.iter().enumerate() {
                    write!(f, "{}{item}", if index > 0 { "," } else { "" })?;
                }
                f.write_str("]")
            }
            Self::Object(members) => {
                f.write_str("{")?;
                for (index, (name, member)) in members.iter().enumerate() {
                    let name = serde_json::to_string(name).or(Err(fmt::Error))?;
                    write!(f, "{}{name}:{member}", if index > 0 { "," } else { "" })?;
                }
                f.write_str("}")
            }
        }
    }
}

struct Members(BTreeMap<String, Exact>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(MembersVisitor)
    }
}

struct MembersVisitor;

impl<'de> Visitor<'de> for MembersVisitor {
    type Value = Members;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Members, A::Error> {
        use serde::de::Error as _;
        let mut members = BTreeMap::new();
        while let Some((name, raw)) = access.next_entry::<String, &RawValue>()? {
            let value = Exact::read(raw.get()).map_err(A::Error::custom)?;
            if members.insert(name.clone(), value).is_some() {
                return Err(A::Error::custom(format!("{name} is repeated")));
            }
        }
        Ok(Members(members))
    }
}
