//! Does a value look as expected?

use std::sync::LazyLock;

use regex::Regex;

use super::{exact::Exact, names::Names};

/// Where the actual value differs from the expected one; all placeholders that can have values must have them.
pub(crate) fn differences(names: &Names, expected: &Exact, actual: &Exact) -> Vec<String> {
    let mut found = Vec::new();
    compare(names, expected, actual, "", &mut found);
    found
}

fn compare(names: &Names, expected: &Exact, actual: &Exact, path: &str, found: &mut Vec<String>) {
    match (expected, actual) {
        (Exact::Object(expected), Exact::Object(actual)) => {
            for (name, expected) in expected {
                match actual.get(name) {
                    Some(actual) => compare(names, expected, actual, &format!("{path}/{name}"), found),
                    None => found.push(format!("{path}/{name} is missing")),
                }
            }
            let more = actual.keys().filter(|name| !expected.contains_key(*name));
            found.extend(more.map(|name| format!("{path}/{name} is not expected")));
        }
        (Exact::Array(expected), Exact::Array(actual)) if expected.len() == actual.len() => {
            for (index, (expected, actual)) in expected.iter().zip(actual).enumerate() {
                compare(names, expected, actual, &format!("{path}/{index}"), found);
            }
        }
        (Exact::Text(text), actual) => {
            if let Err(expectation) = compare_text(names, text, actual) {
                found.push(format!("{path}: {actual}, not {expectation}"));
            }
        }
        (Exact::Number(expected), Exact::Number(actual)) if is_same_number(expected, actual) => {}
        (expected, actual) if expected == actual => {}
        (expected, actual) => found.push(format!("{path}: {actual}, not {expected}")),
    }
}

/// The error tells what is expected.
fn compare_text(names: &Names, expected: &str, actual: &Exact) -> Result<(), String> {
    let is_match = match expected {
        "<any>" => true,
        "<int>" => matches!(actual, Exact::Number(text) if is_integer(text)),
        "<ts>" => actual.text().is_some_and(is_timestamp),
        _ => match names.whole(expected) {
            Some(value) => {
                let value = value?;
                return if value == *actual { Ok(()) } else { Err(format!("{value} ({expected})")) };
            }
            None => actual.text() == Some(&names.fill_text(expected)?),
        },
    };
    if is_match { Ok(()) } else { Err(format!("{expected:?}")) }
}

/// Integers must be written as such; other numbers are compared by value.
fn is_same_number(expected: &str, actual: &str) -> bool {
    if is_integer(expected) { expected == actual } else { expected.parse::<f64>().ok() == actual.parse::<f64>().ok() }
}

fn is_integer(text: &str) -> bool {
    !text.contains(['.', 'e', 'E'])
}

fn is_timestamp(text: &str) -> bool {
    static PATTERN: LazyLock<Regex> =
        LazyLock::new(|| Regex::new(r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{6})?\+00:00$").unwrap());
    PATTERN.is_match(text)
}
