//! Consuming in batches, settling, pausing, stopping.

use amqp::{Consumer, ConsumerOptions, Error, Header, Publisher, PublisherOptions, Status, topology};
use tokio_util::sync::CancellationToken;

use crate::support::{Rig, next, numbered, numbers, publish_all, set, soon, status, take, to_queue, until};

#[tokio::test]
async fn a_batch_is_what_has_arrived_up_to_the_limit() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..10)).await;
    let mut consumer = rig.consumer("q", 100);
    let mut taken = Vec::new();
    while taken.len() < 10 {
        let batch = next(&mut consumer, 4).await;
        assert!((1..=4).contains(&batch.deliveries.len()));
        taken.extend(numbers(&batch));
        batch.ack_all().await.expect("the channel lives");
    }
    assert_eq!(taken, (0..10).collect::<Vec<_>>());

    // A lone message is a batch of one.
    publish_all(&rig.publisher(), &numbered("q", 10..11)).await;
    assert_eq!(numbers(&next(&mut consumer, 4).await), [10]);
}

#[tokio::test]
async fn no_more_than_the_prefetch_count_is_handed_out_before_it_is_acknowledged() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..7)).await;
    let mut consumer = rig.consumer("q", 3);
    rig.wait_ready("q", 4).await;
    let batch = next(&mut consumer, 100).await;
    assert_eq!(numbers(&batch), [0, 1, 2]);
    batch.ack_all().await.expect("the channel lives");
    assert_eq!(take(&mut consumer, 4).await, [3, 4, 5, 6]);
    soon("the end", consumer.close()).await;
    assert_eq!(rig.ready("q").await, Some(0));
}

#[tokio::test]
async fn acknowledging_a_batch_leaves_an_earlier_one_alone() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..6)).await;
    let mut consumer = rig.consumer("q", 100);
    rig.wait_ready("q", 0).await;
    // Of two messages, or one, if the other has not arrived yet.
    let (first, second, third) =
        (next(&mut consumer, 2).await, next(&mut consumer, 2).await, next(&mut consumer, 2).await);
    let (kept, acknowledged) = (set(numbers(&first)), set(numbers(&second)));
    second.ack_all().await.expect("the channel lives");
    third.requeue_all().await.expect("the channel lives");
    let others = set((0..6).filter(|number| !kept.contains(number) && !acknowledged.contains(number)));
    assert_eq!(set(take(&mut consumer, others.len()).await), others);
    drop(first);
    assert_eq!(set(take(&mut consumer, kept.len()).await), kept);
    soon("the end", consumer.close()).await;
    assert_eq!(rig.ready("q").await, Some(0));
}

#[tokio::test]
async fn a_requeued_or_dropped_batch_is_delivered_again() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..3)).await;
    let mut consumer = rig.consumer("q", 3);
    rig.wait_ready("q", 0).await;
    let batch = next(&mut consumer, 10).await;
    assert!(batch.deliveries.iter().all(|delivery| !delivery.redelivered));
    batch.requeue_all().await.expect("the channel lives");
    for _ in 0..2 {
        let mut seen = Vec::new();
        let mut held = Vec::new();
        while seen.len() < 3 {
            let batch = next(&mut consumer, 10).await;
            assert!(batch.deliveries.iter().all(|delivery| delivery.redelivered));
            seen.extend(numbers(&batch));
            held.push(batch);
        }
        assert_eq!(set(seen), set([0, 1, 2]));
    }
}

#[tokio::test]
async fn a_pause_returns_everything_and_keeps_the_connection() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..10)).await;
    let mut consumer = rig.consumer("q", 6);
    rig.wait_ready("q", 4).await;
    let batch = next(&mut consumer, 2).await;
    let connections = async || {
        let names = rig.broker.api().connection_names().await.expect("the management API answers");
        names.into_iter().collect::<std::collections::BTreeSet<_>>()
    };
    until("the consumer's connection to be listed", async || connections().await.len() == 1).await;
    let before = connections().await;

    soon("the pause", consumer.pause()).await;
    assert_eq!(*consumer.status().borrow(), Status::Paused);
    rig.wait_ready("q", 10).await;
    let status = topology::queue_status(&rig.url, "q").await.expect("the broker answers").expect("it exists");
    assert_eq!(status.consumers, 0);
    assert!(connections().await.is_superset(&before));
    assert_eq!(batch.ack_all().await, Err(Error::Stale));
    soon("a second pause", consumer.pause()).await;

    consumer.resume();
    assert_eq!(set(take(&mut consumer, 10).await), set(0..10));
    assert!(connections().await.is_superset(&before));
    soon("the end", consumer.close()).await;
    assert_eq!(rig.ready("q").await, Some(0));
}

#[tokio::test]
async fn messages_are_returned_once_by_a_pause() {
    let rig = Rig::new().await;
    // A quorum queue counts how often a message came back.
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..4)).await;
    let mut consumer = rig.consumer("q", 100);
    rig.wait_ready("q", 0).await;
    let batch = next(&mut consumer, 2).await;
    soon("the pause", consumer.pause()).await;
    drop(batch);
    consumer.resume();
    let mut counted = Vec::new();
    while counted.len() < 4 {
        let batch = next(&mut consumer, 100).await;
        counted.extend(batch.deliveries.iter().map(|delivery| delivery.header("x-delivery-count").cloned()));
        batch.ack_all().await.expect("the channel lives");
    }
    assert_eq!(counted, vec![Some(Header::Int(1)); 4]);
}

/// Two consumers of a queue give up: what one returns must not be delivered to the other, which would return it again.
#[tokio::test]
async fn with_brakes_pulled_first_everything_comes_back_once() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..20)).await;
    let mut consumers = [rig.consumer("q", 6), rig.consumer("q", 6)];
    rig.wait_ready("q", 8).await;
    let [first, second] = &mut consumers;
    let (kept, lost) = (next(first, 2).await, next(second, 2).await);

    for brake in [first.brake(), second.brake()] {
        soon("the brake", brake.hold()).await;
    }
    // What has arrived can still be taken, and what is held can still be acknowledged.
    let arrived = next(first, 3).await;
    let acknowledged = kept.deliveries.len() + arrived.deliveries.len();
    assert_eq!((kept.ack_all().await, arrived.ack_all().await), (Ok(()), Ok(())));
    soon("the pause", second.pause()).await;
    drop(lost);
    soon("the brake of one that pauses", second.brake().hold()).await;
    rig.wait_ready("q", 8 + 6).await;
    assert_eq!(*first.status().borrow(), Status::Ready);

    first.resume();
    second.resume();
    let mut counts = Vec::new();
    while counts.len() < 20 - acknowledged {
        let batch = tokio::select! {
            batch = first.next_batch(100) => batch,
            batch = second.next_batch(100) => batch,
        };
        let batch = batch.expect("neither is stopped");
        counts.extend(batch.deliveries.iter().map(|delivery| delivery.header("x-delivery-count").cloned()));
        batch.ack_all().await.expect("the channel lives");
    }
    assert!(counts.iter().all(|count| matches!(count, None | Some(Header::Int(1)))), "{counts:?}");
    for consumer in consumers {
        soon("the end", consumer.close()).await;
    }
    assert_eq!(rig.ready("q").await, Some(0));
}

#[tokio::test]
async fn a_consumer_can_be_stopped_with_its_brake_pulled() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..5)).await;
    let mut consumer = rig.consumer("q", 100);
    rig.wait_ready("q", 0).await;
    let batch = next(&mut consumer, 2).await;
    soon("the brake", consumer.brake().hold()).await;
    let (closed, acknowledged) = tokio::join!(soon("the end", consumer.close()), batch.ack_all());
    assert_eq!((closed, acknowledged), ((), Ok(())));
    rig.wait_ready("q", 3).await;
}

/// Whoever gives up a batch pauses first; also when everything is to stop, that must come to an end.
#[tokio::test]
async fn after_a_stop_the_batch_at_hand_can_be_given_up() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..5)).await;
    let mut consumer = rig.consumer("q", 100);
    let batch = next(&mut consumer, 2).await;
    let brake = consumer.brake();
    rig.stop.cancel();
    soon("the brake", brake.hold()).await;
    soon("the pause", consumer.pause()).await;
    assert_eq!(batch.ack_all().await, Err(Error::Stale));
    soon("the end", consumer.close()).await;
    rig.wait_ready("q", 5).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn many_short_pauses_lose_nothing() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..300)).await;
    let mut consumer = rig.consumer("q", 20);
    let mut taken = std::collections::BTreeSet::new();
    for round in 0_u32.. {
        if taken.len() == 300 {
            break;
        }
        let batch = next(&mut consumer, 7).await;
        let numbers = numbers(&batch);
        if round % 3 == 0 {
            soon("the pause", consumer.pause()).await;
            assert_eq!(batch.ack_all().await, Err(Error::Stale));
        } else {
            batch.ack_all().await.expect("the channel lives");
            taken.extend(numbers);
            consumer.resume();
            soon("the pause", consumer.pause()).await;
        }
        consumer.resume();
    }
    soon("the end", consumer.close()).await;
    assert_eq!(rig.ready("q").await, Some(0));
}

#[tokio::test]
async fn a_missing_queue_is_told_and_waited_for() {
    let rig = Rig::new().await;
    let mut consumer = rig.consumer("q", 10);
    let mut watched = consumer.status();
    let failing =
        status(&mut watched, "two failures", |status| matches!(status, Status::Failing { failures: 2.., .. }));
    let Status::Failing { error, .. } = failing.await else { panic!("it was failing") };
    assert!(error.is_not_found(), "{error}");
    // There is nothing to pause, which is done at once.
    soon("the pause", consumer.pause()).await;
    consumer.resume();

    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..3)).await;
    assert_eq!(take(&mut consumer, 3).await, [0, 1, 2]);
    assert_eq!(*watched.borrow(), Status::Ready);
}

#[tokio::test]
async fn a_queue_deleted_under_the_consumer_is_noticed() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let publisher = rig.publisher();
    publish_all(&publisher, &numbered("q", 0..1)).await;
    let mut consumer = rig.consumer("q", 10);
    let batch = next(&mut consumer, 10).await;
    let mut watched = consumer.status();
    topology::delete_queue(&rig.url, "q").await.expect("deleted");
    status(&mut watched, "the loss", |status| matches!(status, Status::Failing { .. })).await;
    assert_eq!(batch.ack_all().await, Err(Error::Stale));
    rig.queue("q").await;
    publish_all(&publisher, &numbered("q", 1..3)).await;
    assert_eq!(take(&mut consumer, 2).await, [1, 2]);
}

#[tokio::test]
async fn after_a_stop_the_batch_at_hand_can_still_be_acknowledged() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..10)).await;
    let mut consumer = rig.consumer("q", 100);
    rig.wait_ready("q", 0).await;
    let (kept, dropped) = (next(&mut consumer, 4).await, next(&mut consumer, 2).await);
    rig.stop.cancel();
    assert!(soon("the end", consumer.next_batch(10)).await.is_none());
    let (closed, acknowledged) = tokio::join!(soon("the end", consumer.close()), async move {
        drop(dropped);
        tokio::task::yield_now().await;
        kept.ack_all().await
    });
    assert_eq!((closed, acknowledged), ((), Ok(())));
    rig.wait_ready("q", 6).await;

    let rest = Rig { stop: CancellationToken::new(), ..rig };
    let mut consumer = rest.consumer("q", 100);
    assert_eq!(set(take(&mut consumer, 6).await), set(4..10));
}

#[tokio::test]
async fn headers_that_are_not_understood_are_passed_on() {
    let rig = Rig::new().await;
    rig.queue("final").await;
    let dead_letters = [
        ("x-message-ttl", Header::Int(0)),
        ("x-dead-letter-exchange", "".into()),
        ("x-dead-letter-routing-key", "dead".into()),
    ];
    rig.queue_with("short-lived", &dead_letters).await;
    rig.queue_with("dead", &[]).await;
    let publisher = rig.publisher();
    publish_all(&publisher, &[to_queue("short-lived", "x")]).await;

    // The broker has added a list of tables with times in them.
    let batch = next(&mut rig.consumer("dead", 1), 1).await;
    let dead = &batch.deliveries[0];
    assert!(matches!(dead.header("x-death"), Some(Header::Other(_))), "{dead:?}");
    publish_all(&publisher, &[dead.republish("", "final")]).await;
    let batch = next(&mut rig.consumer("final", 1), 1).await;
    assert_eq!(batch.deliveries[0].properties, dead.properties);
}

#[test]
fn handles_may_outlive_the_runtime() {
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (rig, handles) = runtime.block_on(async {
        let rig = Rig::new().await;
        rig.queue("q").await;
        let publisher = Publisher::start(rig.url.clone(), PublisherOptions::new("test"), &CancellationToken::new());
        publish_all(&publisher, &numbered("q", 0..2)).await;
        let options = ConsumerOptions { name: "test".to_owned(), queue: "q".to_owned(), prefetch_count: 1 };
        let mut consumer = Consumer::start(rig.url.clone(), options, &CancellationToken::new());
        let batch = next(&mut consumer, 1).await;
        (rig, (publisher, consumer, batch))
    });
    drop(runtime);
    drop(handles);
    drop(rig);
}
