//! `swpt:` URIs, which identify debtors and accounts outside the agent (webapi §8.1).
//!
//! What the peer accepts by accident, digits of other scripts and a trailing newline, is not recognized here. Neither
//! is an account id with a NUL character: no database column could hold it.

use base64::{Engine, engine::general_purpose::URL_SAFE};
use thiserror::Error;

use crate::DebtorId;

const MAX_DEBTOR_DIGITS: usize = 20;
const MAX_ACCOUNT_ID_CHARS: usize = 100;

/// The text is not a `swpt:` URI of the expected kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("the URI can not be recognized")]
pub struct Unrecognized;

/// Reads the URI of a debtor.
pub fn parse_debtor(uri: &str) -> Result<DebtorId, Unrecognized> {
    uri.strip_prefix("swpt:").ok_or(Unrecognized).and_then(parse_debtor_id)
}

/// Reads the URI of an account: its debtor, and its account id in clear text.
pub fn parse_account(uri: &str) -> Result<(DebtorId, String), Unrecognized> {
    let (debtor, account) = uri.split_once('/').ok_or(Unrecognized)?;
    let debtor_id = parse_debtor(debtor)?;
    let account_id = match account.strip_prefix('!') {
        Some(encoded) => decode(encoded)?,
        None if is_plain(account) => account.to_owned(),
        None => return Err(Unrecognized),
    };
    Ok((debtor_id, account_id))
}

/// Writes the URI of a debtor.
pub fn format_debtor(debtor_id: DebtorId) -> String {
    format!("swpt:{}", debtor_id.unsigned())
}

/// Writes the URI of an account; `None` for account ids that no URI can express: empty, long or not ASCII.
pub fn format_account(debtor_id: DebtorId, account_id: &str) -> Option<String> {
    let debtor = format_debtor(debtor_id);
    if is_plain(account_id) {
        Some(format!("{debtor}/{account_id}"))
    } else if is_encodable(account_id) {
        Some(format!("{debtor}/!{}", URL_SAFE.encode(account_id)))
    } else {
        None
    }
}

fn parse_debtor_id(digits: &str) -> Result<DebtorId, Unrecognized> {
    // `u64::from_str` would also take a leading plus sign.
    if digits.len() > MAX_DEBTOR_DIGITS || !digits.bytes().all(|c| c.is_ascii_digit()) {
        return Err(Unrecognized);
    }
    digits.parse().map(DebtorId::from_unsigned).or(Err(Unrecognized))
}

/// The engine refuses missing padding and non-zero spare bits, so that an account has exactly one such URI.
fn decode(encoded: &str) -> Result<String, Unrecognized> {
    let bytes = URL_SAFE.decode(encoded).or(Err(Unrecognized))?;
    String::from_utf8(bytes).ok().filter(|text| is_encodable(text)).ok_or(Unrecognized)
}

/// Whether the account id can stand in a URI as it is.
fn is_plain(account_id: &str) -> bool {
    has_right_length(account_id)
        && account_id.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'_' | b'=' | b'-'))
}

fn is_encodable(account_id: &str) -> bool {
    has_right_length(account_id) && account_id.bytes().all(|c| c.is_ascii() && c != 0)
}

fn has_right_length(account_id: &str) -> bool {
    (1..=MAX_ACCOUNT_ID_CHARS).contains(&account_id.len())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn debtors() {
        let good = [
            ("swpt:1", 1),
            ("swpt:0", 0),
            ("swpt:01", 1),
            ("swpt:00000000000000000001", 1),
            ("swpt:9223372036854775807", i64::MAX),
            ("swpt:9223372036854775808", i64::MIN),
            ("swpt:18446744073709551615", -1),
        ];
        for (uri, id) in good {
            assert_eq!(parse_debtor(uri), Ok(DebtorId::new(id)), "{uri}");
        }
        let bad = [
            "",
            "1",
            "swpt:",
            "SWPT:1",
            "swpt:-1",
            "swpt:+1",
            "swpt:1 ",
            "swpt: 1",
            "swpt:1\n",
            "swpt:1/",
            "swpt:1/a",
            "swpt:a",
            "swpt:18446744073709551616",
            "swpt:000000000000000000001",
            "swpt:١",
            "swpt:1.0",
        ];
        for uri in bad {
            assert_eq!(parse_debtor(uri), Err(Unrecognized), "{uri:?}");
        }
    }

    #[test]
    fn accounts() {
        let longest = "x".repeat(100);
        let good = [
            ("swpt:1/abc".to_owned(), 1, "abc"),
            ("swpt:01/_=-Az09".to_owned(), 1, "_=-Az09"),
            ("swpt:18446744073709551615/!YWJj".to_owned(), -1, "abc"),
            ("swpt:1/!NDI5NDk2NzI5OQ==".to_owned(), 1, "4294967299"),
            ("swpt:1/!eCB5".to_owned(), 1, "x y"),
            ("swpt:1/!Pz8_".to_owned(), 1, "???"),
            (format!("swpt:1/{longest}"), 1, &*longest),
            (format!("swpt:1/!{}", URL_SAFE.encode(&longest)), 1, &*longest),
        ];
        for (uri, debtor, account) in good {
            assert_eq!(parse_account(&uri), Ok((DebtorId::new(debtor), account.to_owned())), "{uri}");
        }
    }

    #[test]
    fn unrecognized_accounts() {
        let too_long = "x".repeat(101);
        let bad = [
            "swpt:1".to_owned(),
            "swpt:1/".to_owned(),
            "swpt:1/!".to_owned(),
            "swpt:/a".to_owned(),
            "swpt:1//a".to_owned(),
            "swpt:1/a/b".to_owned(),
            "swpt:1/a b".to_owned(),
            "swpt:1/a\n".to_owned(),
            "swpt:1/é".to_owned(),
            "swpt:1/a!".to_owned(),
            "swpt:1/!YWI".to_owned(),      // padding is missing
            "swpt:1/!YWJ=".to_owned(),     // spare bits are not zero
            "swpt:1/!YWJj====".to_owned(), // too much padding
            "swpt:1/!YW Jj".to_owned(),
            "swpt:1/!Pz8/".to_owned(), // the other base64 alphabet
            "swpt:1/!gA==".to_owned(), // byte 128
            "swpt:1/!w6k=".to_owned(), // é
            "swpt:1/!AA==".to_owned(), // NUL
            format!("swpt:1/{too_long}"),
            format!("swpt:1/!{}", URL_SAFE.encode(&too_long)),
            "swpt:18446744073709551616/a".to_owned(),
        ];
        for uri in bad {
            assert_eq!(parse_account(&uri), Err(Unrecognized), "{uri:?}");
        }
    }

    #[test]
    fn formatting() {
        assert_eq!(format_debtor(DebtorId::new(-1)), "swpt:18446744073709551615");
        let (longest, too_long) = ("x".repeat(100), "x".repeat(101));
        let cases = [
            ("abc", Some("swpt:1/abc".to_owned())),
            ("x y", Some("swpt:1/!eCB5".to_owned())),
            ("!", Some("swpt:1/!IQ==".to_owned())),
            ("", None),
            ("é", None),
            ("a\0", None),
            (&longest, Some(format!("swpt:1/{longest}"))),
            (&too_long, None),
        ];
        for (account_id, expected) in cases {
            assert_eq!(format_account(DebtorId::new(1), account_id), expected, "{account_id:?}");
        }
    }

    proptest! {
        #[test]
        fn debtors_survive_a_round_trip(id: i64) {
            let debtor = DebtorId::new(id);
            prop_assert_eq!(parse_debtor(&format_debtor(debtor)), Ok(debtor));
        }

        #[test]
        fn accounts_survive_a_round_trip(id: i64, account_id in "[\\x01-\\x7f]{1,100}") {
            let debtor = DebtorId::new(id);
            let uri = format_account(debtor, &account_id).unwrap();
            prop_assert_eq!(parse_account(&uri), Ok((debtor, account_id)));
        }

        #[test]
        fn an_encoded_account_has_one_uri(account in "![A-Za-z0-9_=-]{0,24}") {
            let uri = format!("swpt:1/{account}");
            if let Ok((_, account_id)) = parse_account(&uri) {
                prop_assert_eq!(uri, format!("swpt:1/!{}", URL_SAFE.encode(account_id)));
            }
        }
    }
}
