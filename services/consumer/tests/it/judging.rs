//! What becomes of each message (smp §2).

use amqp::{Header, Message, topology};
use creditors_consumer::{Config, Error, Misdirected};
use domain::{
    AccountKey, CreditorId, Realm, Shard,
    incoming::{BouncedConfigureAccount, Incoming, PreparedTransfer, RejectedTransfer},
};
use smp::authority::Unused;

use crate::world::{ACCOUNT, C, DEAD_LETTERS, QUEUE, World, message_with, text, until};

#[tokio::test]
async fn many_messages_are_applied_by_two_workers() {
    let world = World::new().await;
    world.publish_transfers(1..=5_000).await;
    let running = world.start();
    world.wait_unmet(&[]).await;
    world.wait_stored(5_000).await;

    // A lone message is a batch of one.
    world.publish_transfers(5_001..=5_001).await;
    world.wait_stored(5_001).await;
    running.stop().await;
    assert_eq!(world.readiness.unmet(), ["draining"]);
    world.assert_stored_once(5_001).await;
    world.assert_all_acknowledged().await;
}

fn bad(world: &World, change: impl FnOnce(&mut Message)) -> Message {
    let mut message = world.message(&world.transfer(1_000));
    change(&mut message);
    message
}

#[tokio::test]
async fn bad_messages_are_put_aside_and_the_rest_of_the_batch_is_applied() {
    let world = World::new().await;
    let mut dead_letters = world.dead_letters().await;
    let bad = [
        bad(&world, |message| message.properties.content_type = Some("application/json; charset=utf-8".to_owned())),
        bad(&world, |message| message.properties.message_type = None),
        bad(&world, |message| message.body.truncate(40)),
        bad(&world, |message| message.body = br#"{"type":"AccountTransfer"}"#.to_vec()),
    ];
    let mut messages: Vec<_> = (1..=8).map(|number| world.message(&world.transfer(number))).collect();
    for (place, message) in bad.iter().enumerate() {
        messages.insert(place * 2 + 1, message.clone());
    }
    world.publish(&messages).await;
    let running = world.start_with(Config { workers: 1, ..world.config() });

    let taken = dead_letters.take(4).await;
    for ((delivery, original), reason) in taken.iter().zip(&bad).zip([
        "content_type: the content type is not application/json",
        "unknown_type: the message type is unknown",
        "syntax: the body is not a JSON document: ",
        "schema: the document does not fit its type: debtor_id is missing, creditor_id is missing, ",
    ]) {
        assert!(text(delivery, "x-dead-letter-reason").starts_with(reason), "{delivery:?}");
        assert_eq!(text(delivery, "x-dead-letter-queue"), QUEUE);
        assert_eq!(text(delivery, "x-dead-letter-exchange"), "ca.creditors");
        assert_eq!(text(delivery, "x-dead-letter-routing-key"), original.routing_key);
        let time: domain::Timestamp = text(delivery, "x-dead-letter-time").parse().unwrap();
        assert!(time >= world.now);
        assert_eq!(text(delivery, "message-type"), "AccountTransfer");

        assert_eq!((delivery.exchange.as_str(), delivery.routing_key.as_str()), ("", DEAD_LETTERS));
        assert_eq!(delivery.body, original.body);
        let mut properties = delivery.properties.clone();
        properties.headers = original.properties.headers.clone();
        assert_eq!(properties, original.properties);
    }
    running.stop().await;
    world.assert_stored_once(8).await;
    world.assert_all_acknowledged().await;
    dead_letters.assert_no_more().await;
}

#[tokio::test]
async fn a_message_whose_headers_leave_no_room_is_put_aside_without_them() {
    let world = World::new().await;
    let mut dead_letters = world.dead_letters().await;
    let message = bad(&world, |message| {
        message.properties.message_type = Some("Nonsense".to_owned());
        message.properties.headers = vec![("large".to_owned(), Header::Text("x".repeat(122_700)))];
    });
    world.publish(&[message]).await;
    let running = world.start();
    let [delivery] = dead_letters.take(1).await.try_into().unwrap();
    assert!(text(&delivery, "x-dead-letter-reason").starts_with("unknown_type: "));
    assert_eq!(delivery.header("large"), None);
    assert_eq!(delivery.properties.message_type.as_deref(), Some("Nonsense"));
    running.stop().await;
    world.assert_all_acknowledged().await;
}

/// Publishes a message among good ones; the consumer must end, and leave it in the queue.
async fn ends_with(world: &World, config: Config, message: Message) -> Misdirected {
    world.publish_transfers(1..=3).await;
    world.publish(&[message]).await;
    let ended = world.start_with(config).ended().await;
    assert!(world.ready(QUEUE).await >= 1);
    assert_eq!(topology::queue_status(&world.url, DEAD_LETTERS).await.unwrap().unwrap().ready, 0);
    match ended {
        Err(Error::Misdirected(misdirected)) => misdirected,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_creditor_of_somebody_else_ends_the_consumer() {
    let world = World::new().await;
    let account = AccountKey::new(CreditorId::new(5), ACCOUNT.debtor_id);
    let prepared = Incoming::PreparedTransfer(PreparedTransfer {
        account,
        transfer_id: 1,
        coordinator_id: account.creditor_id,
        coordinator_request_id: 1,
        locked_amount: 0,
        recipient: "r".to_owned(),
    });
    let misdirected = ends_with(&world, world.config(), world.message(&prepared)).await;
    assert!(matches!(misdirected, Misdirected::Creditor { creditor_id, .. } if creditor_id == account.creditor_id));
    // Somebody corrects the range of ids, and nothing is lost.
    let mut config = world.config();
    config.handlers.shard = Shard::new(CreditorId::new(1), C, Realm::EVERYTHING);
    let running = world.start_with(config);
    world.wait_stored(3).await;
    let answers = "SELECT count(*) FROM finalize_transfer_signal";
    until("an answer", async || world.number(answers).await == 1).await;
    running.stop().await;
    world.assert_stored_once(3).await;
    world.assert_all_acknowledged().await;
}

#[tokio::test]
async fn a_creditor_of_another_shard_ends_the_consumer() {
    let world = World::new().await;
    let mut config = world.config();
    config.handlers.shard = Shard::new(C, C, Realm::parse("0.#").unwrap());
    let misdirected = ends_with(&world, config, world.message(&world.transfer(4))).await;
    assert!(misdirected.to_string().contains("for creditor 1103806595072,"), "{misdirected}");
    assert!(misdirected.to_string().contains(" of the realm 0.#:"), "{misdirected}");
}

#[tokio::test]
async fn a_reply_to_another_coordinator_ends_the_consumer() {
    let world = World::new().await;
    let reply = Incoming::RejectedTransfer(RejectedTransfer {
        account: ACCOUNT,
        coordinator_id: C,
        coordinator_request_id: 1,
        status_code: "NO".to_owned(),
        total_locked_amount: 0,
    });
    let foreign = Unused { coordinator_type: "agent".to_owned(), ..Unused::at(world.now) };
    let misdirected = ends_with(&world, world.config(), message_with(&reply, &foreign)).await;
    assert!(matches!(misdirected, Misdirected::Coordinator { coordinator_type, .. } if coordinator_type == "agent"));
}

#[tokio::test]
async fn a_bounced_message_of_another_shard_is_welcome() {
    let world = World::new().await;
    let bounced = |creditor_id| {
        world.message(&Incoming::ConfigureAccount(BouncedConfigureAccount {
            account: AccountKey::new(creditor_id, ACCOUNT.debtor_id),
            ts: world.now,
            seqnum: 0,
            negligible_amount: 0.0,
            config_flags: 0,
            config_data: String::new(),
        }))
    };
    // A single worker keeps their order: after the effect of the last one, all are dealt with.
    world.publish(&[bounced(CreditorId::new(5)), bounced(C)]).await;
    let mut config = Config { workers: 1, ..world.config() };
    config.handlers.shard = Shard::new(C, C, Realm::parse("0.#").unwrap());
    let running = world.start_with(config);
    let kept = "SELECT count(*) FROM rejected_config_signal";
    until("a kept message", async || world.number(kept).await == 1).await;
    running.stop().await;
    world.assert_all_acknowledged().await;
}

#[tokio::test]
async fn a_queue_that_does_not_exist_ends_the_consumer() {
    let world = World::new().await;
    let config = Config { queue: "nowhere".to_owned(), ..world.config() };
    let ended = world.start_with(config).ended().await;
    assert!(matches!(ended, Err(Error::Queue { queue, source }) if queue == "nowhere" && source.is_not_found()));
}
