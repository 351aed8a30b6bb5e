//! What the fields of a request may hold (webapi §5): one case per row of its tables.

use creditors_web::parse::{Errors, FieldType, Fields, Json, Object, boolean, datetime, float, integer, text, uuid};
use serde_json::{Value, json};

/// Reads a JSON text as a field; the error is what is shown under the field's name.
fn read<F: FieldType>(field: F, json: &str) -> Result<F::Value, Value> {
    let object = Object::from([("x".to_owned(), Json::parse(json).unwrap())]);
    let mut fields = Fields::strict(object);
    let value = fields.required("x", field);
    fields.finish(|| value).map_err(|errors| serde_json::to_value(errors).unwrap()["x"].clone())
}

fn assert_read<F, V>(field: impl Fn() -> F, cases: &[(&str, V)])
where
    F: FieldType,
    F::Value: PartialEq<V> + std::fmt::Debug,
    V: std::fmt::Debug,
{
    for (json, expected) in cases {
        match read(field(), json) {
            Ok(value) => assert!(value == *expected, "{json}: {value:?}, not {expected:?}"),
            Err(problem) => panic!("{json}: {problem}"),
        }
    }
}

fn assert_refused<F: FieldType>(field: impl Fn() -> F, message: &str, cases: &[&str]) {
    for json in cases {
        let problem = read(field(), json).err().unwrap_or_else(|| panic!("{json} is accepted"));
        assert_eq!(problem, json!([message]), "{json}");
    }
}

#[test]
fn any_field() {
    assert_refused(text, "Field may not be null.", &["null"]);
    assert_refused(|| integer(0..=1), "Field may not be null.", &["null"]);
    let mut fields = Fields::strict(Object::new());
    let (required, optional) = (fields.required("a", text()), fields.optional("b", text()));
    assert_eq!((required, optional), (None, Some(None)));
    let errors = fields.finish(|| Some(())).unwrap_err();
    assert_eq!(errors, Errors::field("a", "Missing data for required field."));
}

#[test]
fn unknown_fields() {
    let object = || match Json::parse(r#"{"a":1,"b":null,"c":"x"}"#) {
        Ok(Json::Object(object)) => object,
        other => panic!("{other:?}"),
    };
    let mut strict = Fields::strict(object());
    assert_eq!(strict.optional("c", text()), Some(Some("x".to_owned())));
    let errors = serde_json::to_value(strict.finish(|| Some(())).unwrap_err()).unwrap();
    assert_eq!(errors, json!({"a": ["Unknown field."], "b": ["Unknown field."]}));
    assert!(Fields::open(object()).finish(|| Some(())).is_ok());
}

#[test]
fn types_of_objects() {
    let typed = |json: &str| {
        let Ok(Json::Object(object)) = Json::parse(json) else { panic!("{json}") };
        let mut fields = Fields::strict(object);
        fields.object_type("Foo");
        fields.finish(|| Some(())).map_err(|errors| serde_json::to_value(errors).unwrap()["type"][0].clone())
    };
    assert_eq!(typed("{}"), Ok(()));
    assert_eq!(typed(r#"{"type":"Foo"}"#), Ok(()));
    assert_eq!(typed(r#"{"type":"foo"}"#), Err(json!("Invalid type.")));
    assert_eq!(typed(r#"{"type":"Foo\n"}"#), Err(json!("Invalid type.")));
    assert_eq!(typed(r#"{"type":1}"#), Err(json!("Not a valid string.")));
    assert_eq!(typed(r#"{"type":null}"#), Err(json!("Field may not be null.")));
}

#[test]
fn strings() {
    assert_read(text, &[(r#""""#, ""), (r#"" a ""#, " a "), (r#""ж""#, "ж")]);
    assert_refused(text, "Not a valid string.", &["1", "true", "[]", "{}", "1.5"]);
    assert!(read(text(), r#""a\u0000""#).is_err());
    assert_eq!(read(text().with_nul(), r#""a\u0000""#), Ok("a\0".to_owned()));
    let max = || text().max(3);
    assert_read(max, &[(r#""""#, ""), (r#""жжж""#, "жжж"), ("\"😀😀😀\"", "😀😀😀")]);
    assert_refused(max, "Longer than maximum length 3.", &[r#""abcd""#, "\"😀😀😀😀\""]);
    let length = || text().length(1, 40);
    assert_refused(length, "Length must be between 1 and 40.", &[r#""""#, &format!("\"{}\"", "x".repeat(41))]);
    let pattern = || text().pattern(|text| text == "a");
    assert_read(pattern, &[(r#""a""#, "a")]);
    assert_refused(pattern, "String does not match expected pattern.", &[r#""a\n""#, r#""""#]);
    let bytes = || text().max(3).max_bytes(4, "too many bytes");
    assert_read(bytes, &[(r#""жж""#, "жж")]);
    assert_refused(bytes, "too many bytes", &[r#""жжж""#]);
    assert_refused(bytes, "Longer than maximum length 3.", &[r#""жжжж""#]);
}

#[test]
fn integers() {
    let any = || integer(i64::MIN..=i64::MAX);
    let good = [
        ("5", 5),
        ("-5", -5),
        ("-0", 0),
        ("5.0", 5),
        ("5e0", 5),
        ("1e+0", 1),
        ("5.9", 5),
        ("-5.9", -5),
        ("-0.9", 0),
        ("1e18", 1_000_000_000_000_000_000),
        ("9223372036854775807", i64::MAX),
        ("-9223372036854775808", i64::MIN),
        ("-9223372036854775808.0", i64::MIN),
        ("1e-400", 0),
        (r#""5""#, 5),
        (r#""+5""#, 5),
        (r#""-5""#, -5),
        (r#""05""#, 5),
        (r#"" 5\n""#, 5),
        (r#""9223372036854775807""#, i64::MAX),
    ];
    assert_read(any, &good);
    let not_integers = [
        "true", "false", "[]", "{}", r#""""#, r#"" ""#, r#""5.0""#, r#""5e0""#, r#""0x5""#, r#""+""#, r#""- 5""#,
        r#""--5""#, r#""x""#, r#""NaN""#,
    ];
    assert_refused(any, "Not a valid integer.", &not_integers);
    assert_refused(any, "Number too large.", &["1e400", "-1e400"]);
    let message =
        "Must be greater than or equal to -9223372036854775808 and less than or equal to 9223372036854775807.";
    let nines = "9".repeat(1000);
    let out_of_range = [
        "9223372036854775808",
        "9223372036854775807.0",
        "-9223372036854775809",
        "1e19",
        "1e300",
        &nines,
        &format!("-{nines}"),
    ];
    assert_refused(any, message, &out_of_range);
    let message = "Must be greater than or equal to -20 and less than or equal to 20.";
    assert_read(|| integer(-20..=20), &[("20.9", 20), ("-20.9", -20)]);
    assert_refused(|| integer(-20..=20), message, &["21", "-21", "1e1000000000000000000", r#""21""#][..2]);
}

#[test]
fn floats() {
    let good = [
        ("5", 5.0),
        ("1e30", 1e30),
        ("-0.0", 0.0),
        ("1.5e+0", 1.5),
        (r#""5""#, 5.0),
        (r#"" 5 ""#, 5.0),
        (r#""1e30""#, 1e30),
        (r#""-.5""#, -0.5),
        ("12345678901234567890", 12_345_678_901_234_567_000.0),
        ("1e-400", 0.0),
    ];
    assert_read(float, &good);
    let not_numbers =
        ["true", "false", "[]", "{}", r#""""#, r#"" ""#, r#""0x5""#, r#""x""#, r#""1e""#, r#"".""#, r#""1,5""#];
    assert_refused(float, "Not a valid number.", &not_numbers);
    let special = "Special numeric values (nan or infinity) are not permitted.";
    assert_refused(float, special, &["1e400", "-1e400", r#""nan""#, r#""inf""#, r#""-Infinity""#, r#""1e400""#]);
    assert_refused(float, "Number too large.", &[&"9".repeat(310), &format!("-{}", "9".repeat(310))]);
    assert_read(|| float().min(0.0), &[("0", 0.0), ("-0.0", 0.0)]);
    assert_refused(|| float().min(0.0), "Must be greater than or equal to 0.0.", &["-1", "-1e-300", r#""-1""#]);
    assert_refused(|| float().above(0.0), "Must be greater than 0.0.", &["0", "-0.0", "-1"]);
    assert_read(|| float().above(0.0), &[("1e-300", 1e-300)]);
}

#[test]
fn four_byte_floats() {
    let single = || float().min(0.0).single();
    assert_read(single, &[("1.1", 1.1_f32), ("1e-300", 0.0), ("3.4028235e38", f32::MAX), ("100", 100.0)]);
    assert!(read(single(), "-0.0").unwrap().is_sign_positive());
    assert_refused(single, "Number too large.", &["3.5e38", "1e300"]);
    assert_refused(single, "Must be greater than or equal to 0.0.", &["-1.0"]);
}

#[test]
fn booleans() {
    for text in ["t", "T", "true", "True", "TRUE", "on", "On", "ON", "y", "Y", "yes", "Yes", "YES", "1"] {
        assert_eq!(read(boolean(), &format!("{text:?}")), Ok(true), "{text}");
    }
    for text in ["f", "F", "false", "False", "FALSE", "off", "Off", "OFF", "n", "N", "no", "No", "NO", "0"] {
        assert_eq!(read(boolean(), &format!("{text:?}")), Ok(false), "{text}");
    }
    let good =
        [("true", true), ("false", false), ("1", true), ("0", false), ("1.0", true), ("0e0", false), ("-0", false)];
    assert_read(boolean, &good);
    let bad = [
        "2",
        "-1",
        "0.5",
        "1e400",
        "[]",
        "{}",
        r#""""#,
        r#""tRue""#,
        r#"" true""#,
        r#""oN""#,
        r#""yEs""#,
        r#""1.0""#,
        r#""?""#,
    ];
    assert_refused(boolean, "Not a valid boolean.", &bad);
}

#[test]
fn datetimes() {
    let good = [
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
        ("2024-1-2 3:4Z", "2024-01-02T03:04:00Z"),
        ("2024-01-02T03:04:5Z", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05.678Z", "2024-01-02T03:04:05.678Z"),
        ("2024-01-02T03:04:05.000001Z", "2024-01-02T03:04:05.000001Z"),
        ("2024-01-02T03:04:05.123456999999Z", "2024-01-02T03:04:05.123456Z"),
        ("2024-01-02T03:04:05+02", "2024-01-02T01:04:05Z"),
        ("2024-01-02T03:04:05+0230", "2024-01-02T00:34:05Z"),
        ("2024-01-02T03:04:05-02:30", "2024-01-02T05:34:05Z"),
        ("2024-01-02T03:04:05-00:00", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05+23:59", "2024-01-01T03:05:05Z"),
        ("2024-02-29T23:59:59Z", "2024-02-29T23:59:59Z"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("9999-12-31T23:59:59+01:00", "9999-12-31T22:59:59Z"),
    ];
    for (text, instant) in good {
        assert_eq!(read(datetime(), &format!("{text:?}")), Ok(instant.parse().unwrap()), "{text}");
    }
    let out_of_range = ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00"];
    let malformed = [
        "",
        "2024-01-02",
        "2024-01-02T03",
        "2024-01-02t03:04:05Z",
        "2024-01-02T03:04:05z",
        "2024-01-02T03:04:05,5Z",
        "2024-01-02T03:04:05.Z",
        "2024-01-02T03:04:05.1234567890123Z",
        "2024-01-02T03:04.5Z",
        "2024-W01-2T03:04:05Z",
        "20240102T030405Z",
        "2024-01-02T24:00:00Z",
        "2024-01-02T03:60:00Z",
        "2024-01-02T03:04:60Z",
        "2024-02-30T03:04:05Z",
        "2023-02-29T03:04:05Z",
        "2024-13-01T03:04:05Z",
        "0000-01-01T00:00:00Z",
        "10000-01-01T00:00:00Z",
        "24-01-02T03:04:05Z",
        " 2024-01-02T03:04:05Z",
        "2024-01-02T03:04:05Z ",
        "2024-01-02T03:04:05Z\n",
        "2024-01-02  03:04:05Z",
        "2024-01-02T03:04:05+24:00",
        "2024-01-02T03:04:05+2",
        "2024-01-02T03:04:05+02:3",
        "2024-01-02T03:04:05+02:",
        "2024-01-02T03:04:05ZZ",
        "٢024-01-02T03:04:05Z",
        "2024-01-02T03:04:05 Z",
    ];
    for text in out_of_range.iter().chain(&malformed) {
        assert_refused(datetime, "Not a valid datetime.", &[&format!("{text:?}")]);
    }
    assert_refused(datetime, "Not a valid datetime.", &["1", "true", "[]"]);
    for text in malformed {
        assert_refused(|| datetime().verbatim(), "Not a valid datetime.", &[&format!("{text:?}")]);
    }
    for text in out_of_range {
        assert_eq!(read(datetime().verbatim(), &format!("{text:?}")), Ok(()), "{text}");
    }
}

#[test]
fn datetimes_without_an_offset() {
    let text = "\"2024-01-02T03:04:05\"";
    assert_refused(datetime, "Not a valid datetime.", &[text]);
    assert_eq!(read(datetime().or_utc(), text), Ok("2024-01-02T03:04:05Z".parse().unwrap()));
    assert_eq!(read(datetime().verbatim(), text), Ok(()));
}

#[test]
fn uuids() {
    let canonical = "123e4567-e89b-12d3-a456-426655440000";
    let good = [
        canonical,
        "123E4567-E89B-12D3-A456-426655440000",
        "123e4567e89b12d3a456426655440000",
        "{123e4567-e89b-12d3-a456-426655440000}",
        "{123e4567e89b12d3a456426655440000}",
        "urn:uuid:123e4567-e89b-12d3-a456-426655440000",
        "urn:uuid:123e4567e89b12d3a456426655440000",
    ];
    for text in good {
        assert_eq!(read(uuid(), &format!("{text:?}")).unwrap().to_string(), canonical, "{text}");
    }
    let bad = [
        "\"\"",
        "\"x\"",
        "1",
        "[]",
        "\" 123e4567-e89b-12d3-a456-426655440000\"",
        "\"123e4567-e89b-12d3-a456-426655440000\\n\"",
        "\"{123e4567-e89b-12d3-a456-426655440000\"",
        "\"123e4567-e89b-12d3-a456-42665544000\"",
        "\"123e4567-e89b-12d3-a456-42665544000g\"",
    ];
    assert_refused(uuid, "Not a valid UUID.", &bad);
}
