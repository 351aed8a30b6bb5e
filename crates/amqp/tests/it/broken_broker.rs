//! A broker that says nothing any more.

use std::time::Duration;

use amqp::{BrokerUrl, Consumer, ConsumerOptions, Error, Outcome, Publisher, PublisherOptions, Status};

use crate::{
    proxy::Proxy,
    support::{Rig, next, numbered, publish_all, soon, status, take},
};

async fn rig_with_proxy() -> (Rig, Proxy, BrokerUrl) {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let proxy = Proxy::to(rig.url.host(), rig.url.port()).await;
    let vhost = rig.url.vhost();
    let url = format!("amqp://{}:{}@127.0.0.1:{}/{vhost}?heartbeat=4", rig.url.user(), rig.url.password(), proxy.port);
    let url = BrokerUrl::parse(&url).expect("a URL");
    (rig, proxy, url)
}

#[tokio::test]
async fn missing_confirms_are_noticed_and_the_connection_is_made_anew() {
    let (rig, proxy, url) = rig_with_proxy().await;
    let options =
        PublisherOptions { confirm_timeout: Duration::from_secs(1), ..PublisherOptions::new("test publisher") };
    let publisher = Publisher::start(url, options, &rig.stop);
    let mut watched = publisher.status();
    publish_all(&publisher, &numbered("q", 0..10)).await;
    proxy.freeze();
    let outcomes = soon("the outcome", publisher.publish(&numbered("q", 10..2_000))).await;
    assert_eq!(outcomes, vec![Outcome::Unconfirmed; 1_990]);
    assert!(!publisher.is_connected());
    let failing = status(&mut watched, "the loss", |status| matches!(status, Status::Failing { .. })).await;
    assert!(matches!(failing, Status::Failing { error: Error::ConfirmDeadline(_), .. }), "{failing:?}");
    proxy.thaw();
    status(&mut watched, "a new connection", |status| *status == Status::Ready).await;
    publish_all(&publisher, &numbered("q", 0..10)).await;
}

#[tokio::test]
async fn heartbeats_find_out_a_frozen_broker() {
    let (rig, proxy, url) = rig_with_proxy().await;
    let options = ConsumerOptions { name: "test".to_owned(), queue: "q".to_owned(), prefetch_count: 10 };
    let mut consumer = Consumer::start(url, options, &rig.stop);
    let mut watched = consumer.status();
    publish_all(&rig.publisher(), &numbered("q", 0..3)).await;
    let batch = next(&mut consumer, 1).await;
    proxy.freeze();
    let failing = status(&mut watched, "the loss", |status| matches!(status, Status::Failing { .. })).await;
    assert!(matches!(failing, Status::Failing { error: Error::ConnectionLost, .. }), "{failing:?}");
    assert_eq!(batch.ack_all().await, Err(Error::Stale));
    proxy.thaw();
    assert_eq!(take(&mut consumer, 3).await.len(), 3);
}

#[tokio::test]
async fn a_pause_while_the_broker_is_frozen_ends_with_the_heartbeats() {
    let (rig, proxy, url) = rig_with_proxy().await;
    let options = ConsumerOptions { name: "test".to_owned(), queue: "q".to_owned(), prefetch_count: 10 };
    let mut consumer = Consumer::start(url, options, &rig.stop);
    status(&mut consumer.status(), "a subscription", |status| *status == Status::Ready).await;
    proxy.freeze();
    soon("the pause", consumer.pause()).await;
    proxy.thaw();
    publish_all(&rig.publisher(), &numbered("q", 0..3)).await;
    rig.wait_ready("q", 3).await;
    consumer.resume();
    assert_eq!(take(&mut consumer, 3).await, [0, 1, 2]);
}
