//! What goes out for each kind of row, byte by byte (smp §5, §6).

use amqp::{Delivery, Header, Properties};
use creditors_flusher::Options;
use domain::{
    CreditorId, DebtorId,
    signal::{
        ConfigureAccount, FinalizeTransfer, PrepareTransfer, RejectedConfig, Signal, UpdatedFlags, UpdatedLedger,
        UpdatedPolicy,
    },
};

use crate::{
    signals::{C, account, at, now},
    world::{OUT, OWN, TRADE, World},
};

const C_KEY: &str = "1.0.1.1.1.1.0.0.1.0.0.0.0.0.1.1.1.1.1.0.1.1.0.0";
const TWO_KEY: &str = "1.1.1.0.0.1.1.0.0.1.1.1.0.1.0.1.1.1.0.0.1.1.0.0";
const TEN_KEY: &str = "00.00.00.00.00.00.00.0a";
const MINUS_ONE_KEY: &str = "ff.ff.ff.ff.ff.ff.ff.ff";

#[expect(
    clippy::approx_constant,
    reason = "the number of the specification's example, which a `real` cannot hold exactly"
)]
const NEGLIGIBLE: f32 = 3.14;

struct Case {
    signal: Signal,
    queue: &'static str,
    exchange: &'static str,
    key: &'static str,
    body: &'static str,
}

/// Takes the only message of a queue and compares all of it.
async fn check(world: &World, case: Case, message_type: &str, more_headers: &[(&str, Header)]) {
    let account = case.signal.account();
    world.insert([case.signal]).await;
    let mut headers: Vec<(String, Header)> = [
        ("creditor-id", Header::Int(account.creditor_id.get())),
        ("debtor-id", Header::Int(account.debtor_id.get())),
        ("message-type", Header::from(message_type)),
    ]
    .iter()
    .chain(more_headers)
    .map(|(name, value)| ((*name).to_owned(), value.clone()))
    .collect();
    headers.sort_by(|(a, _), (b, _)| a.cmp(b));
    let expected = Delivery {
        exchange: case.exchange.to_owned(),
        routing_key: case.key.to_owned(),
        redelivered: false,
        properties: Properties {
            message_type: Some(message_type.to_owned()),
            content_type: Some("application/json".to_owned()),
            app_id: Some("swpt_creditors".to_owned()),
            persistent: true,
            headers,
            ..Properties::default()
        },
        body: case.body.as_bytes().to_vec(),
    };
    let taken = world.take(case.queue, 1).await;
    assert_eq!(String::from_utf8_lossy(&taken[0].body), case.body);
    assert_eq!(taken, [expected]);
    world.wait_for_rows(&[]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_authorities() {
    let world = World::new().await;
    let flusher = world.start(&[], Options::default());
    let configure = |ts, seqnum, negligible_amount, config_data: &str, config_flags| {
        let (account, config_data) = (account(C, -1), config_data.to_owned());
        Signal::ConfigureAccount(ConfigureAccount { account, ts, seqnum, negligible_amount, config_data, config_flags })
    };
    let out = |signal, key, body| Case { signal, queue: OUT, exchange: "creditors_out", key, body };

    let signal = configure(now(), -5, 1e30, "zażółć \"q\" \\ / \u{1} 😀", 1);
    let body = r#"{"type":"ConfigureAccount","debtor_id":-1,"creditor_id":1103806595072,"ts":"2024-01-02T03:04:05.123456+00:00","seqnum":-5,"negligible_amount":1e+30,"config_data":"zażółć \"q\" \\ / \u0001 😀","config_flags":1}"#;
    check(&world, out(signal, MINUS_ONE_KEY, body), "ConfigureAccount", &[]).await;
    let signal = configure(at("2024-01-02T03:04:05Z"), 0, NEGLIGIBLE, "", 0);
    let body = r#"{"type":"ConfigureAccount","debtor_id":-1,"creditor_id":1103806595072,"ts":"2024-01-02T03:04:05+00:00","seqnum":0,"negligible_amount":3.14,"config_data":"","config_flags":0}"#;
    check(&world, out(signal, MINUS_ONE_KEY, body), "ConfigureAccount", &[]).await;

    let coordinator = [("coordinator-id", Header::Int(C)), ("coordinator-type", Header::from("direct"))];
    let signal = Signal::PrepareTransfer(PrepareTransfer {
        account: account(C, 10),
        coordinator_request_id: 7,
        locked_amount: 0,
        recipient: "abc".to_owned(),
        final_interest_rate_ts: at("9999-12-31T23:59:59Z"),
        max_commit_delay: i32::MAX,
        inserted_at: now(),
    });
    let body = r#"{"type":"PrepareTransfer","creditor_id":1103806595072,"debtor_id":10,"coordinator_type":"direct","coordinator_id":1103806595072,"coordinator_request_id":7,"min_locked_amount":0,"max_locked_amount":0,"recipient":"abc","final_interest_rate_ts":"9999-12-31T23:59:59+00:00","max_commit_delay":2147483647,"ts":"2024-01-02T03:04:05.123456+00:00"}"#;
    check(&world, out(signal, TEN_KEY, body), "PrepareTransfer", &coordinator).await;

    let signal = Signal::FinalizeTransfer(FinalizeTransfer {
        account: account(C, 10),
        transfer_id: 1,
        coordinator_id: CreditorId::new(C),
        coordinator_request_id: 7,
        committed_amount: 5,
        transfer_note_format: "json".to_owned(),
        transfer_note: r#"{"a":"é"}"#.to_owned(),
        inserted_at: now(),
    });
    let body = r#"{"type":"FinalizeTransfer","creditor_id":1103806595072,"debtor_id":10,"transfer_id":1,"coordinator_type":"direct","coordinator_id":1103806595072,"coordinator_request_id":7,"committed_amount":5,"transfer_note_format":"json","transfer_note":"{\"a\":\"é\"}","ts":"2024-01-02T03:04:05.123456+00:00"}"#;
    check(&world, out(signal, TEN_KEY, body), "FinalizeTransfer", &coordinator).await;
    flusher.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_the_trade_subsystem() {
    let world = World::new().await;
    let flusher = world.start(&[], Options::default());
    let trade = |signal, body| Case { signal, queue: TRADE, exchange: "to_trade", key: C_KEY, body };

    let signal = Signal::UpdatedLedger(UpdatedLedger {
        account: account(C, 10),
        update_id: 3,
        account_id: String::new(),
        creation_date: "1970-01-01".parse().unwrap(),
        principal: -5,
        last_transfer_number: 0,
        ts: now(),
    });
    let body = r#"{"type":"UpdatedLedger","debtor_id":10,"creditor_id":1103806595072,"update_id":3,"account_id":"","creation_date":"1970-01-01","principal":-5,"last_transfer_number":0,"ts":"2024-01-02T03:04:05.123456+00:00"}"#;
    check(&world, trade(signal, body), "UpdatedLedger", &[]).await;

    let policy = UpdatedPolicy {
        account: account(C, 10),
        update_id: 3,
        policy_name: None,
        min_principal: i64::MIN,
        max_principal: i64::MAX,
        peg_exchange_rate: None,
        peg_debtor_id: None,
        ts: now(),
    };
    let body = r#"{"type":"UpdatedPolicy","debtor_id":10,"creditor_id":1103806595072,"update_id":3,"policy_name":null,"min_principal":-9223372036854775808,"max_principal":9223372036854775807,"peg_exchange_rate":null,"peg_debtor_id":null,"ts":"2024-01-02T03:04:05.123456+00:00"}"#;
    check(&world, trade(Signal::UpdatedPolicy(policy.clone()), body), "UpdatedPolicy", &[]).await;
    let signal = Signal::UpdatedPolicy(UpdatedPolicy {
        update_id: 4,
        policy_name: Some("conservative".to_owned()),
        min_principal: 0,
        max_principal: 1,
        peg_exchange_rate: Some(1.5),
        peg_debtor_id: Some(DebtorId::new(11)),
        ..policy
    });
    let body = r#"{"type":"UpdatedPolicy","debtor_id":10,"creditor_id":1103806595072,"update_id":4,"policy_name":"conservative","min_principal":0,"max_principal":1,"peg_exchange_rate":1.5,"peg_debtor_id":11,"ts":"2024-01-02T03:04:05.123456+00:00"}"#;
    check(&world, trade(signal, body), "UpdatedPolicy", &[]).await;

    let signal =
        Signal::UpdatedFlags(UpdatedFlags { account: account(C, 10), update_id: 3, config_flags: -1, ts: now() });
    let body = r#"{"type":"UpdatedFlags","debtor_id":10,"creditor_id":1103806595072,"update_id":3,"config_flags":-1,"ts":"2024-01-02T03:04:05.123456+00:00"}"#;
    check(&world, trade(signal, body), "UpdatedFlags", &[]).await;
    flusher.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_ourselves_whatever_the_creditor() {
    let world = World::new().await;
    let flusher = world.start(&[], Options::default());
    let signal = Signal::RejectedConfig(RejectedConfig {
        account: account(2, 10),
        config_ts: now(),
        config_seqnum: 1,
        config_flags: 0,
        config_data: String::new(),
        negligible_amount: 0.0,
        rejection_code: "NO_CONNECTION_TO_DEBTOR".to_owned(),
        inserted_at: now(),
    });
    let body = r#"{"type":"RejectedConfig","debtor_id":10,"creditor_id":2,"config_ts":"2024-01-02T03:04:05.123456+00:00","config_seqnum":1,"negligible_amount":0.0,"config_data":"","config_flags":0,"ts":"2024-01-02T03:04:05.123456+00:00","rejection_code":"NO_CONNECTION_TO_DEBTOR"}"#;
    let case = Case { signal, queue: OWN, exchange: "ca.creditors", key: TWO_KEY, body };
    check(&world, case, "RejectedConfig", &[]).await;
    flusher.stop().await.unwrap();
}
