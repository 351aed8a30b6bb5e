//! Commands: what they print, and how they end (rows 31 to 35).

use amqp::{
    Consumer, ConsumerOptions, Message, Properties, Topology,
    topology::{self, Queue, QueueBinding},
};
use creditors_testkit::TestDatabase;
use domain::{AccountKey, CreditorId, DebtorId};
use runtime::Stop;

use super::{
    messages::purge,
    world::{C, QUEUE, World},
};

fn raw(content_type: &str, message_type: &str, body: &str) -> Message {
    Message {
        routing_key: QUEUE.to_owned(),
        properties: Properties {
            message_type: Some(message_type.to_owned()),
            content_type: Some(content_type.to_owned()),
            persistent: true,
            ..Properties::default()
        },
        body: body.as_bytes().to_vec(),
        ..Message::default()
    }
}

#[tokio::test]
async fn row_31_bad_messages_are_put_aside_and_misdirected_ones_stop_the_consumer() {
    let mut world = World::new("31").await;
    let dead_letters = format!("{QUEUE}.XQ");
    let options = ConsumerOptions { name: "test".to_owned(), queue: dead_letters, prefetch_count: 10 };
    let mut aside = Consumer::start(world.url.clone(), options, Stop::new().token());
    let mut status = aside.status();
    status.wait_for(|status| *status == amqp::Status::Ready).await.unwrap();

    let mut consumer = world.consume();
    let good = ("application/json", "AccountPurge");
    for (content_type, message_type, body) in
        [("xxx", good.1, "{}"), (good.0, "xxx", "{}"), (good.0, good.1, "not JSON"), (good.0, good.1, "{}")]
    {
        world.publish_any(raw(content_type, message_type, body)).await;
        let mut batch =
            tokio::time::timeout(std::time::Duration::from_mins(1), aside.next_batch(10)).await.unwrap().unwrap();
        let bodies: Vec<_> = std::mem::take(&mut batch.deliveries).into_iter().map(|one| one.body).collect();
        batch.ack_all().await.unwrap();
        assert_eq!(bodies, [body.as_bytes()], "{content_type} {message_type}");
    }
    aside.close().await;

    let valid = AccountKey::new(CreditorId::new(C), DebtorId::new(1));
    world.tell(&[purge(valid, "2026-01-01")]).await;
    let outside = AccountKey::new(CreditorId::new(2), DebtorId::new(1));
    world.publish(&purge(outside, "2026-01-01")).await;
    world.until("the consumer's end", async || world.log().contains("creditors-consumer failed")).await;
    assert_eq!(consumer.stop().and_then(|status| status.code()), Some(1));
    world.until("the message to be put back", async || world.ready(QUEUE).await == 1).await;
}

#[tokio::test]
async fn row_32_a_flusher_that_quits_early_has_sent_everything_and_ends_with_1() {
    const OUT: &str = "out";
    let world = World::new("32").await;
    let queue = Queue { name: OUT.to_owned(), arguments: vec![] };
    let binding = QueueBinding {
        exchange: "creditors_out".to_owned(),
        queue: OUT.to_owned(),
        routing_key: "#".to_owned(),
        arguments: vec![],
    };
    let topology = Topology { queues: vec![queue], queue_bindings: vec![binding], ..Topology::default() };
    topology::apply(&world.url, &topology).await.unwrap();
    world
        .sql(&format!(
            "INSERT INTO finalize_transfer_signal (inserted_at, creditor_id, debtor_id, transfer_id, coordinator_id, \
                 coordinator_request_id, committed_amount, transfer_note_format, transfer_note) \
             VALUES (now(), {C}, -1, 666, {C}, 777, 0, '', '')"
        ))
        .await;
    let ended = world.run(&["flush_messages", "FinalizeTransferSignal", "--wait", "0.1", "--quit-early"]).await;
    assert_eq!((ended.status, ended.output.as_str()), (Some(1), ""));
    assert_eq!(world.count("finalize_transfer_signal").await, 0);
    assert_eq!(world.ready(OUT).await, 1);
}

#[tokio::test]
async fn row_33_what_quits_early_ends_well_and_says_nothing() {
    let world = World::new("33").await;
    for command in [
        "process_log_additions",
        "process_ledger_updates",
        "scan_creditors",
        "scan_accounts",
        "scan_log_entries",
        "scan_ledger_entries",
        "scan_committed_transfers",
    ] {
        let often = match command {
            "scan_accounts" => &["--hours", "0.00001"][..],
            scan if scan.starts_with("scan") => &["--days", "0.000001"][..],
            _ => &["--wait", "0.1"][..],
        };
        world.quietly(&[&[command, "--quit-early"], often].concat()).await;
    }
}

#[tokio::test]
async fn row_34_configure_makes_the_newest_schema() {
    let (world, empty) = (World::new("34").await, TestDatabase::create_empty().await);
    let database = [("POSTGRES_URL", empty.url())];
    for _ in 0..2 {
        assert_eq!(world.run_with(&database, &["configure"]).await.status, Some(0));
        let rows = empty.client().await.query("SELECT version_num FROM alembic_version", &[]).await.unwrap();
        let markers: Vec<String> = rows.iter().map(|row| row.get(0)).collect();
        assert_eq!(markers, ["7efa67e7f781"]);
        let awaited = world.run_with(&database, &["await_migrations"]).await;
        assert_eq!(awaited.status, Some(0));
        assert!(awaited.output.lines().any(|line| line == "7efa67e7f781 (head)"), "{awaited:?}");
    }
}

#[tokio::test]
async fn row_35_a_consumer_needs_a_broker_that_can_be_named() {
    let world = World::new("35").await;
    assert_eq!(world.run(&["consume_messages", "--url=INVALID"]).await.status, Some(1));
}
