use amqp::Properties;
use domain::Realm;

use super::*;

const C: i64 = 0x101_0000_0000;

fn shard(routing_key: &str) -> Shard {
    Shard::new(CreditorId::new(C), CreditorId::new(0x1ff_ffff_ffff), Realm::parse(routing_key).unwrap())
}

fn delivery(message_type: &str, body: &str) -> Delivery {
    Delivery {
        exchange: String::new(),
        routing_key: String::new(),
        redelivered: false,
        properties: Properties {
            content_type: Some("application/json".to_owned()),
            message_type: Some(message_type.to_owned()),
            ..Properties::default()
        },
        body: body.into(),
    }
}

fn purge(creditor_id: i64) -> Delivery {
    delivery(
        "AccountPurge",
        &format!(
            r#"{{"type":"AccountPurge","debtor_id":1,"creditor_id":{creditor_id},"creation_date":"2024-01-02","ts":"2024-01-04T00:00Z"}}"#
        ),
    )
}

fn rejected(creditor_id: i64, coordinator_type: &str) -> Delivery {
    delivery(
        "RejectedTransfer",
        &format!(
            r#"{{"type":"RejectedTransfer","debtor_id":1,"creditor_id":{creditor_id},"coordinator_type":"{coordinator_type}","coordinator_id":{C},"coordinator_request_id":1,"status_code":"X","total_locked_amount":0,"ts":"2024-01-03T00:00Z"}}"#
        ),
    )
}

fn bounced(creditor_id: i64) -> Delivery {
    delivery(
        "ConfigureAccount",
        &format!(
            r#"{{"type":"ConfigureAccount","debtor_id":1,"creditor_id":{creditor_id},"ts":"2024-01-03T00:00Z","seqnum":0,"negligible_amount":0,"config_data":"","config_flags":0}}"#
        ),
    )
}

#[test]
fn good_and_bad_are_told_apart_in_order() {
    let no_content_type = Delivery { properties: Properties::default(), ..purge(C) };
    let deliveries = [
        delivery("AccountPurge", "{}"),
        purge(C),
        delivery("Nonsense", "{}"),
        rejected(C, "direct"),
        delivery("AccountPurge", "{"),
        no_content_type,
        bounced(5),
    ];
    let judged = judge(&deliveries, &shard("#")).unwrap();
    assert_eq!(judged.places, [1, 3, 6]);
    let types: Vec<_> = judged.messages.iter().map(|message| Kind::of(message).name()).collect();
    assert_eq!(types, ["AccountPurge", "RejectedTransfer", "ConfigureAccount"]);
    assert_eq!(judged.oldest, Some("2024-01-03T00:00:00Z".parse().unwrap()));
    let condemned: Vec<_> = judged.condemned.iter().map(|condemned| (condemned.place, condemned.code)).collect();
    assert_eq!(condemned, [(0, "schema"), (2, "unknown_type"), (4, "syntax"), (5, "content_type")]);
}

#[test]
fn a_foreign_creditor_is_named_with_the_realm() {
    // smp §8: this id is in the realm `1.0.1.#` and not in `0.#`.
    assert!(judge(&[purge(C)], &shard("1.0.1.#")).is_ok());
    for (creditor_id, routing_key) in [(C, "0.#"), (C - 1, "#"), (-1, "#")] {
        let error = judge(&[purge(creditor_id)], &shard(routing_key)).unwrap_err().to_string();
        let expected = format!(
            "a message of type AccountPurge arrived for creditor {creditor_id}, but this shard has the creditors \
             1103806595072…2199023255551 of the realm {routing_key}: "
        );
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn a_foreign_coordinator_is_noticed_after_a_foreign_creditor() {
    let judged = |delivery| judge(&[delivery], &shard("#")).unwrap_err();
    let foreign = judged(rejected(C, "agent"));
    assert!(matches!(&foreign, Misdirected::Coordinator { coordinator_type, .. } if coordinator_type == "agent"));
    assert!(matches!(judged(rejected(5, "agent")), Misdirected::Creditor { .. }));
}
