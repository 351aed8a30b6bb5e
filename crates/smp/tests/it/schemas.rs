//! Every row of the tables of smp §3, on both sides of each limit.

use smp::Reason;
use smp::incoming::Kind;

use crate::fixture::{bad, decode, golden_incoming, members, message, refusal, without};

/// A member, values that are accepted, and values that are not.
struct Row {
    kinds: &'static [Kind],
    member: &'static str,
    valid: Vec<String>,
    invalid: Vec<String>,
}

fn row(kinds: &'static [Kind], member: &'static str, valid: &[&str], invalid: &[&str]) -> Row {
    let owned = |values: &[&str]| values.iter().map(|value| (*value).to_owned()).collect();
    Row { kinds, member, valid: owned(valid), invalid: owned(invalid) }
}

fn check(rows: Vec<Row>) {
    for Row { kinds, member, valid, invalid } in rows {
        for kind in kinds {
            for value in &valid {
                message(*kind, &[(member, value)]);
            }
            for value in &invalid {
                let rejection = refusal(*kind, &[(member, value)]).to_string();
                assert!(rejection.contains(&format!(": {member} ")), "{kind:?} {member} {value}: {rejection}");
            }
        }
    }
}

fn repeated(unit: &str, count: usize) -> String {
    format!("\"{}\"", unit.repeat(count))
}

const I32: (&[&str], &[&str]) =
    (&["-2147483648", "2147483647", "0"], &["-2147483649", "2147483648", "4294967296", "1e30"]);
const U31: (&[&str], &[&str]) = (&["0", "2147483647"], &["-1", "2147483648"]);
const I64: (&[&str], &[&str]) = (
    &["-9223372036854775808", "9223372036854775807"],
    &["-9223372036854775809", "9223372036854775808", "18446744073709551617", "1e19"],
);
const U63: (&[&str], &[&str]) = (&["0", "9223372036854775807"], &["-1", "9223372036854775808"]);
const NOT_NEGATIVE: (&[&str], &[&str]) = (&["0", "-0.0", "0.0", "1e308", "1"], &["-1e-300", "-1", "1e400"]);
const DEMURRAGE: (&[&str], &[&str]) = (&["-100", "-100.0", "0", "0.0", "-50.5"], &["-100.00001", "0.00001", "1"]);

const ALL_BUT_ACTIVATE: &[Kind] = Kind::ALL.split_at(8).0;
const REPLIES: &[Kind] = &[Kind::RejectedTransfer, Kind::PreparedTransfer, Kind::FinalizedTransfer];
const AUTHORITY: &[Kind] = Kind::ALL.split_at(7).0;
const UPDATE: &[Kind] = &[Kind::AccountUpdate];
const TRANSFER: &[Kind] = &[Kind::AccountTransfer];
const BOUNCED: &[Kind] = &[Kind::ConfigureAccount];
const CONFIG_REJECTED: &[Kind] = &[Kind::RejectedConfig];

fn numbers(kinds: &'static [Kind], names: &[&'static str], (valid, invalid): (&[&str], &[&str])) -> Vec<Row> {
    names.iter().map(|name| row(kinds, name, valid, invalid)).collect()
}

#[test]
fn integers() {
    check(numbers(ALL_BUT_ACTIVATE, &["debtor_id", "creditor_id"], I64));
    check(numbers(&[Kind::ActivateCreditor], &["creditor_id"], I64));
    check(numbers(CONFIG_REJECTED, &["config_seqnum", "config_flags"], I32));
    check(numbers(UPDATE, &["last_change_seqnum", "last_config_seqnum", "config_flags"], I32));
    check(numbers(UPDATE, &["principal"], I64));
    check(numbers(UPDATE, &["last_transfer_number"], U63));
    check(numbers(UPDATE, &["commit_period", "ttl"], U31));
    check(numbers(UPDATE, &["transfer_note_max_bytes"], (&["0", "500"], &["-1", "501"])));
    check(numbers(TRANSFER, &["principal"], I64));
    check(numbers(REPLIES, &["coordinator_id", "coordinator_request_id"], I64));
    check(numbers(&[Kind::RejectedTransfer, Kind::FinalizedTransfer], &["total_locked_amount"], U63));
    check(numbers(&[Kind::PreparedTransfer, Kind::FinalizedTransfer], &["transfer_id"], I64));
    check(numbers(&[Kind::PreparedTransfer], &["locked_amount"], U63));
    check(numbers(&[Kind::FinalizedTransfer], &["committed_amount"], U63));
    check(numbers(BOUNCED, &["seqnum", "config_flags"], I32));
}

#[test]
fn transfer_numbers_and_amounts() {
    check(vec![
        row(TRANSFER, "acquired_amount", &["1", "-1", I64.0[0], I64.0[1]], &["0", "0.9", I64.1[0], I64.1[1]]),
        row(TRANSFER, "transfer_number", &["2", "9223372036854775807"], &["1", "0", "-1", "9223372036854775808"]),
    ]);
    let numbers = |number, previous| [("transfer_number", number), ("previous_transfer_number", previous)];
    message(Kind::AccountTransfer, &numbers("1", "0"));
    message(Kind::AccountTransfer, &numbers("9223372036854775807", "9223372036854775806"));
    let contradiction = bad("transfer_number", Reason::Contradicts("previous_transfer_number"));
    assert_eq!(refusal(Kind::AccountTransfer, &numbers("5", "5")), contradiction);
    assert_eq!(refusal(Kind::AccountTransfer, &numbers("5", "6")), contradiction);
    let negative = bad("previous_transfer_number", Reason::OutOfRange);
    assert_eq!(refusal(Kind::AccountTransfer, &numbers("5", "-1")), negative);
    let too_great = bad("previous_transfer_number", Reason::OutOfRange);
    assert_eq!(refusal(Kind::AccountTransfer, &numbers("5", "9223372036854775808")), too_great);
}

#[test]
fn floats() {
    check(numbers(CONFIG_REJECTED, &["negligible_amount"], NOT_NEGATIVE));
    check(numbers(UPDATE, &["negligible_amount"], NOT_NEGATIVE));
    check(numbers(UPDATE, &["interest"], (&["-1.7976931348623157e308", "1e308", "0"], &["-1e400", "1e400"])));
    check(numbers(UPDATE, &["interest_rate"], (&["-100", "0", "3e38"], &["-100.0001", "1e400"])));
    check(numbers(UPDATE, &["demurrage_rate"], DEMURRAGE));
    check(numbers(&[Kind::PreparedTransfer], &["demurrage_rate"], DEMURRAGE));
    check(numbers(BOUNCED, &["negligible_amount"], (&["0", "-0.0", "3e38"], &["-0.001", "1e400"])));
}

#[test]
fn strings() {
    const DATA: &[Kind] = &[Kind::RejectedConfig, Kind::AccountUpdate, Kind::ConfigureAccount];
    let text = |kinds, member, valid: &[String], invalid: &[String]| Row {
        kinds,
        member,
        valid: valid.to_vec(),
        invalid: invalid.to_vec(),
    };
    let ascii = |kinds, member, max| {
        let valid = [repeated("a", 0), repeated("~", max), r#""\u0001\n\u007f""#.to_owned()];
        text(kinds, member, &valid, &[repeated("a", max + 1), repeated("é", 1), "\"\u{80}\"".to_owned()])
    };
    check(vec![
        text(
            DATA,
            "config_data",
            &[repeated("", 0), repeated("a", 2000), repeated("é", 1000), repeated("😀", 500)],
            &[repeated("a", 2001), repeated("é", 1001), format!("\"{}a\"", "😀".repeat(500))],
        ),
        ascii(CONFIG_REJECTED, "rejection_code", 30),
        ascii(UPDATE, "account_id", 100),
        text(
            UPDATE,
            "debtor_info_iri",
            &[repeated("", 0), repeated("a", 200), repeated("😀", 200)],
            &[repeated("a", 201), repeated("😀", 201)],
        ),
        ascii(UPDATE, "debtor_info_content_type", 100),
        ascii(TRANSFER, "sender", 100),
        ascii(TRANSFER, "recipient", 100),
        ascii(&[Kind::PreparedTransfer], "recipient", 100),
        text(
            TRANSFER,
            "transfer_note",
            &[repeated("", 0), repeated("a", 500), repeated("é", 250)],
            &[repeated("a", 501), repeated("é", 251)],
        ),
        ascii(&[Kind::RejectedTransfer], "status_code", 30),
        text(
            &[Kind::ActivateCreditor],
            "reservation_id",
            &[repeated("", 0), repeated("a", 100), repeated("é", 100)],
            &[repeated("a", 101), repeated("é", 101), "1".to_owned()],
        ),
    ]);
}

#[test]
fn coordinator_types() {
    const KINDS: &[Kind] =
        &[Kind::AccountTransfer, Kind::RejectedTransfer, Kind::PreparedTransfer, Kind::FinalizedTransfer];
    let (longest, too_long) = (repeated("a", 30), repeated("a", 31));
    check(vec![row(KINDS, "coordinator_type", &["\"a\"", &longest], &["\"\"", &too_long, "\"é\""])]);
}

#[test]
fn note_formats() {
    let valid = ["\"\"", "\"json\"", "\"A.z-09..\"", "\"12345678\""];
    let invalid = ["\"123456789\"", "\"a_b\"", "\"a b\"", "\"é\"", "\"json\\n\"", "\"\\u0000\""];
    check(vec![row(TRANSFER, "transfer_note_format", &valid, &invalid)]);
}

#[test]
fn digests() {
    let mut mixed = "a".repeat(63);
    mixed.push('A');
    let (digits, lower, upper) = (repeated("0", 64), repeated("af", 32), repeated("AF", 32));
    let (short, long, other) = (repeated("0", 63), repeated("0", 65), repeated("g", 64));
    let (mixed, accented) = (format!("\"{mixed}\""), repeated("é", 32));
    let line_feed = format!("\"{}\\n\"", "a".repeat(64));
    let invalid: [&str; 6] = [&short, &long, &other, &mixed, &accented, &line_feed];
    check(vec![row(UPDATE, "debtor_info_sha256", &["\"\"", &digits, &lower, &upper], &invalid)]);
}

#[test]
fn empty_debtor_info_is_no_debtor_info() {
    use domain::incoming::Incoming;
    let empty = [("debtor_info_iri", "\"\""), ("debtor_info_content_type", "\"\""), ("debtor_info_sha256", "\"\"")];
    let Incoming::AccountUpdate(update) = message(Kind::AccountUpdate, &empty) else { panic!("another type") };
    assert_eq!(update.debtor_info_iri, None);
    assert_eq!(update.debtor_info_content_type, None);
    assert_eq!(update.debtor_info_sha256, None);

    let digest = repeated("0a", 32);
    let Incoming::AccountUpdate(update) = message(Kind::AccountUpdate, &[("debtor_info_sha256", &digest)]) else {
        panic!("another type")
    };
    assert_eq!(update.debtor_info_sha256, Some([10; 32]));
}

#[test]
fn status_codes() {
    let contradiction = bad("status_code", Reason::Contradicts("the message type"));
    assert_eq!(refusal(Kind::RejectedTransfer, &[("status_code", "\"OK\"")]), contradiction);
    message(Kind::RejectedTransfer, &[("status_code", "\"ok\"")]);

    let finalized = |status, amount| [("status_code", status), ("committed_amount", amount)];
    let longest = repeated("A", 30);
    for (status, amount) in [("\"OK\"", "0"), ("\"OK\"", "1"), ("\"\"", "0"), ("\"NO\"", "0"), (&longest, "0")] {
        message(Kind::FinalizedTransfer, &finalized(status, amount));
    }
    let contradiction = bad("committed_amount", Reason::Contradicts("status_code"));
    assert_eq!(refusal(Kind::FinalizedTransfer, &finalized("\"\"", "1")), contradiction);
    assert_eq!(refusal(Kind::FinalizedTransfer, &finalized("\"ok\"", "1")), contradiction);
    let (too_long, accented) = (repeated("A", 31), repeated("é", 1));
    let too_long = refusal(Kind::FinalizedTransfer, &finalized(&too_long, "0"));
    assert_eq!(too_long, bad("status_code", Reason::Length));
    let accented = refusal(Kind::FinalizedTransfer, &finalized(&accented, "0"));
    assert_eq!(accented, bad("status_code", Reason::NotAscii));
}

#[test]
fn every_member_is_required_and_typed() {
    let required = [10, 26, 5, 15, 9, 14, 12, 8, 4];
    for (kind, count) in Kind::ALL.into_iter().zip(required) {
        let names: Vec<String> = members(kind).into_keys().collect();
        assert_eq!(names.len(), count, "{kind:?}");
        for name in names {
            let missing = decode(kind, &without(kind, &name)).unwrap_err().to_string();
            assert_eq!(missing, format!("the document does not fit its type: {name} is missing"));
            let null = refusal(kind, &[(&name, "null")]).to_string();
            assert_eq!(null, format!("the document does not fit its type: {name} is null"));
            for wrong in ["true", "false", "[]", "{}", "[1]", r#""\ud800""#] {
                refusal(kind, &[(&name, wrong)]);
            }
        }
    }
}

#[test]
fn the_type_member_is_compared_exactly() {
    for kind in AUTHORITY {
        for wrong in ["\"PrepareTransfer\"", "\"\"", "1", &format!("\"{} \"", kind.name())] {
            let rejection = refusal(*kind, &[("type", wrong)]).to_string();
            assert!(rejection.contains(": type "), "{rejection}");
        }
    }
    let other = refusal(Kind::AccountPurge, &[("type", "\"accountpurge\"")]);
    assert_eq!(other, bad("type", Reason::Contradicts("the message type")));
    message(Kind::AccountPurge, &[("type", r#""Account\u0050urge""#)]);
}

#[test]
fn the_last_of_equal_members_wins() {
    let golden = String::from_utf8(golden_incoming(Kind::AccountPurge)).unwrap();
    let first = golden.replacen('{', "{\"debtor_id\":null,\"ts\":1e400,\"\\u0074ype\":[],", 1);
    assert_eq!(decode(Kind::AccountPurge, first.as_bytes()), decode(Kind::AccountPurge, golden.as_bytes()));
    let last = golden.replacen('}', ",\"debtor_id\":null}", 1);
    assert_eq!(decode(Kind::AccountPurge, last.as_bytes()), Err(bad("debtor_id", Reason::Null)));
    let escaped = golden.replacen('}', ",\"debtor\\u005fid\":true}", 1);
    assert_eq!(decode(Kind::AccountPurge, escaped.as_bytes()), Err(bad("debtor_id", Reason::Not("an integer"))));
}

#[test]
fn unknown_members_are_ignored() {
    let golden = String::from_utf8(golden_incoming(Kind::AccountPurge)).unwrap();
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let unknown = ["null", "1e400", r#""\ud800\u0000""#, "{\"debtor_id\":true}", &deep];
    for value in unknown {
        let body = golden.replacen('{', &format!("{{\"unknown\":{value},\"\\ud800\":1,\"Debtor_id\":0,"), 1);
        assert_eq!(decode(Kind::AccountPurge, body.as_bytes()), decode(Kind::AccountPurge, golden.as_bytes()));
    }
}
