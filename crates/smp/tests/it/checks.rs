//! The order of the checks (smp §2), and what is told about a failure.

use domain::CreditorId;
use smp::incoming::{Kind, account, creditor_id, decode};
use smp::{Reason, Rejection};

use crate::fixture::{bad, decode as decode_body, golden_incoming, with};
use crate::samples::{self, CREDITOR};

const JSON: Option<&str> = Some("application/json");
const PURGE: Option<&str> = Some("AccountPurge");

#[test]
fn content_type_comes_first() {
    let not_json =
        [None, Some(""), Some("Application/json"), Some("application/json; charset=utf-8"), Some("application/json ")];
    for content_type in not_json {
        assert_eq!(decode(content_type, None, b""), Err(Rejection::ContentType), "{content_type:?}");
        let good = golden_incoming(Kind::AccountPurge);
        assert_eq!(decode(content_type, PURGE, &good), Err(Rejection::ContentType), "{content_type:?}");
    }
}

#[test]
fn message_type_comes_second() {
    let unknown =
        [None, Some(""), Some("accountPurge"), Some("AccountPurge "), Some("PrepareTransfer"), Some("UpdatedLedger")];
    for message_type in unknown {
        assert_eq!(decode(JSON, message_type, b""), Err(Rejection::UnknownType), "{message_type:?}");
    }
}

#[test]
fn syntax_comes_third() {
    let golden = golden_incoming(Kind::AccountPurge);
    let trailing = |bytes: &[u8]| [&golden, bytes].concat();
    let bodies: [Vec<u8>; 16] = [
        b"".to_vec(),
        b" ".to_vec(),
        b"{".to_vec(),
        b"[".to_vec(),
        b"{} {}".to_vec(),
        b"[1,]".to_vec(),
        b"{\"a\":1,}".to_vec(),
        b"{\"a\":01}".to_vec(),
        b"{\"a\":NaN}".to_vec(),
        b"{\"a\":Infinity}".to_vec(),
        b"{'a':1}".to_vec(),
        b"{\"a\":\"\n\"}".to_vec(),
        [b"\xef\xbb\xbf".as_slice(), &golden].concat(),
        trailing(b"x"),
        trailing(b"\0"),
        [b"{\"unknown\":\"\xff\",".as_slice(), &golden[1..]].concat(),
    ];
    for body in bodies {
        let rejection = decode(JSON, PURGE, &body).unwrap_err();
        assert!(matches!(rejection, Rejection::Syntax(_)), "{rejection}: {}", String::from_utf8_lossy(&body));
    }
}

#[test]
fn other_documents_than_objects_are_well_formed_and_fit_no_type() {
    for body in ["[]", "\"x\"", "1", "null", "true", " [{}] ", "1e400"] {
        let expected = bad("document", Reason::Not("an object"));
        assert_eq!(decode(JSON, PURGE, body.as_bytes()), Err(expected), "{body}");
    }
}

#[test]
fn blanks_around_the_document_do_not_matter() {
    let golden = golden_incoming(Kind::AccountPurge);
    let body = [b" \t\r\n".as_slice(), &golden, b"\n "].concat();
    assert_eq!(decode_body(Kind::AccountPurge, &body).unwrap().message, samples::incoming(Kind::AccountPurge));
}

#[test]
fn everything_wrong_is_told_in_one_line_without_the_body() {
    let body = with(Kind::AccountPurge, &[("debtor_id", "\"private\""), ("ts", "null"), ("creation_date", "\"x\"")]);
    let rejection = decode_body(Kind::AccountPurge, &body).unwrap_err();
    assert_eq!(
        rejection.to_string(),
        "the document does not fit its type: debtor_id is not an integer, creation_date is not a date, ts is null"
    );
    assert_eq!(
        decode(JSON, PURGE, b"{\"secret\":}").unwrap_err().to_string(),
        "the body is not a JSON document: expected value at line 1 column 11"
    );
}

#[test]
fn codes_for_metrics() {
    let schema = Rejection::Schema(Vec::new());
    let codes = [
        (Rejection::ContentType, "content_type"),
        (Rejection::UnknownType, "unknown_type"),
        (Rejection::Syntax(String::new()), "syntax"),
        (schema, "schema"),
    ];
    for (rejection, code) in codes {
        assert_eq!(rejection.code(), code);
    }
}

#[test]
fn creditor_to_check_of_every_type() {
    for kind in Kind::ALL {
        let decoded = decode_body(kind, &golden_incoming(kind)).unwrap();
        let expected = (kind != Kind::ConfigureAccount).then_some(CREDITOR);
        assert_eq!(decoded.creditor_to_check(), expected, "{kind:?}");
        assert_eq!(creditor_id(&decoded.message), CREDITOR, "{kind:?}");
        let has_account = account(&decoded.message).is_some_and(|key| key.creditor_id == CREDITOR);
        assert_eq!(has_account, kind != Kind::ActivateCreditor, "{kind:?}");
    }
}

#[test]
fn a_foreign_coordinator_is_valid_and_told_apart() {
    for kind in [Kind::RejectedTransfer, Kind::PreparedTransfer, Kind::FinalizedTransfer] {
        for foreign in ["agent", "Direct", "direct ", "\u{1}"] {
            let raw = serde_json::to_string(foreign).unwrap();
            let body = with(kind, &[("coordinator_type", &raw), ("creditor_id", "1")]);
            let decoded = decode_body(kind, &body).unwrap();
            assert_eq!(decoded.foreign_coordinator.as_deref(), Some(foreign));
            assert_eq!(decoded.creditor_to_check(), Some(CreditorId::new(1)));
        }
    }
    let transfer = decode_body(Kind::AccountTransfer, &golden_incoming(Kind::AccountTransfer)).unwrap();
    assert_eq!(transfer.foreign_coordinator, None);
}

#[test]
fn kinds_have_unique_names_and_know_their_messages() {
    for kind in Kind::ALL {
        assert_eq!(Kind::from_name(kind.name()), Some(kind));
        assert_eq!(Kind::of(&samples::incoming(kind)), kind);
    }
}
