//! Every row of the tables of smp §4.

use domain::Timestamp;
use domain::incoming::Incoming;
use smp::Reason;
use smp::incoming::Kind;

use crate::fixture::{bad, message, quoted, refusal};
use crate::samples::{at, date};

fn instant(text: &str) -> Timestamp {
    match message(Kind::ConfigureAccount, &[("ts", &quoted(text))]) {
        Incoming::ConfigureAccount(m) => m.ts,
        other => panic!("{other:?}"),
    }
}

fn integer(raw: &str) -> i64 {
    match message(Kind::AccountTransfer, &[("principal", raw)]) {
        Incoming::AccountTransfer(m) => m.principal,
        other => panic!("{other:?}"),
    }
}

fn float(raw: &str) -> f64 {
    match message(Kind::AccountUpdate, &[("interest", raw)]) {
        Incoming::AccountUpdate(m) => m.interest,
        other => panic!("{other:?}"),
    }
}

#[test]
fn valid_date_times() {
    let cases = [
        ("2024-01-02T03:04:05+00:00", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05.1Z", "2024-01-02T03:04:05.100000Z"),
        ("2024-01-02T03:04:05.123456+00:00", "2024-01-02T03:04:05.123456Z"),
        ("2024-01-02T03:04:05.1234567Z", "2024-01-02T03:04:05.123456Z"),
        ("2024-01-02T03:04:05.123456789+00:00", "2024-01-02T03:04:05.123456Z"),
        ("2024-01-02T03:04:05.000000999999Z", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05.999999999999Z", "2024-01-02T03:04:05.999999Z"),
        ("2024-01-02 03:04:05", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04", "2024-01-02T03:04:00Z"),
        ("2024-01-02T03:04Z", "2024-01-02T03:04:00Z"),
        ("2024-1-2T3:4:5Z", "2024-01-02T03:04:05Z"),
        ("2024-01-02T03:04:05-23:59", "2024-01-03T03:03:05Z"),
        ("2024-01-02T03:04:05+23:59", "2024-01-01T03:05:05Z"),
        ("2024-01-02T03:04:05+0200", "2024-01-02T01:04:05Z"),
        ("2024-01-02T03:04:05+02", "2024-01-02T01:04:05Z"),
        ("2024-01-02T03:04:05-00:00", "2024-01-02T03:04:05Z"),
        ("2024-02-29T00:00:00Z", "2024-02-29T00:00:00Z"),
        ("9999-12-31T23:59:59+00:00", "9999-12-31T23:59:59Z"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ("0001-01-01T00:00:00+00:00", "0001-01-01T00:00:00Z"),
    ];
    for (text, expected) in cases {
        assert_eq!(instant(text), at(expected), "{text}");
    }
}

#[test]
fn invalid_date_times() {
    let texts = [
        "",
        "2024-01-02",
        "2024-01-02T03",
        "20240102T030405Z",
        "2024-01-02t03:04:05Z",
        "2024-01-02T03:04:05z",
        "2024-01-02T03:04:05+24:00",
        "2024-01-02T03:04:05-24:00",
        "2024-01-02T03:04:05+23:60",
        "2024-01-02T03:04:05+00:00:00",
        "2024-01-02T03:04:05+2",
        "2024-01-02T03:04:05+02:",
        "2024-01-02T03:04:05+02:3",
        "2024-01-02T03:04:05+02000",
        "2024-01-02T24:00:00Z",
        "2024-01-02T23:60:00Z",
        "2024-01-02T23:59:60Z",
        "2024-02-30T00:00:00Z",
        "2023-02-29T00:00:00Z",
        "2024-00-01T00:00:00Z",
        "2024-13-01T00:00:00Z",
        "2024-01-00T00:00:00Z",
        "0000-01-01T00:00:00Z",
        "12024-01-02T03:04:05Z",
        "+2024-01-02T03:04:05Z",
        "-2024-01-02T03:04:05Z",
        "024-01-02T03:04:05Z",
        "2024-001-02T03:04:05Z",
        "2024-01-02T003:04:05Z",
        "2024-01-02T03:04:05,1Z",
        "2024-01-02T03:04:05.Z",
        "2024-01-02T03:04.5Z",
        "2024-01-02T03:04:05.1234567890123Z",
        " 2024-01-02T03:04:05Z",
        "2024-01-02T03:04:05Z ",
        "2024-01-02  03:04:05Z",
        "2024-01-02T03:04:05 Z",
        "2024-01-02T03:04:05Z\\n",
        "2024-W01-2T03:04:05Z",
        "2024-002T03:04:05Z",
        "٢٠٢٤-01-02T03:04:05Z",
        "1704164645",
    ];
    let not_one = Reason::Not("a date-time in the years 1 to 9999");
    for text in texts {
        assert_eq!(refusal(Kind::ConfigureAccount, &[("ts", &quoted(text))]), bad("ts", not_one), "{text}");
    }
    for raw in ["1704164645", "1704164645.5", "true", "[]"] {
        assert_eq!(refusal(Kind::ConfigureAccount, &[("ts", raw)]), bad("ts", Reason::Not("a string")), "{raw}");
    }
}

#[test]
fn dates() {
    let cases = [
        ("2024-01-02", date(2024, 1, 2)),
        ("2024-1-2", date(2024, 1, 2)),
        ("2024-02-29", date(2024, 2, 29)),
        ("0001-01-01", date(1, 1, 1)),
        ("9999-12-31", date(9999, 12, 31)),
    ];
    for (text, expected) in cases {
        let Incoming::AccountPurge(purge) = message(Kind::AccountPurge, &[("creation_date", &quoted(text))]) else {
            panic!("another type")
        };
        assert_eq!(purge.creation_date, expected, "{text}");
    }
    let invalid = [
        "",
        "20240102",
        "2024-01-02T00:00",
        "2024-01-02 ",
        " 2024-01-02",
        "2024-01-02Z",
        "2024-01-02+00:00",
        "0000-01-01",
        "10000-01-01",
        "-001-01-01",
        "2024-02-30",
        "2024-13-01",
        "2024-01",
        "2024-001-02",
        "2024-W01-1",
        "2024/01/02",
    ];
    for text in invalid {
        let rejection = refusal(Kind::AccountPurge, &[("creation_date", &quoted(text))]);
        assert_eq!(rejection, bad("creation_date", Reason::Not("a date")), "{text}");
    }
    refusal(Kind::AccountPurge, &[("creation_date", "20240102")]);
}

#[test]
fn valid_integers() {
    let cases = [
        ("1", 1),
        ("-0", 0),
        ("1.0", 1),
        ("1.9", 1),
        ("-1.9", -1),
        ("1E2", 100),
        ("1e-400", 0),
        ("-0.5", 0),
        ("9007199254740993", 9_007_199_254_740_993),
        ("9007199254740993.0", 9_007_199_254_740_992),
        ("-9223372036854775808.0", i64::MIN),
        ("9223372036854774784.0", 9_223_372_036_854_774_784),
        ("\"1\"", 1),
        ("\"+1\"", 1),
        ("\"-1\"", -1),
        ("\" 1 \"", 1),
        ("\"1_000\"", 1000),
        ("\"\\u0031\"", 1),
    ];
    for (raw, expected) in cases {
        assert_eq!(integer(raw), expected, "{raw}");
    }
}

#[test]
fn invalid_integers() {
    let strings =
        ["1.0", "1e3", "0x10", "", " ", "+", "-", "+-1", "1 0", "_1", "1_", "1__0", "-_1", "+_1", "abc", "nan", "１"];
    for text in strings {
        let rejection = refusal(Kind::AccountTransfer, &[("principal", &quoted(text))]);
        assert_eq!(rejection, bad("principal", Reason::Not("an integer")), "{text}");
    }
    let reasons = [
        ("true", Reason::Not("an integer")),
        ("[1]", Reason::Not("an integer")),
        ("{}", Reason::Not("an integer")),
        ("null", Reason::Null),
        ("\"\\ud800\"", Reason::Not("an integer")),
        ("1e400", Reason::NotFinite),
        ("-1e400", Reason::NotFinite),
        ("9223372036854775808.0", Reason::OutOfRange),
        ("-9223372036854777856.0", Reason::OutOfRange),
        ("\"9223372036854775808\"", Reason::OutOfRange),
        (&"9".repeat(5000), Reason::OutOfRange),
    ];
    for (raw, reason) in reasons {
        assert_eq!(refusal(Kind::AccountTransfer, &[("principal", raw)]), bad("principal", reason), "{raw}");
    }
}

#[test]
#[expect(clippy::float_cmp, reason = "the very double is expected")]
fn valid_floats() {
    let cases = [
        ("1.5", 1.5),
        ("1", 1.0),
        ("-0", 0.0),
        ("1e-400", 0.0),
        ("12345678901234567890123", 12_345_678_901_234_567_890_123.0),
        ("1.7976931348623157e308", f64::MAX),
        ("\"1.5\"", 1.5),
        ("\" 1e5 \"", 1e5),
        ("\"-.5\"", -0.5),
        ("\"1_0.2_5\"", 10.25),
    ];
    for (raw, expected) in cases {
        assert_eq!(float(raw), expected, "{raw}");
    }
}

#[test]
fn invalid_floats() {
    let strings = ["nan", "NaN", "inf", "-inf", "Infinity", "abc", "", " ", "1.5.2", "1__0", "_1", "0x1p3", "1,5"];
    for text in strings {
        let rejection = refusal(Kind::AccountUpdate, &[("interest", &quoted(text))]);
        assert_eq!(rejection, bad("interest", Reason::Not("a number")), "{text}");
    }
    let reasons = [
        ("true", Reason::Not("a number")),
        ("[1.0]", Reason::Not("a number")),
        ("{}", Reason::Not("a number")),
        ("null", Reason::Null),
        ("1e400", Reason::NotFinite),
        ("-1e400", Reason::NotFinite),
        ("\"1e400\"", Reason::NotFinite),
    ];
    for (raw, reason) in reasons {
        assert_eq!(refusal(Kind::AccountUpdate, &[("interest", raw)]), bad("interest", reason), "{raw}");
    }
}

#[test]
fn only_strings_are_strings() {
    for raw in ["1", "1.5", "true", "[]", "{}"] {
        let rejection = refusal(Kind::ConfigureAccount, &[("config_data", raw)]);
        assert_eq!(rejection, bad("config_data", Reason::Not("a string")), "{raw}");
    }
    let escaped = r#""\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00""#;
    let Incoming::ConfigureAccount(bounced) = message(Kind::ConfigureAccount, &[("config_data", escaped)]) else {
        panic!("another type")
    };
    assert_eq!(bounced.config_data, "\"\\/\u{8}\u{c}\n\r\té😀");
}
