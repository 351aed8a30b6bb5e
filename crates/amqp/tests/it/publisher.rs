//! Publishing with confirms.

use std::time::{Duration, Instant};

use amqp::{BrokerUrl, Header, Message, Outcome, Properties, Publisher, PublisherOptions, Status};
use tokio::time::timeout;
use tokio_util::sync::CancellationToken;

use crate::support::{Rig, named, next, numbered, numbers, publish_all, soon, spawn, status, take, to_queue};

#[tokio::test]
async fn a_thousand_messages_are_confirmed_with_a_few_in_flight() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let options = PublisherOptions { max_in_flight: 64, ..PublisherOptions::new("test publisher") };
    let publisher = Publisher::start(rig.url.clone(), options, &rig.stop);
    publish_all(&publisher, &numbered("q", 0..1_000)).await;
    assert!(publisher.is_connected());
    let mut consumer = rig.consumer("q", 500);
    assert_eq!(take(&mut consumer, 1_000).await, (0..1_000).collect::<Vec<_>>());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_batches_at_once_share_the_connection() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let publisher = std::sync::Arc::new(rig.publisher());
    let mut tasks = tokio::task::JoinSet::new();
    for task in 0..8 {
        let publisher = std::sync::Arc::clone(&publisher);
        tasks.spawn(async move { publish_all(&publisher, &numbered("q", task * 200..task * 200 + 200)).await });
    }
    while let Some(done) = tasks.join_next().await {
        done.expect("no task panics");
    }
    rig.wait_ready("q", 1_600).await;
}

#[tokio::test]
async fn everything_arrives_as_it_was_sent_and_nothing_is_added() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let typical = Properties {
        message_type: Some("FinalizeTransfer".to_owned()),
        content_type: Some("application/json".to_owned()),
        app_id: Some("swpt_creditors".to_owned()),
        headers: named(&[
            ("coordinator-id", Header::Int(i64::MIN)),
            ("coordinator-type", "direct".into()),
            ("creditor-id", Header::Int(-1)),
            ("urgent", Header::Bool(true)),
        ]),
        persistent: true,
        ..Properties::default()
    };
    let rare = Properties {
        content_encoding: Some("utf-8".to_owned()),
        user_id: Some(rig.url.user().to_owned()),
        message_id: Some("m".to_owned()),
        correlation_id: Some("c".to_owned()),
        reply_to: Some("r".to_owned()),
        expiration: Some("600000".to_owned()),
        timestamp: Some(1_700_000_000),
        priority: Some(4),
        ..Properties::default()
    };
    let large = vec![b'x'; 400_000];
    let messages = [
        Message { properties: typical.clone(), ..to_queue("q", "{}") },
        Message { properties: rare.clone(), ..to_queue("q", large.clone()) },
        Message { properties: Properties::default(), ..to_queue("q", "") },
    ];
    publish_all(&rig.publisher(), &messages).await;

    let mut consumer = rig.consumer("q", 10);
    let mut arrived = Vec::new();
    while arrived.len() < 3 {
        let mut batch = next(&mut consumer, 10).await;
        arrived.append(&mut batch.deliveries);
        batch.ack_all().await.expect("the channel lives");
    }
    let [first, second, third] = arrived.as_slice() else { panic!("{} messages", arrived.len()) };
    assert_eq!((&first.properties, first.body.as_slice()), (&typical, b"{}".as_slice()));
    assert_eq!((&second.properties, &second.body), (&rare, &large));
    assert_eq!((&third.properties, third.body.len()), (&Properties::default(), 0));
    for delivery in [first, second, third] {
        assert_eq!((delivery.exchange.as_str(), delivery.routing_key.as_str()), ("", "q"));
        assert!(!delivery.redelivered);
    }
}

#[tokio::test]
async fn a_mandatory_message_without_a_queue_is_returned_and_its_neighbours_are_confirmed() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let publisher = rig.publisher();
    let mandatory = |queue: &str, body: &str| Message { mandatory: true, ..to_queue(queue, body) };
    let batch = [
        mandatory("q", "1"),
        mandatory("nowhere", "2"),
        to_queue("nowhere", "3"),
        mandatory("nowhere", "2"),
        mandatory("q", "5"),
        mandatory("nowhere", ""),
    ];
    let outcomes = soon("confirms", publisher.publish(&batch)).await;
    let returned = Outcome::Returned { code: 312, text: "NO_ROUTE".to_owned() };
    let expected = [
        Outcome::Confirmed,
        returned.clone(),
        Outcome::Confirmed,
        returned.clone(),
        Outcome::Confirmed,
        returned.clone(),
    ];
    assert_eq!(outcomes, expected);
    rig.wait_ready("q", 2).await;

    // All of a window, several times over.
    let batch = vec![mandatory("nowhere", "x"); 2_500];
    assert_eq!(soon("confirms", publisher.publish(&batch)).await, vec![returned; 2_500]);
}

#[tokio::test]
async fn a_missing_exchange_spoils_only_its_own_messages() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let publisher = rig.publisher();
    let lost = Message { exchange: "missing".to_owned(), ..to_queue("q", "0") };
    for _ in 0..3 {
        let batch = [to_queue("q", "1"), lost.clone(), to_queue("q", "2")];
        let outcomes = soon("confirms", publisher.publish(&batch)).await;
        assert_eq!(outcomes, [Outcome::Confirmed, Outcome::Unconfirmed, Outcome::Confirmed]);
        let batch = [lost.clone(), to_queue("q", "3")];
        let outcomes = soon("confirms", publisher.publish(&batch)).await;
        assert_eq!(outcomes, [Outcome::Unconfirmed, Outcome::Confirmed]);
    }
    rig.wait_ready("q", 9).await;
}

#[tokio::test]
async fn a_full_queue_refuses_messages() {
    let rig = Rig::new().await;
    rig.queue_with("q", &[("x-max-length", Header::Int(2)), ("x-overflow", "reject-publish".into())]).await;
    let publisher = rig.publisher();
    publish_all(&publisher, &numbered("q", 0..2)).await;
    rig.wait_ready("q", 2).await;
    let outcomes = soon("confirms", publisher.publish(&numbered("q", 2..4))).await;
    assert_eq!(outcomes, [Outcome::Nacked, Outcome::Nacked]);
    assert!(publisher.is_connected());
}

#[tokio::test]
async fn what_amqp_cannot_carry_is_invalid_and_its_neighbours_are_confirmed() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let long = "x".repeat(256);
    let headers = named(&[("h", "x".repeat(200_000).into())]);
    let batch = [
        to_queue("q", "1"),
        to_queue(&long, "2"),
        Message { exchange: long.clone(), ..to_queue("q", "3") },
        Message { properties: Properties { headers, ..Properties::default() }, ..to_queue("q", "4") },
        to_queue("q", "5"),
    ];
    let outcomes = soon("confirms", rig.publisher().publish(&batch)).await;
    for (index, outcome) in outcomes.iter().enumerate() {
        match index {
            0 | 4 => assert_eq!(outcome, &Outcome::Confirmed),
            _ => assert!(matches!(outcome, Outcome::Invalid { .. }), "{index}: {outcome:?}"),
        }
    }
    // The longest names, and headers that just fit, are carried.
    let fits = Message {
        properties: Properties {
            headers: named(&[(&"h".repeat(255), "x".repeat(120_000).into())]),
            message_type: Some("t".repeat(255)),
            content_type: Some("t".repeat(255)),
            content_encoding: Some("t".repeat(255)),
            app_id: Some("t".repeat(255)),
            message_id: Some("t".repeat(255)),
            correlation_id: Some("t".repeat(255)),
            reply_to: Some("t".repeat(255)),
            ..Properties::default()
        },
        ..to_queue("q", "6")
    };
    publish_all(&rig.publisher(), &[fits]).await;
}

#[tokio::test]
async fn an_empty_batch_needs_no_broker() {
    let url = BrokerUrl::parse("amqp://127.0.0.1:1").expect("a URL");
    let publisher = Publisher::start(url, PublisherOptions::new("test"), &CancellationToken::new());
    assert_eq!(publisher.publish(&[]).await, []);
}

#[tokio::test]
async fn without_a_broker_publishing_gives_up_in_time() {
    let url = BrokerUrl::parse("amqp://alice:sesame@127.0.0.1:1").expect("a URL");
    let options =
        PublisherOptions { confirm_timeout: Duration::from_millis(300), ..PublisherOptions::new("test publisher") };
    let publisher = Publisher::start(url, options, &CancellationToken::new());
    let start = Instant::now();
    let outcomes = soon("the outcome", publisher.publish(&numbered("q", 0..3))).await;
    assert_eq!(outcomes, vec![Outcome::Unconfirmed; 3]);
    assert!(start.elapsed() >= Duration::from_millis(300));
    let outcomes = timeout(Duration::ZERO, publisher.publish_at_once(&numbered("q", 0..3))).await;
    assert_eq!(outcomes.expect("no wait"), vec![Outcome::Unconfirmed; 3]);
    assert!(!publisher.is_connected());

    let mut watched = publisher.status();
    let failing =
        status(&mut watched, "a second failure", |status| matches!(status, Status::Failing { failures: 2.., .. }));
    let text = format!("{:?}", failing.await);
    assert!(text.contains("alice:***@127.0.0.1:1") && !text.contains("sesame"), "{text}");
    soon("the end", publisher.close()).await;
    assert_eq!(*watched.borrow(), Status::Stopped);
}

#[tokio::test]
async fn a_wrong_password_is_told_but_not_shown() {
    let rig = Rig::new().await;
    let url = format!("amqp://nobody:sesame@{}:{}/", rig.url.host(), rig.url.port());
    let url = BrokerUrl::parse(&url).expect("a URL");
    let error = amqp::topology::queue_status(&url, "q").await.expect_err("nobody may come in");
    let text = format!("{error} {error:?}");
    assert!(text.contains("password") && !text.contains("sesame"), "{text}");
}

#[tokio::test]
async fn a_cancelled_batch_does_not_confuse_the_next() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let publisher = rig.publisher();
    publish_all(&publisher, &numbered("q", 0..1)).await;
    let batch = numbered("q", 1..400);
    for step in 0..60 {
        let _ = timeout(Duration::from_micros(step * 250), publisher.publish(&batch)).await;
        let probe = [
            Message { mandatory: true, ..to_queue("nowhere", format!("{step}")) },
            to_queue("q", "0"),
            Message { mandatory: true, ..to_queue("nowhere", format!("{step}")) },
        ];
        let outcomes = soon("confirms", publisher.publish(&probe)).await;
        assert!(matches!(outcomes[0], Outcome::Returned { .. }), "{step}: {outcomes:?}");
        assert_eq!(outcomes[1], Outcome::Confirmed, "{step}");
        assert!(matches!(outcomes[2], Outcome::Returned { .. }), "{step}: {outcomes:?}");
    }
}

#[tokio::test]
async fn closing_lets_the_batch_on_its_way_finish() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let publisher = std::sync::Arc::new(rig.publisher());
    publish_all(&publisher, &numbered("q", 0..1)).await;
    let on_its_way = {
        let publisher = std::sync::Arc::clone(&publisher);
        spawn(async move { publisher.publish(&numbered("q", 1..2_001)).await })
    };
    tokio::task::yield_now().await;
    rig.stop.cancel();
    let outcomes = soon("the batch", on_its_way).await.expect("no panic");
    assert_eq!(outcomes, vec![Outcome::Confirmed; 2_000]);
    let mut watched = publisher.status();
    status(&mut watched, "the end", |status| *status == Status::Stopped).await;
    assert_eq!(publisher.publish(&numbered("q", 0..1)).await, [Outcome::Unconfirmed]);

    let rest = Rig { stop: CancellationToken::new(), ..rig };
    let mut consumer = rest.consumer("q", 100);
    assert_eq!(numbers(&next(&mut consumer, 1).await), [0]);
}
