//! From text to typed values, exactly as the peer implementation reads them (operations §1).

/// The text is not a legal value of its type.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Malformed;

/// Optional sign, decimal digits, surrounding blanks.
pub(super) fn int(text: &str) -> Result<i64, Malformed> {
    text.trim().parse().or(Err(Malformed))
}

/// Decimal or exponent notation, surrounding blanks; finite.
pub(super) fn float(text: &str) -> Result<f64, Malformed> {
    let text = text.trim();
    // `f64::from_str` also knows words: inf, infinity, nan.
    if !text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'+' | b'-' | b'e' | b'E')) {
        return Err(Malformed);
    }
    text.parse().ok().filter(|number: &f64| number.is_finite()).ok_or(Malformed)
}

/// False for four words, true for everything else, also for `0` and ` false`.
pub(super) fn boolean(text: &str) -> bool {
    !["false", "off", "no", ""].iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// A signed or unsigned 64-bit number; values above 2⁶³−1 become negative.
pub(super) fn id(text: &str) -> Result<i64, Malformed> {
    let text = text.trim();
    let (negative, unsigned) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let (digits, radix) = match unsigned.get(..2) {
        Some("0x" | "0X") => (&unsigned[2..], 16),
        Some("0o" | "0O") => (&unsigned[2..], 8),
        Some("0b" | "0B") => (&unsigned[2..], 2),
        _ => (unsigned, 10),
    };
    let leading_zero = radix == 10 && digits.len() > 1 && digits.starts_with('0');
    if leading_zero || !digits.chars().all(|c| c.is_digit(radix)) {
        return Err(Malformed);
    }
    let magnitude = u64::from_str_radix(digits, radix).or(Err(Malformed))?;
    if negative { 0_i64.checked_sub_unsigned(magnitude).ok_or(Malformed) } else { Ok(magnitude.cast_signed()) }
}

/// The one of `words` that `text` is.
pub(super) fn word(text: &str, words: &[&'static str]) -> Result<&'static str, Malformed> {
    words.iter().copied().find(|word| *word == text).ok_or(Malformed)
}

/// The one of `words` that `text` is, in any case.
pub(super) fn word_any_case(text: &str, words: &[&'static str]) -> Result<&'static str, Malformed> {
    words.iter().copied().find(|word| word.eq_ignore_ascii_case(text)).ok_or(Malformed)
}

/// One or more of `words`, separated by commas and blanks.
pub(super) fn words(text: &str, words: &[&'static str]) -> Result<Vec<&'static str>, Malformed> {
    text.split(',').map(|part| word(part.trim(), words)).collect()
}

/// 0 to 20 binary digits, each followed by a dot, and then `#` (smp §8).
pub(super) fn routing_key(text: &str) -> Result<&str, Malformed> {
    let digits = text.strip_suffix('#').ok_or(Malformed)?.as_bytes();
    let (pairs, rest) = digits.as_chunks::<2>();
    let well_formed = rest.is_empty() && pairs.len() <= 20 && pairs.iter().all(|pair| matches!(pair, b"0." | b"1."));
    if well_formed { Ok(text) } else { Err(Malformed) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ints() {
        for (text, value) in
            [("0", 0), ("+7", 7), ("-7", -7), (" 12\t", 12), ("007", 7), ("9223372036854775807", i64::MAX)]
        {
            assert_eq!(int(text), Ok(value), "{text:?}");
        }
        for text in ["", " ", "1.0", "1e3", "0x10", "1 2", "--1", "+", "1_000", "٣", "9223372036854775808", "one"] {
            assert_eq!(int(text), Err(Malformed), "{text:?}");
        }
    }

    #[test]
    fn floats() {
        for (text, value) in [
            ("2", 2.0),
            ("2.0", 2.0),
            ("-0.5", -0.5),
            ("+.5", 0.5),
            ("1.", 1.0),
            ("1e3", 1e3),
            ("25E-2", 0.25),
            (" 5 ", 5.0),
        ] {
            assert_eq!(float(text), Ok(value), "{text:?}");
        }
        for text in ["", " ", "nan", "inf", "-infinity", "1,5", "0x10", "1e", "e5", ".", "1e999", "1 2"] {
            assert_eq!(float(text), Err(Malformed), "{text:?}");
        }
    }

    #[test]
    fn booleans() {
        for text in ["false", "False", "FALSE", "off", "Off", "no", "NO", ""] {
            assert!(!boolean(text), "{text:?}");
        }
        for text in ["true", "yes", "on", "1", "0", "n", "f", " false", "false ", " ", "none"] {
            assert!(boolean(text), "{text:?}");
        }
    }

    #[test]
    fn ids() {
        for (text, value) in [
            ("0", 0),
            ("-0", 0),
            ("1", 1),
            ("-1", -1),
            (" 4294967296 ", 4_294_967_296),
            ("0x0000010100000000", 0x0101_0000_0000),
            ("0X1f", 31),
            ("-0x10", -16),
            ("0o17", 15),
            ("0b101", 5),
            ("9223372036854775807", i64::MAX),
            ("9223372036854775808", i64::MIN),
            ("-9223372036854775808", i64::MIN),
            ("18446744073709551615", -1),
            ("0xffffffffffffffff", -1),
        ] {
            assert_eq!(id(text), Ok(value), "{text:?}");
        }
        for text in [
            "",
            " ",
            "-",
            "01",
            "00",
            "-01",
            "+1",
            "0x",
            "0x+1",
            "0xg",
            "0o8",
            "0b2",
            "1.0",
            "1e3",
            "--1",
            "- 1",
            "ff",
            "18446744073709551616",
            "-9223372036854775809",
            "é0",
            "1_0",
        ] {
            assert_eq!(id(text), Err(Malformed), "{text:?}");
        }
    }

    #[test]
    fn words_are_exact_unless_said_otherwise() {
        assert_eq!(word("json", &["text", "json"]), Ok("json"));
        assert_eq!(word("JSON", &["text", "json"]), Err(Malformed));
        assert_eq!(word("", &["text", "json"]), Err(Malformed));
        assert_eq!(word_any_case("WARNing", &["warning"]), Ok("warning"));
        assert_eq!(word_any_case("warn", &["warning"]), Err(Malformed));
        assert_eq!(words("jwt, introspection", &["introspection", "jwt"]), Ok(vec!["jwt", "introspection"]));
        assert_eq!(words("jwt,", &["introspection", "jwt"]), Err(Malformed));
        assert_eq!(words("", &["introspection", "jwt"]), Err(Malformed));
    }

    #[test]
    fn routing_keys() {
        let twenty = format!("{}#", "1.".repeat(20));
        for key in ["#", "0.#", "1.#", "1.0.1.#", &twenty] {
            assert_eq!(routing_key(key), Ok(key));
        }
        let twenty_one = format!("{}#", "1.".repeat(21));
        for key in ["", "*", "0", "0.1", "2.#", "#.0", " #", "# ", "0.#\n", "01.#", "0#", ".#", &twenty_one] {
            assert_eq!(routing_key(key), Err(Malformed), "{key:?}");
        }
    }
}
