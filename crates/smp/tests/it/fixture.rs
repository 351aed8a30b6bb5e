//! Golden documents, and the same documents with one member changed.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use domain::incoming::Incoming;
use serde_json::value::RawValue;
use smp::incoming::{self, Decoded, Kind};
use smp::{BadMember, Reason, Rejection};

/// The bytes of a golden file, which ends with a line feed that is not part of the message.
pub(crate) fn golden(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden").join(path);
    let mut bytes = fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    assert_eq!(bytes.pop(), Some(b'\n'), "{} must end with a line feed", path.display());
    bytes
}

pub(crate) fn golden_incoming(kind: Kind) -> Vec<u8> {
    golden(&format!("in/{}.json", kind.name()))
}

/// The members of the golden document and their raw values.
pub(crate) fn members(kind: Kind) -> BTreeMap<String, Box<RawValue>> {
    serde_json::from_slice(&golden_incoming(kind)).unwrap()
}

/// The golden document with these members set to these raw values (well-formed or not).
pub(crate) fn with(kind: Kind, changes: &[(&str, &str)]) -> Vec<u8> {
    let mut members: BTreeMap<_, _> =
        members(kind).into_iter().map(|(name, value)| (name, value.get().to_owned())).collect();
    for (name, value) in changes {
        let old = members.insert((*name).to_owned(), (*value).to_owned());
        assert!(old.is_some(), "{} has no member {name}", kind.name());
    }
    object(members.iter().map(|(name, value)| (name.as_str(), value.as_str())))
}

/// The golden document without this member.
pub(crate) fn without(kind: Kind, name: &str) -> Vec<u8> {
    let members = members(kind);
    object(members.iter().filter(|(other, _)| *other != name).map(|(name, value)| (name.as_str(), value.get())))
}

fn object<'a>(members: impl Iterator<Item = (&'a str, &'a str)>) -> Vec<u8> {
    let members: Vec<String> = members.map(|(name, value)| format!("\"{name}\": {value}")).collect();
    format!("{{{}}}", members.join(", ")).into_bytes()
}

/// Decodes a body with the right properties.
pub(crate) fn decode(kind: Kind, body: &[u8]) -> Result<Decoded, Rejection> {
    incoming::decode(Some("application/json"), Some(kind.name()), body)
}

/// What the golden document says with these members changed.
pub(crate) fn message(kind: Kind, changes: &[(&str, &str)]) -> Incoming {
    decode(kind, &with(kind, changes)).unwrap_or_else(|error| panic!("{kind:?} {changes:?}: {error}")).message
}

/// Why the golden document is refused with these members changed.
pub(crate) fn refusal(kind: Kind, changes: &[(&str, &str)]) -> Rejection {
    match decode(kind, &with(kind, changes)) {
        Err(rejection) => rejection,
        Ok(decoded) => panic!("{kind:?} {changes:?} was accepted: {:?}", decoded.message),
    }
}

/// The rejection for one bad member.
pub(crate) fn bad(name: &'static str, reason: Reason) -> Rejection {
    Rejection::Schema(vec![BadMember { name, reason }])
}

/// A raw JSON string of this text, which needs no escapes.
pub(crate) fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
