//! How messages of the agent are written and addressed (smp §5, §6).

use domain::signal::{ConfigureAccount, Kind, Signal, UpdatedPolicy};
use domain::{AccountKey, CreditorId, DebtorId, Timestamp};
use smp::HeaderValue::{Int, Text};
use smp::outgoing::{self, encode, exchange, headers, mandatory, message_type, routing_key};

use crate::samples::{self, CREDITOR, at};

fn configure(ts: Timestamp, config_data: &str, negligible_amount: f32) -> String {
    let signal = ConfigureAccount {
        account: AccountKey::new(CreditorId::new(1), DebtorId::new(2)),
        ts,
        seqnum: 0,
        negligible_amount,
        config_data: config_data.to_owned(),
        config_flags: 0,
    };
    String::from_utf8(encode(&Signal::ConfigureAccount(signal))).unwrap()
}

#[test]
fn only_what_must_be_escaped_is() {
    let written =
        configure(at("2024-01-02T03:04:05Z"), "\"\\/\u{8}\u{c}\n\r\t\0\u{1}\u{1f}\u{7f}\u{2028}\u{2029}é😀", 0.0);
    let expected = "\"config_data\":\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0000\\u0001\\u001f\u{7f}\u{2028}\u{2029}é😀\",";
    assert!(written.contains(expected), "{written}");
}

#[test]
fn instants() {
    let cases = [
        ("2024-01-02T03:04:05Z", "2024-01-02T03:04:05+00:00"),
        ("2024-01-02T03:04:05.1Z", "2024-01-02T03:04:05.100000+00:00"),
        ("2024-01-02T03:04:05.000001Z", "2024-01-02T03:04:05.000001+00:00"),
        ("2024-01-02T05:04:05+02:00", "2024-01-02T03:04:05+00:00"),
        ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00+00:00"),
        ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999+00:00"),
    ];
    for (instant, expected) in cases {
        let written = configure(at(instant), "", 0.0);
        assert!(written.contains(&format!("\"ts\":\"{expected}\",")), "{written}");
    }
}

#[test]
fn amounts_have_the_digits_of_their_precision() {
    for (amount, expected) in [(0.3, "0.3"), (0.1, "0.1"), (1e30, "1e+30"), (100.0, "100.0"), (1.5e-7, "1.5e-07")] {
        let written = configure(at("2024-01-02T03:04:05Z"), "", amount);
        assert!(written.contains(&format!("\"negligible_amount\":{expected},")), "{written}");
    }
    let policy = UpdatedPolicy {
        account: AccountKey::new(CreditorId::new(1), DebtorId::new(2)),
        update_id: 1,
        policy_name: None,
        min_principal: 0,
        max_principal: 0,
        peg_exchange_rate: Some(f64::from(0.3_f32)),
        peg_debtor_id: Some(DebtorId::new(3)),
        ts: at("2024-01-02T03:04:05Z"),
    };
    let written = String::from_utf8(encode(&Signal::UpdatedPolicy(policy))).unwrap();
    assert!(written.contains("\"peg_exchange_rate\":0.30000001192092896,"), "{written}");
}

#[test]
fn where_each_kind_goes() {
    let (debtor, creditor) = ("00.00.00.00.00.00.00.0a", "1.0.1.1.1.1.0.0.1.0.0.0.0.0.1.1.1.1.1.0.1.1.0.0");
    let expected = [
        ("ConfigureAccount", "creditors_out", "ff.ff.ff.ff.ff.ff.ff.ff", false),
        ("ConfigureAccount", "creditors_out", "ff.ff.ff.ff.ff.ff.ff.ff", false),
        ("PrepareTransfer", "creditors_out", debtor, false),
        ("FinalizeTransfer", "creditors_out", debtor, true),
        ("UpdatedLedger", "to_trade", creditor, false),
        ("UpdatedPolicy", "to_trade", creditor, false),
        ("UpdatedPolicy", "to_trade", creditor, false),
        ("UpdatedFlags", "to_trade", creditor, false),
        ("RejectedConfig", "ca.creditors", "1.1.1.0.0.1.1.0.0.1.1.1.0.1.0.1.1.1.0.0.1.1.0.0", false),
    ];
    for ((_, signal), (name, to, key, must_arrive)) in samples::outgoing().into_iter().zip(expected) {
        let kind = signal.kind();
        assert_eq!((message_type(kind), exchange(kind), mandatory(kind)), (name, to, must_arrive));
        assert_eq!(routing_key(&signal), key, "{kind:?}");
    }
}

#[test]
fn headers_of_each_kind() {
    for (_, signal) in samples::outgoing() {
        let kind = signal.kind();
        let mut expected = vec![
            ("message-type", Text(message_type(kind).into())),
            ("debtor-id", Int(signal.account().debtor_id.get())),
            ("creditor-id", Int(signal.account().creditor_id.get())),
        ];
        if matches!(kind, Kind::PrepareTransfer | Kind::FinalizeTransfer) {
            expected.push(("coordinator-id", Int(CREDITOR.get())));
            expected.push(("coordinator-type", Text("direct".into())));
        }
        assert_eq!(headers(&signal), expected);
    }
}

#[test]
fn the_coordinator_of_a_dismissal_may_be_another() {
    let (_, signal) = samples::outgoing().swap_remove(3);
    let Signal::FinalizeTransfer(mut finalize) = signal else { panic!("another type") };
    finalize.coordinator_id = CreditorId::new(-3);
    let signal = Signal::FinalizeTransfer(finalize);
    assert!(headers(&signal).contains(&("coordinator-id", Int(-3))));
    assert!(String::from_utf8(encode(&signal)).unwrap().contains("\"coordinator_id\":-3,"));
}

#[test]
fn common_properties() {
    assert_eq!((outgoing::APP_ID, outgoing::CONTENT_TYPE), ("swpt_creditors", "application/json"));
}
