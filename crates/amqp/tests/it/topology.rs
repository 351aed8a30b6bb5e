//! Declaring, binding, unbinding, deleting.

use amqp::{
    Error, Header, Message, Properties, Topology,
    topology::{self, Comparison, Exchange, ExchangeBinding, QueueBinding, QueueStatus},
};

use crate::support::{Rig, named, next, numbered, publish_all, queue, to_queue};

fn exchange(name: &str, kind: &str, arguments: &[(&str, Header)]) -> Exchange {
    Exchange { name: name.to_owned(), kind: kind.to_owned(), arguments: named(arguments) }
}

fn link(source: &str, destination: &str, arguments: &[(&str, Header)]) -> ExchangeBinding {
    let (source, destination) = (source.to_owned(), destination.to_owned());
    ExchangeBinding { source, destination, routing_key: String::new(), arguments: named(arguments) }
}

fn binding(exchange: &str, queue: &str, routing_key: &str) -> QueueBinding {
    let (exchange, queue, routing_key) = (exchange.to_owned(), queue.to_owned(), routing_key.to_owned());
    QueueBinding { exchange, queue, routing_key, arguments: vec![] }
}

/// In the manner of smp §9: everything that we need of the broker.
fn example() -> Topology {
    Topology {
        exchanges: vec![
            exchange("in", "headers", &[]),
            exchange("shards", "topic", &[]),
            exchange("filter", "headers", &[]),
            exchange("loopback", "x-random", &[]),
            exchange("out", "topic", &[("alternate-exchange", "filter".into())]),
        ],
        exchange_bindings: vec![
            link("filter", "loopback", &[("x-match", "all".into()), ("message-type", "Mine".into())]),
            link("in", "shards", &[("x-match", "all".into()), ("ours", true.into())]),
        ],
        queues: vec![
            queue("q.XQ", &[("x-queue-type", "stream".into())]),
            queue(
                "q",
                &[
                    ("x-queue-type", "quorum".into()),
                    ("overflow", "reject-publish".into()),
                    ("x-dead-letter-exchange", "".into()),
                    ("x-dead-letter-routing-key", "q.XQ".into()),
                    ("x-delivery-limit", Header::Int(7)),
                ],
            ),
        ],
        queue_bindings: vec![binding("shards", "q", "1.#"), binding("loopback", "q", "q")],
    }
}

async fn everything(rig: &Rig) -> (Vec<String>, Vec<String>, Vec<String>) {
    let api = rig.broker.api();
    let exchanges = api.exchanges().await.expect("exchanges");
    let queues = api.queues().await.expect("queues");
    let bindings = api.bindings().await.expect("bindings");
    let sorted = |mut texts: Vec<String>| {
        texts.sort();
        texts
    };
    (
        sorted(exchanges.iter().map(|found| format!("{} {} {:?}", found.name, found.kind, found.arguments)).collect()),
        sorted(queues.iter().map(|found| format!("{} {} {:?}", found.name, found.kind, found.arguments)).collect()),
        sorted(bindings.iter().map(|found| format!("{found:?}")).collect()),
    )
}

#[tokio::test]
async fn applied_twice_is_the_same_as_once() {
    let rig = Rig::new().await;
    topology::apply(&rig.url, &example()).await.expect("the first time");
    let once = everything(&rig).await;
    topology::apply(&rig.url, &example()).await.expect("the second time");
    assert_eq!(everything(&rig).await, once);

    let (exchanges, queues, bindings) = once;
    let out = r#"out topic {"alternate-exchange": String("filter")}"#;
    assert!(exchanges.iter().any(|found| found == out), "{exchanges:?}");
    assert!(exchanges.iter().any(|found| found == "loopback x-random {}"), "{exchanges:?}");
    assert!(queues.iter().any(|found| found.starts_with("q.XQ stream ")), "{queues:?}");
    assert!(queues.iter().any(|found| found.contains(r#""x-delivery-limit": Number(7)"#)), "{queues:?}");
    let ours = r#"{"ours": Bool(true), "x-match": String("all")}"#;
    assert!(bindings.iter().any(|found| found.contains(ours)), "{bindings:?}");
}

#[tokio::test]
async fn a_message_that_nobody_wants_comes_back_through_the_alternate_and_the_random_exchange() {
    let rig = Rig::new().await;
    topology::apply(&rig.url, &example()).await.expect("applied");
    let message = |kind: &str| Message {
        exchange: "out".to_owned(),
        routing_key: "00.01".to_owned(),
        properties: Properties { headers: named(&[("message-type", kind.into())]), ..Properties::default() },
        body: kind.into(),
        ..Message::default()
    };
    publish_all(&rig.publisher(), &[message("Other"), message("Mine")]).await;
    let batch = next(&mut rig.consumer("q", 10), 10).await;
    assert_eq!(batch.deliveries.len(), 1);
    assert_eq!(batch.deliveries[0].body, b"Mine");
    assert_eq!((batch.deliveries[0].exchange.as_str(), batch.deliveries[0].routing_key.as_str()), ("out", "00.01"));
}

#[tokio::test]
async fn what_exists_in_another_form_is_refused() {
    let rig = Rig::new().await;
    rig.queue("q").await;
    let different = Topology { queues: vec![queue("q", &[("x-queue-type", "stream".into())])], ..Topology::default() };
    let error = topology::apply(&rig.url, &different).await.expect_err("it exists as a quorum queue");
    assert!(error.is_refused() && !error.is_not_found(), "{error}");
    assert!(error.to_string().contains("406"), "{error}");
}

#[tokio::test]
async fn unbinding_removes_just_the_binding_and_may_be_repeated() {
    let rig = Rig::new().await;
    topology::apply(&rig.url, &example()).await.expect("applied");
    let gone = [binding("shards", "q", "1.#"), binding("loopback", "q", "q")];
    for _ in 0..2 {
        topology::unbind(&rig.url, &gone).await.expect("unbound");
        let bindings = rig.broker.api().bindings().await.expect("bindings");
        let left: Vec<_> = bindings.iter().filter(|found| found.destination == "q").collect();
        assert_eq!(left.len(), 1, "only the default exchange's: {left:?}");
    }
    let missing =
        [binding("shards", "no such queue", "#"), binding("no such exchange", "q", "#"), binding("shards", "q", "2")];
    topology::unbind(&rig.url, &missing).await.expect("nothing to unbind");
}

#[tokio::test]
async fn a_queue_is_looked_at_and_deleted() {
    let rig = Rig::new().await;
    assert_eq!(topology::queue_status(&rig.url, "q").await, Ok(None));
    rig.queue("q").await;
    publish_all(&rig.publisher(), &numbered("q", 0..3)).await;
    rig.wait_ready("q", 3).await;
    let mut consumer = rig.consumer("q", 2);
    let _held = next(&mut consumer, 2).await;
    let status = topology::queue_status(&rig.url, "q").await;
    assert_eq!(status, Ok(Some(QueueStatus { ready: 1, consumers: 1 })));
    topology::delete_queue(&rig.url, "q").await.expect("deleted");
    topology::delete_queue(&rig.url, "q").await.expect("nothing to delete");
    assert_eq!(topology::queue_status(&rig.url, "q").await, Ok(None));
}

#[tokio::test]
async fn names_that_are_too_long_are_refused_before_they_are_sent() {
    let rig = Rig::new().await;
    let long = "x".repeat(256);
    let error = Error::NameTooLong { what: "the queue", bytes: 256 };
    assert_eq!(topology::queue_status(&rig.url, &long).await, Err(error.clone()));
    assert_eq!(topology::delete_queue(&rig.url, &long).await, Err(error.clone()));
    let topology = Topology { queues: vec![queue(&long, &[])], ..Topology::default() };
    assert_eq!(topology::apply(&rig.url, &topology).await, Err(error));
    let topology = Topology { queues: vec![queue("q", &[(&long, true.into())])], ..Topology::default() };
    assert!(matches!(topology::apply(&rig.url, &topology).await, Err(Error::NameTooLong { .. })));
}

#[tokio::test]
async fn a_message_to_a_stream_is_confirmed() {
    let rig = Rig::new().await;
    rig.queue_with("q.XQ", &[("x-queue-type", "stream".into())]).await;
    publish_all(&rig.publisher(), &[to_queue("q.XQ", "dead")]).await;
}

#[tokio::test]
async fn arguments_of_a_queue_are_compared_without_changing_anything() {
    let rig = Rig::new().await;
    let wanted = queue(
        "q",
        &[
            ("x-queue-type", "quorum".into()),
            ("x-dead-letter-exchange", "".into()),
            ("x-dead-letter-routing-key", "q.XQ".into()),
        ],
    );
    let compare = async || topology::compare_queue(&rig.url, &wanted).await.expect("the broker answers");
    assert_eq!(compare().await, Comparison::Missing);
    assert_eq!(rig.ready("q").await, None);

    let (exchange, key) = ("x-dead-letter-exchange", "x-dead-letter-routing-key");
    let cases = [
        ("quorum", vec![(exchange, ""), (key, "q.XQ"), ("overflow", "reject-publish")], None),
        ("quorum", vec![], Some(exchange)),
        ("quorum", vec![(exchange, "")], Some(key)),
        ("quorum", vec![(exchange, ""), (key, "elsewhere")], Some(key)),
        // Of a queue of another type, too, these are compared first.
        ("classic", vec![(exchange, ""), (key, "q.XQ")], None),
        ("classic", vec![(exchange, "")], Some(key)),
        ("classic", vec![], Some(exchange)),
    ];
    for (kind, arguments, differs) in cases {
        let texts = [("x-queue-type", kind)].into_iter().chain(arguments);
        let arguments: Vec<_> = texts.map(|(name, text)| (name, Header::from(text))).collect();
        rig.queue_with("q", &arguments).await;
        publish_all(&rig.publisher(), &numbered("q", 0..1)).await;
        match (compare().await, differs) {
            (Comparison::Equal, None) => {}
            (Comparison::Different { argument, explanation }, Some(expected)) => {
                assert_eq!(argument, expected);
                assert!(explanation.contains("'q'"), "{explanation}");
            }
            other => panic!("{arguments:?}: {other:?}"),
        }
        rig.wait_ready("q", 1).await;
        topology::delete_queue(&rig.url, "q").await.expect("deleted");
    }
}

/// Comparing relies on it: a queue that is deleted at that moment must not come back.
#[tokio::test]
async fn no_queue_can_be_created_by_a_comparison() {
    let rig = Rig::new().await;
    for kind in ["quorum", "classic", "stream"] {
        let impossible = queue("q", &[("x-queue-type", kind.into()), ("x-max-priority", Header::Int(-1))]);
        let topology = Topology { queues: vec![impossible], ..Topology::default() };
        let refused = topology::apply(&rig.url, &topology).await.expect_err("it cannot be created");
        assert!(refused.is_refused(), "{refused}");
        assert_eq!(rig.ready("q").await, None);
    }
}
