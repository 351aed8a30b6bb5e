//! Whatever arrives, decoding ends with a verdict.

use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::{Index, select};
use smp::incoming::Kind;
use smp::{Rejection, authority, outgoing};

use crate::fixture::{decode, golden, golden_incoming, with};
use crate::samples;

/// A change of a document: where, how many bytes go, and which come.
type Edit = (Index, usize, Vec<u8>);

fn edit() -> impl Strategy<Value = Edit> {
    let tokens = ["null", "-", "e", ".", "\"", "\\u", "\\ud800", "{", "}", "[", "]", ",", ":", "1e999", "9", "é", "Z"];
    let piece =
        prop_oneof![vec(any::<u8>(), 0..4), select(tokens.to_vec()).prop_map(|token| token.as_bytes().to_vec())];
    (any::<Index>(), 0..4_usize, piece)
}

fn apply(mut body: Vec<u8>, edits: Vec<Edit>) -> Vec<u8> {
    for (place, removed, added) in edits {
        let start = place.index(body.len() + 1);
        let end = (start + removed).min(body.len());
        body.splice(start..end, added);
    }
    body
}

/// A message that was accepted can be written and is then read as the same.
fn judge(kind: Kind, body: &[u8]) -> Result<(), TestCaseError> {
    match decode(kind, body) {
        Ok(decoded) => {
            let again = authority::encode(&decoded.message, &samples::unused());
            prop_assert_eq!(decode(kind, &again).map(|again| again.message), Ok(decoded.message));
        }
        Err(rejection) => {
            prop_assert!(matches!(rejection, Rejection::Syntax(_) | Rejection::Schema(_)));
            let told = rejection.to_string();
            prop_assert!(!told.contains('\n') && told.len() < 2000, "{}", told);
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn arbitrary_bytes(kind in select(Kind::ALL.to_vec()), body in vec(any::<u8>(), 0..200)) {
        judge(kind, &body)?;
    }

    #[test]
    fn edited_documents(kind in select(Kind::ALL.to_vec()), edits in vec(edit(), 1..4)) {
        judge(kind, &apply(golden_incoming(kind), edits))?;
    }

    #[test]
    fn edited_requests(
        kind in select(vec!["ConfigureAccount", "PrepareTransfer", "FinalizeTransfer"]),
        edits in vec(edit(), 1..4),
    ) {
        let body = apply(golden(&format!("out/{kind}.json")), edits);
        if let Ok(signal) = authority::decode(Some(outgoing::CONTENT_TYPE), Some(kind), &body) {
            let again = authority::decode(Some(outgoing::CONTENT_TYPE), Some(kind), &outgoing::encode(&signal));
            prop_assert_eq!(again, Ok(signal));
        }
    }

    #[test]
    fn arbitrary_date_times(text in "[0-9]{3,5}-[0-9]{1,3}-[0-9]{1,2}[T t]?[0-9:.]{0,16}[-+Z:0-9]{0,7}") {
        let raw = format!("\"{text}\"");
        judge(Kind::ConfigureAccount, &with(Kind::ConfigureAccount, &[("ts", &raw)]))?;
        judge(Kind::AccountPurge, &with(Kind::AccountPurge, &[("creation_date", &raw)]))?;
    }

    #[test]
    fn arbitrary_numbers(text in "\"?[-+ ]?[0-9_]{0,25}(\\.[0-9_]{0,25})?([eE][-+]?[0-9]{1,4})?\"?") {
        judge(Kind::AccountTransfer, &with(Kind::AccountTransfer, &[("principal", &text)]))?;
        judge(Kind::AccountUpdate, &with(Kind::AccountUpdate, &[("interest", &text), ("interest_rate", &text)]))?;
    }
}
