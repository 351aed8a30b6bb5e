//! `subscribe`, `unsubscribe`, `delete_queue`, and what `configure` does on the broker.

use amqp::{BrokerUrl, Message, Properties, Publisher, PublisherOptions, topology::queue_status};
use runtime::Stop;
use serde_json::{Value, json};
use testkit::{TestBroker, TestDatabase};

use crate::program::{Ended, Running, agent, run};

const QUEUE: &str = "shard_queue";
const KEY: &str = "1.0.#";

/// The database of these tests: there is none.
const NO_DATABASE: (&str, &str) = ("POSTGRES_URL", "postgresql://127.0.0.1:1/x");

fn run_on(broker: &TestBroker, word: &str) -> Ended {
    let environment = [
        NO_DATABASE,
        ("PROTOCOL_BROKER_URL", broker.url()),
        ("PROTOCOL_BROKER_QUEUE", QUEUE),
        ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", KEY),
    ];
    run(&[word], &environment)
}

/// All that the broker holds besides its own exchanges and the default bindings.
async fn everything(broker: &TestBroker) -> Value {
    let api = broker.api();
    let sorted = |mut list: Vec<Value>| {
        list.sort_by_key(Value::to_string);
        Value::from(list)
    };
    let exchanges = api.exchanges().await.expect("exchanges");
    let ours = exchanges.iter().filter(|found| !found.name.is_empty() && !found.name.starts_with("amq."));
    let queues = api.queues().await.expect("queues");
    let bindings = api.bindings().await.expect("bindings");
    json!({
        "exchanges": sorted(ours.map(|found| {
            assert!(found.durable && !found.auto_delete && !found.internal, "{found:?}");
            json!([found.name, found.kind, found.arguments])
        }).collect()),
        "queues": sorted(queues.iter().map(|found| {
            assert!(found.durable, "{found:?}");
            json!([found.name, found.kind, found.arguments])
        }).collect()),
        "bindings": sorted(bindings.iter().filter(|found| !found.source.is_empty()).map(|found| {
            json!([found.source, found.destination_type, found.destination, found.routing_key, found.arguments])
        }).collect()),
    })
}

/// smp §9, in the order of [`everything`].
fn specified(queue: &str, routing_key: &str) -> Value {
    let mut bindings = vec![
        json!(["ca.creditors", "queue", queue, routing_key, {}]),
        json!(["ca.loopback", "queue", queue, queue, {}]),
        json!(["ca.loopback_filter", "exchange", "ca.loopback", "",
               { "x-match": "all", "message-type": "ConfigureAccount" }]),
        json!(["creditors_in", "exchange", "ca.creditors", "", { "x-match": "all", "ca-creditors": true }]),
    ];
    bindings.sort_by_key(Value::to_string);
    let dead_letters = format!("{queue}.XQ");
    json!({
        "exchanges": [
            ["ca.creditors", "topic", {}],
            ["ca.loopback", "x-random", {}],
            ["ca.loopback_filter", "headers", {}],
            ["creditors_in", "headers", {}],
            ["creditors_out", "topic", { "alternate-exchange": "ca.loopback_filter" }],
            ["to_trade", "topic", {}],
        ],
        "queues": [
            [queue, "quorum", {
                "x-queue-type": "quorum",
                "overflow": "reject-publish",
                "x-dead-letter-exchange": "",
                "x-dead-letter-routing-key": dead_letters,
            }],
            [dead_letters, "stream", { "x-queue-type": "stream" }],
        ],
        "bindings": bindings,
    })
}

fn sorted_queues(mut topology: Value) -> Value {
    let queues = topology["queues"].as_array_mut().expect("a list");
    queues.sort_by_key(Value::to_string);
    topology
}

#[tokio::test]
async fn subscribe_makes_what_is_specified_and_twice_changes_nothing() {
    let broker = TestBroker::create().await;
    for _ in 0..2 {
        let outcome = run_on(&broker, "subscribe");
        assert_eq!(outcome.status, Some(0), "{outcome:?}");
        assert!(outcome.stdout.starts_with("The queue shard_queue on amqp://"), "{outcome:?}");
        assert_eq!(everything(&broker).await, sorted_queues(specified(QUEUE, KEY)));
    }
}

#[tokio::test]
async fn options_come_before_variables() {
    let broker = TestBroker::create().await;
    let words = ["subscribe", "-u", broker.url(), "-q", "other", "-k", "0.#"];
    let environment = [NO_DATABASE, ("PROTOCOL_BROKER_URL", "amqp://127.0.0.1:1"), ("PROTOCOL_BROKER_QUEUE", "wrong")];
    let outcome = run(&words, &environment);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    assert_eq!(everything(&broker).await, sorted_queues(specified("other", "0.#")));
}

#[tokio::test]
async fn configure_sets_up_the_broker_only_if_told_yes() {
    let database = TestDatabase::create_empty().await;
    let broker = TestBroker::create().await;
    let configure = |setup| {
        let environment = [
            ("POSTGRES_URL", database.url()),
            ("PROTOCOL_BROKER_URL", broker.url()),
            ("PROTOCOL_BROKER_QUEUE", QUEUE),
            ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", KEY),
            ("SETUP_RABBITMQ_BINDINGS", setup),
        ];
        let outcome = run(&["configure"], &environment);
        assert_eq!(outcome.status, Some(0), "{outcome:?}");
    };
    for setup in ["Yes", "true", ""] {
        configure(setup);
        assert_eq!(everything(&broker).await, json!({ "exchanges": [], "queues": [], "bindings": [] }), "{setup:?}");
    }
    configure("yes");
    assert_eq!(everything(&broker).await, sorted_queues(specified(QUEUE, KEY)));
}

#[tokio::test]
async fn unsubscribe_removes_the_two_bindings_of_the_queue_and_nothing_else() {
    let broker = TestBroker::create().await;
    let nothing = run_on(&broker, "unsubscribe");
    assert_eq!(nothing.status, Some(0), "what does not exist is no error: {nothing:?}");

    assert_eq!(run_on(&broker, "subscribe").status, Some(0));
    let mut expected = sorted_queues(specified(QUEUE, KEY));
    let bindings = expected["bindings"].as_array_mut().expect("a list");
    bindings.retain(|binding| binding[1] != "queue");
    for _ in 0..2 {
        let outcome = run_on(&broker, "unsubscribe");
        assert_eq!(outcome.status, Some(0), "{outcome:?}");
        assert_eq!(everything(&broker).await, expected);
    }
}

#[tokio::test]
async fn a_queue_that_is_different_is_refused_with_the_brokers_reason() {
    let broker = TestBroker::create().await;
    let url = BrokerUrl::parse(broker.url()).expect("the broker's URL");
    let mut different = creditors_agent::topology::topology(QUEUE, KEY);
    for queue in &mut different.queues {
        queue.arguments.retain(|(name, _)| name == "x-queue-type");
    }
    amqp::topology::apply(&url, &different).await.expect("a topology can be made");
    let before = everything(&broker).await;
    let outcome = run_on(&broker, "subscribe");
    assert_eq!(outcome.status, Some(1), "{outcome:?}");
    assert!(outcome.stdout.contains("406") && outcome.stdout.contains("x-dead-letter"), "{outcome:?}");
    assert_eq!(everything(&broker).await, before);
}

#[tokio::test]
async fn delete_queue_waits_until_the_queue_is_empty() {
    let broker = TestBroker::create().await;
    let url = BrokerUrl::parse(broker.url()).expect("the broker's URL");
    assert_eq!(run_on(&broker, "subscribe").status, Some(0));
    publish_one(&url).await;
    let mut deletion = agent(&["delete_queue"]);
    deletion.envs([NO_DATABASE, ("PROTOCOL_BROKER_URL", broker.url()), ("PROTOCOL_BROKER_QUEUE", QUEUE)]);
    let mut running = Running::start(deletion.env("APP_LOG_LEVEL", "info"));
    running.wait_for("The queue shard_queue still holds 1 messages.");
    assert!(queue_status(&url, QUEUE).await.expect("the broker answers").is_some());

    purge(&url).await;
    let (status, output) = running.finish();
    assert_eq!(status, Some(0), "{output}");
    assert!(output.contains("was empty and has been deleted"), "{output}");
    let names: Vec<String> = broker.api().queues().await.expect("queues").into_iter().map(|found| found.name).collect();
    assert_eq!(names, ["shard_queue.XQ"], "the dead letters stay");

    let again = run_on(&broker, "delete_queue");
    assert_eq!(again.status, Some(0), "what does not exist is no error: {again:?}");
}

async fn publish_one(url: &BrokerUrl) {
    let stop = Stop::new();
    let publisher = Publisher::start(url.clone(), PublisherOptions::new("test"), stop.token());
    let properties = Properties { persistent: true, ..Properties::default() };
    let message = Message { routing_key: QUEUE.to_owned(), properties, body: b"{}".to_vec(), ..Message::default() };
    let outcomes = publisher.publish(&[message]).await;
    assert!(outcomes.iter().all(amqp::Outcome::is_confirmed), "{outcomes:?}");
    publisher.close().await;
}

/// Takes the message out of the queue.
async fn purge(url: &BrokerUrl) {
    let stop = Stop::new();
    let options = amqp::ConsumerOptions { name: "test".to_owned(), queue: QUEUE.to_owned(), prefetch_count: 10 };
    let mut consumer = amqp::Consumer::start(url.clone(), options, stop.token());
    let batch = consumer.next_batch(10).await.expect("the message");
    assert_eq!(batch.deliveries.len(), 1);
    // A message that a consumer holds does not count, so the queue may be gone before it is acknowledged.
    let _ = batch.ack_all().await;
    consumer.close().await;
}
