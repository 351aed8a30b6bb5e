//! JSON values that keep numbers exact (webapi §4).

use std::{borrow::Cow, collections::BTreeMap};

use serde::{Serialize, Serializer, ser::Error as _};
use serde_json::value::RawValue;

/// Objects and arrays may be nested that deeply.
const MAX_DEPTH: usize = 128;

/// A JSON object. Of duplicate keys the last one counts; the order of keys is lost.
pub type Object = BTreeMap<String, Json>;

/// A JSON value.
#[derive(Clone, Debug)]
pub enum Json {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number.
    Number(Number),
    /// A string.
    String(String),
    /// An array.
    Array(Vec<Json>),
    /// An object.
    Object(Object),
}

/// A number as it was written, so that integers of any size survive.
#[derive(Clone, Debug)]
pub struct Number(String);

/// The text is not JSON, or is nested too deeply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a JSON text")]
pub struct Invalid;

impl Json {
    /// Reads a JSON text.
    pub fn parse(text: &str) -> Result<Self, Invalid> {
        read(serde_json::from_str(text).or(Err(Invalid))?, 0)
    }

    /// The compact text: no spaces, nothing escaped that needs not be. `None` if a number exceeds the range of a double.
    pub fn to_compact_text(&self) -> Option<String> {
        serde_json::to_string(self).ok()
    }

    /// All numbers are within the range of a double, or integers.
    pub fn is_finite(&self) -> bool {
        match self {
            Self::Number(number) => number.is_integer() || number.to_f64().is_finite(),
            Self::Array(items) => items.iter().all(Self::is_finite),
            Self::Object(object) => object.values().all(Self::is_finite),
            Self::Null | Self::Bool(_) | Self::String(_) => true,
        }
    }
}

/// Values are equal irrespective of the order of keys and of how a number is written.
impl PartialEq for Json {
    fn eq(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::Null, Self::Null) => true,
            (Self::Bool(a), Self::Bool(b)) => a == b,
            (Self::Number(a), Self::Number(b)) => a == b,
            (Self::String(a), Self::String(b)) => a == b,
            (Self::Array(a), Self::Array(b)) => a == b,
            (Self::Object(a), Self::Object(b)) => a == b,
            _ => false,
        }
    }
}

impl Number {
    /// The number is written without a fraction and without an exponent.
    pub fn is_integer(&self) -> bool {
        !self.0.contains(['.', 'e', 'E'])
    }

    /// The number as it was written.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// The nearest double; an infinity, if there is none.
    pub fn to_f64(&self) -> f64 {
        // What JSON takes for a number, Rust takes as well.
        self.0.parse().unwrap_or(f64::NAN)
    }

    /// The integer, without the sign of a zero; `None` for numbers with a fraction or an exponent.
    fn integer_text(&self) -> Option<&str> {
        self.is_integer().then(|| if self.0 == "-0" { "0" } else { self.0.as_str() })
    }

    /// The number's exact value, if it is an integer below 2¹²⁷.
    fn to_i128(&self) -> Option<i128> {
        if self.is_integer() {
            return self.0.parse().ok();
        }
        let value = self.to_f64();
        #[expect(clippy::cast_possible_truncation, reason = "the value is an integer within the range")]
        (value.fract() == 0.0 && value.abs() < 1e38).then_some(value as i128)
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        match (self.to_i128(), other.to_i128()) {
            (Some(a), Some(b)) => a == b,
            (None, None) => match (self.integer_text(), other.integer_text()) {
                (Some(a), Some(b)) => a == b,
                _ => self.to_f64() == other.to_f64(),
            },
            _ => false,
        }
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Number(number) => number.serialize(serializer),
            Self::String(text) => serializer.serialize_str(text),
            Self::Array(items) => items.serialize(serializer),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

/// Integers are written digit by digit, all others as the shortest text of the nearest double.
impl Serialize for Number {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.integer_text() {
            Some(text) => RawValue::from_string(text.to_owned()).map_err(S::Error::custom)?.serialize(serializer),
            None if self.to_f64().is_finite() => serializer.serialize_f64(self.to_f64()),
            None => Err(S::Error::custom("the number is too large")),
        }
    }
}

/// The parser has checked the syntax of the whole value already; what remains are the escapes in strings.
fn read(raw: &RawValue, depth: usize) -> Result<Json, Invalid> {
    let text = raw.get();
    Ok(match text.as_bytes() {
        b"null" => Json::Null,
        b"true" => Json::Bool(true),
        b"false" => Json::Bool(false),
        [b'"', ..] => Json::String(string(text)?),
        [b'[', ..] => {
            let items: Vec<&RawValue> = parts(text, depth)?;
            Json::Array(items.into_iter().map(|item| read(item, depth + 1)).collect::<Result<_, _>>()?)
        }
        [b'{', ..] => {
            let members: BTreeMap<Cow<'_, str>, &RawValue> = parts(text, depth)?;
            let member = |(name, value): (Cow<'_, str>, _)| Ok((name.into_owned(), read(value, depth + 1)?));
            Json::Object(members.into_iter().map(member).collect::<Result<_, _>>()?)
        }
        _ => Json::Number(Number(text.to_owned())),
    })
}

fn parts<'a, T: serde::Deserialize<'a>>(text: &'a str, depth: usize) -> Result<T, Invalid> {
    if depth < MAX_DEPTH { serde_json::from_str(text).or(Err(Invalid)) } else { Err(Invalid) }
}

fn string(text: &str) -> Result<String, Invalid> {
    serde_json::from_str(text).or(Err(Invalid))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn compact(text: &str) -> String {
        Json::parse(text).unwrap().to_compact_text().unwrap()
    }

    #[test]
    fn numbers_survive() {
        let cases = [
            ("1", "1"),
            ("-0", "0"),
            ("1.0", "1.0"),
            ("1e+0", "1.0"),
            ("-1.5E-3", "-0.0015"),
            ("123456789012345678901234567890", "123456789012345678901234567890"),
            ("9223372036854775807", "9223372036854775807"),
            ("1e30", "1e+30"),
        ];
        for (text, expected) in cases {
            let actual = compact(text);
            assert_eq!(actual.replace("e+", "e"), expected.replace("e+", "e"), "{text}");
        }
        let long = format!("[{}]", "9".repeat(5000));
        assert_eq!(compact(&long), long);
    }

    #[test]
    fn everything_else_survives() {
        let cases = [
            (r#" { "b" : [ null , true , false ] , "a" : { } } "#, r#"{"a":{},"b":[null,true,false]}"#),
            (r#"{"a":1,"a":2}"#, r#"{"a":2}"#),
            (r#""ж\u0436\/\n\u0000""#, r#""жж/\n\u0000""#),
            (r#""\ud83d\ude00""#, "\"😀\""),
            (r#"{"\u0061":1}"#, r#"{"a":1}"#),
        ];
        for (text, expected) in cases {
            assert_eq!(compact(text), expected, "{text}");
        }
    }

    #[test]
    fn what_is_not_json() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(Json::parse(&nested(MAX_DEPTH)).is_ok());
        let too_deep = nested(MAX_DEPTH + 1);
        let much_too_deep = nested(10_000);
        let bad = [
            "",
            " ",
            "{",
            "{\"a\":1,}",
            "[1,]",
            "{} x",
            "{'a':1}",
            "\"a\tb\"",
            "\"\\ud800\"",
            "{\"\\ud800\":1}",
            "[\"\\udc00\"]",
            "\u{feff}{}",
            "NaN",
            "Infinity",
            "-Infinity",
            "01",
            "1.",
            ".5",
            "+1",
            "1e",
            "tru",
            "nul",
            "\"\\x\"",
            &too_deep,
            &much_too_deep,
        ];
        for text in bad {
            assert_eq!(Json::parse(text).err(), Some(Invalid), "{text:.40}");
        }
    }

    #[test]
    fn equality_is_by_value() {
        let same = |a: &str, b: &str| Json::parse(a).unwrap() == Json::parse(b).unwrap();
        let equal = [
            ("1", "1.0"),
            ("1e2", "100"),
            ("0", "-0.0"),
            ("1e400", "2e400"),
            (r#"{"a":1,"b":[2]}"#, r#"{"b":[2.0],"a":1}"#),
            (r#""ж""#, r#""\u0436""#),
        ];
        for (a, b) in equal {
            assert!(same(a, b), "{a} {b}");
        }
        let different = [
            ("1", "2"),
            ("1", "true"),
            ("0", "false"),
            ("1", "\"1\""),
            ("null", "0"),
            ("[1,2]", "[2,1]"),
            ("9007199254740993", "9007199254740992.0"),
            ("123456789012345678901234567890123456789012", "123456789012345678901234567890123456789013"),
            (r#"{"a":1}"#, r#"{"a":1,"b":null}"#),
        ];
        for (a, b) in different {
            assert!(!same(a, b), "{a} {b}");
        }
    }

    #[test]
    fn numbers_beyond_doubles_are_noticed() {
        for (text, finite) in [("1e400", false), ("[{\"a\":-1e400}]", false), ("[1e308]", true)] {
            assert_eq!(Json::parse(text).unwrap().is_finite(), finite, "{text}");
        }
        assert!(Json::parse(&"9".repeat(400)).unwrap().is_finite());
        assert_eq!(Json::parse("1e400").unwrap().to_compact_text(), None);
    }
}
