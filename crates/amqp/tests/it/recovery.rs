//! The broker closes connections while messages are on their way.

use std::{collections::BTreeSet, sync::Arc};

use amqp::{Consumer, Message, Outcome, Publisher, Status};

use crate::support::{Rig, numbered, numbers, soon, spawn, status, to_queue};

/// Publishes until every message was confirmed, as a flusher would.
async fn insist(publisher: &Publisher, mut messages: Vec<Message>) {
    while !messages.is_empty() {
        let outcomes = publisher.publish(&messages).await;
        let mut outcomes = outcomes.iter();
        messages.retain(|_| outcomes.next() != Some(&Outcome::Confirmed));
    }
}

/// Consumes until every number has been acknowledged at least once.
async fn collect(consumer: &mut Consumer, count: usize) -> BTreeSet<u32> {
    let mut taken = BTreeSet::new();
    while taken.len() < count {
        let batch = consumer.next_batch(50).await.expect("the consumer is not stopped");
        let numbers = numbers(&batch);
        if batch.ack_all().await.is_ok() {
            taken.extend(numbers);
        }
    }
    taken
}

#[tokio::test(flavor = "multi_thread")]
async fn connections_closed_by_the_broker_cost_no_message() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let publisher = Arc::new(rig.publisher());
    let mut consumer = rig.consumer("q", 100);
    let publishing = spawn({
        let publisher = Arc::clone(&publisher);
        async move {
            for part in 0..40 {
                insist(&publisher, numbered("q", part * 100..part * 100 + 100)).await;
            }
        }
    });
    let consuming = spawn(async move {
        let taken = collect(&mut consumer, 4_000).await;
        (consumer, taken)
    });
    let mut lost = 0;
    while !publishing.is_finished() && lost < 5 {
        rig.close_connections().await;
        lost += 1;
    }
    assert!(lost >= 1, "publishing was over before a connection could be closed");
    soon("publishing", publishing).await.expect("no panic");
    let (_consumer, taken) = soon("consuming", consuming).await.expect("no panic");
    assert_eq!(taken, (0..4_000).collect());
}

#[tokio::test]
async fn an_idle_publisher_and_consumer_come_back() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let publisher = rig.publisher();
    let mut consumer = rig.consumer("q", 100);
    let (mut connection, mut subscription) = (publisher.status(), consumer.status());
    for round in 0..2_u32 {
        status(&mut connection, "a connection", |status| *status == Status::Ready).await;
        status(&mut subscription, "a subscription", |status| *status == Status::Ready).await;
        let until_both_are_lost = async {
            status(&mut connection, "the loss", |status| matches!(status, Status::Failing { .. })).await;
            status(&mut subscription, "the loss", |status| matches!(status, Status::Failing { .. })).await
        };
        let closing = async {
            loop {
                rig.close_connections().await;
            }
        };
        let failing = tokio::select! {
            failing = until_both_are_lost => failing,
            () = closing => unreachable!(),
        };
        let Status::Failing { error, .. } = failing else { panic!("it was failing") };
        assert!(error.to_string().contains("320") || error.to_string().contains("lost"), "{error}");

        insist(&publisher, vec![to_queue("q", round.to_string())]).await;
        let taken = soon("the message", collect(&mut consumer, 1)).await;
        assert_eq!(taken, [round].into());
    }
}

#[tokio::test]
async fn a_paused_consumer_that_loses_its_connection_stays_paused() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let mut consumer = rig.consumer("q", 100);
    let mut watched = consumer.status();
    status(&mut watched, "a subscription", |status| *status == Status::Ready).await;
    soon("the pause", consumer.pause()).await;
    rig.close_connections().await;
    insist(&rig.publisher(), numbered("q", 0..5)).await;
    rig.wait_ready("q", 5).await;
    status(&mut watched, "the pause", |status| *status == Status::Paused).await;
    consumer.resume();
    assert_eq!(soon("the messages", collect(&mut consumer, 5)).await, (0..5).collect());
}
