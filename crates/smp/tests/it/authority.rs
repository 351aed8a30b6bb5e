//! The accounting authority's side.

use smp::HeaderValue::{Bool, Int, Text};
use smp::authority::{decode, headers, message_type, routing_key};
use smp::incoming::Kind;
use smp::{BadMember, Reason, Rejection};

use crate::fixture::golden;
use crate::samples::{self, CREDITOR};

const JSON: Option<&str> = Some("application/json");

fn refusal(message_type: &str, from: &str, to: &str) -> Rejection {
    let golden = String::from_utf8(golden(&format!("out/{message_type}.json"))).unwrap();
    assert!(golden.contains(from));
    decode(JSON, Some(message_type), golden.replacen(from, to, 1).as_bytes()).unwrap_err()
}

#[test]
fn only_requests_are_read() {
    let body = golden("out/UpdatedFlags.json");
    assert_eq!(decode(JSON, Some("UpdatedFlags"), &body), Err(Rejection::UnknownType));
    assert_eq!(decode(JSON, None, &body), Err(Rejection::UnknownType));
    assert_eq!(decode(None, Some("PrepareTransfer"), &body), Err(Rejection::ContentType));
    let other_type = BadMember { name: "type", reason: Reason::Contradicts("the message type") };
    let Err(Rejection::Schema(bad)) = decode(JSON, Some("PrepareTransfer"), &body) else { panic!("not refused") };
    assert!(bad.contains(&other_type));
}

#[test]
fn requests_that_contradict_themselves() {
    let bad = |name, reason| Rejection::Schema(vec![BadMember { name, reason }]);
    let cases = [
        (
            refusal("PrepareTransfer", "\"coordinator_id\":1103806595072", "\"coordinator_id\":1"),
            bad("coordinator_id", Reason::Contradicts("creditor_id")),
        ),
        (
            refusal("PrepareTransfer", "\"max_locked_amount\":0", "\"max_locked_amount\":1"),
            bad("max_locked_amount", Reason::Contradicts("min_locked_amount")),
        ),
        (
            refusal("FinalizeTransfer", "\"direct\"", "\"agent\""),
            bad("coordinator_type", Reason::Not("direct, the only coordinator type of the agent")),
        ),
        (
            refusal("FinalizeTransfer", "\"committed_amount\":5", "\"committed_amount\":-5"),
            bad("committed_amount", Reason::OutOfRange),
        ),
        (
            refusal("ConfigureAccount", "\"negligible_amount\":1e+30", "\"negligible_amount\":1e+39"),
            bad("negligible_amount", Reason::NotSingle),
        ),
    ];
    for (found, expected) in cases {
        assert_eq!(found, expected);
    }
}

#[test]
fn headers_of_every_message() {
    for kind in Kind::ALL {
        let message = samples::incoming(kind);
        let mut expected = vec![("message-type", Text(kind.name().into()))];
        if kind != Kind::ActivateCreditor {
            expected.push(("debtor-id", Int(-10)));
        }
        expected.extend([
            ("creditor-id", Int(CREDITOR.get())),
            ("ca-creditors", Bool(true)),
            ("ca-trade", Bool(false)),
        ]);
        if matches!(kind, Kind::RejectedTransfer | Kind::PreparedTransfer | Kind::FinalizedTransfer) {
            expected.push(("coordinator-id", Int(CREDITOR.get())));
            expected.push(("coordinator-type", Text("direct".into())));
        }
        if kind == Kind::AccountTransfer {
            expected.push(("coordinator-type", Text("interest".into())));
        }
        assert_eq!(headers(&message, &samples::unused()), expected);
        assert_eq!(message_type(&message), kind.name());
        assert_eq!(routing_key(&message), "1.0.1.1.1.1.0.0.1.0.0.0.0.0.1.1.1.1.1.0.1.1.0.0");
    }
}

#[test]
fn messages_about_transfers_of_agents() {
    let mut unused = samples::unused();
    unused.coordinator_type = "agent".into();
    let reply = headers(&samples::incoming(Kind::PreparedTransfer), &unused);
    assert!(reply.contains(&("ca-creditors", Bool(false))) && reply.contains(&("ca-trade", Bool(true))));

    let domain::incoming::Incoming::AccountTransfer(mut transfer) = samples::incoming(Kind::AccountTransfer) else {
        panic!("another type")
    };
    transfer.coordinator_type = "agent".into();
    let transfer = headers(&domain::incoming::Incoming::AccountTransfer(transfer), &samples::unused());
    assert!(transfer.contains(&("ca-creditors", Bool(true))) && transfer.contains(&("ca-trade", Bool(true))));
}
