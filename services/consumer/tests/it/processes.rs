//! The consumer as a process: how it dies, and how it ends (operations §5).

use std::{fs, path::PathBuf, process::Command};

use amqp::{
    Header, Topology,
    topology::{self, Queue},
};
use nix::sys::signal::Signal;
use testkit::{process::ServiceBuilder, programs};

use crate::world::{QUEUE, World, until};

/// A directory of this test, removed with its value.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("consumer-{name}-{}", std::process::id()));
        fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    /// What the consumer has said.
    fn log(&self) -> String {
        fs::read_to_string(self.0.join("creditors-consumer.log")).unwrap_or_default()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn consumer(world: &World, scratch: &Scratch) -> ServiceBuilder {
    ServiceBuilder::new("creditors-consumer", &scratch.0)
        .unwrap()
        .env("POSTGRES_URL", world.database.url())
        .env("PROTOCOL_BROKER_URL", world.broker.url())
        .env("PROTOCOL_BROKER_QUEUE", QUEUE)
}

#[tokio::test]
async fn a_killed_consumer_loses_nothing_and_repeats_nothing() {
    let (world, scratch) = (World::new().await, Scratch::new("killed"));
    world.publish_transfers(1..=6_000).await;
    let builder = consumer(&world, &scratch).arg("--prefetch-count").arg("50");
    let mut process = builder.start_only().unwrap();
    for stored in [200, 1_500] {
        until("stored transfers", async || world.stored_transfers().await >= stored).await;
        process.kill();
        process.restart().await.unwrap();
    }
    world.wait_stored(6_000).await;
    let metrics = process.metrics().await.unwrap();
    let line = r#"creditors_consumer_messages_total{type="AccountTransfer",outcome="applied"}"#;
    assert!(metrics.contains(line), "{metrics}");
    process.stop();
    world.wait_consumers(0).await;
    world.drain().await;
    world.assert_stored_once(6_000).await;
}

#[tokio::test]
async fn every_signal_ends_the_consumer_in_order() {
    let (world, scratch) = (World::new().await, Scratch::new("signals"));
    let mut published = 0;
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let mut process = consumer(&world, &scratch).start().await.unwrap();
        world.publish_transfers(published + 1..=published + 1_000).await;
        published += 1_000;
        process.signal(signal).unwrap();
        // The second signal of `stop` must come after the process has ended.
        world.wait_consumers(0).await;
        until("the end", async || process.metrics().await.is_err()).await;
        assert_eq!(process.stop().unwrap().code(), Some(1), "{signal}");
    }
    let mut process = consumer(&world, &scratch).start().await.unwrap();
    world.wait_stored(published).await;
    process.stop();
    world.assert_stored_once(published).await;
    world.assert_all_acknowledged().await;
}

#[tokio::test]
async fn without_processes_it_idles_until_it_is_stopped() {
    let (world, scratch) = (World::new().await, Scratch::new("idle"));
    world.publish_transfers(1..=1).await;
    let mut process = consumer(&world, &scratch).env("PROTOCOL_BROKER_PROCESSES", "0").start().await.unwrap();
    world.wait_consumers(0).await;
    assert_eq!(world.ready(QUEUE).await, 1);
    assert_eq!(process.stop().unwrap().code(), Some(1));
}

#[tokio::test]
async fn a_misdirected_message_ends_the_process_with_a_sentence() {
    let (world, scratch) = (World::new().await, Scratch::new("misdirected"));
    world.publish_transfers(1..=1).await;
    let builder = consumer(&world, &scratch).env("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "0.#");
    let mut process = builder.start_only().unwrap();
    until("the last word", async || {
        scratch.log().contains("creditors-consumer failed: a message of type AccountTransfer")
    })
    .await;
    assert!(scratch.log().contains("1103806595072") && scratch.log().contains(" 0.#: "), "{}", scratch.log());
    assert_eq!(process.stop().unwrap().code(), Some(1));
    world.wait_ready(1).await;
}

#[tokio::test]
async fn a_dead_letter_is_told_in_the_log_and_counted() {
    let (world, scratch) = (World::new().await, Scratch::new("told"));
    let mut process = consumer(&world, &scratch).start().await.unwrap();
    let mut bad = world.message(&world.transfer(1));
    bad.properties.message_type = Some("Nonsense".to_owned());
    world.publish(&[bad, world.message(&world.transfer(1))]).await;
    world.wait_stored(1).await;
    until("the log", async || scratch.log().contains("put aside in q.XQ: the message type is unknown")).await;
    let metrics = async || process.metrics().await.unwrap();
    let applied = r#"creditors_consumer_messages_total{type="AccountTransfer",outcome="applied"} 1"#;
    let put_aside = r#"creditors_consumer_messages_total{type="unknown",outcome="put_aside"} 1"#;
    until("both messages to be counted", async || {
        let metrics = metrics().await;
        metrics.contains(applied) && metrics.contains(put_aside)
    })
    .await;
    let metrics = metrics().await;
    for expected in [
        r#"creditors_consumer_dead_letters_total{reason="unknown_type"} 1"#,
        "creditors_consumer_batch_messages_sum 2",
        "creditors_consumer_batch_seconds_count",
        "creditors_consumer_lag_seconds_count",
        "creditors_consumer_redelivered_total 0",
    ] {
        assert!(metrics.contains(expected), "{expected} is missing:\n{metrics}");
    }
    process.stop();
    assert!(!scratch.log().contains("its dead letters"), "nothing is wrong with the queue: {}", scratch.log());
}

#[tokio::test]
async fn a_pause_shows_while_it_lasts() {
    let (world, scratch) = (World::without_dead_letters().await, Scratch::new("pause"));
    let process = consumer(&world, &scratch).start().await.unwrap();
    let mut bad = world.message(&world.transfer(1));
    bad.properties.message_type = Some("Nonsense".to_owned());
    world.publish(&[bad]).await;
    until("seconds to pass", async || {
        let metrics = process.metrics().await.unwrap();
        let seconds = metrics
            .lines()
            .find_map(|line| line.strip_prefix(r#"creditors_consumer_paused_seconds_total{cause="dead_letters"} "#));
        // Either worker's seconds count.
        seconds.is_some_and(|seconds| seconds.parse::<u64>().unwrap() >= 3)
    })
    .await;
    drop(process);
}

#[tokio::test]
async fn a_queue_that_would_lose_messages_is_warned_about() {
    let (world, scratch) = (World::new().await, Scratch::new("bare"));
    let arguments = vec![("x-queue-type".to_owned(), Header::from("quorum"))];
    let queues = vec![Queue { name: "bare".to_owned(), arguments }];
    topology::apply(&world.url, &Topology { queues, ..Topology::default() }).await.unwrap();
    let process = consumer(&world, &scratch).env("PROTOCOL_BROKER_QUEUE", "bare").start().await.unwrap();
    until("both warnings", async || {
        let log = scratch.log();
        log.contains("There is no queue bare.XQ") && log.contains("its argument x-dead-letter-exchange differs")
    })
    .await;
    drop(process);
}

#[test]
fn what_is_wrong_with_the_command_line_shows_in_the_status() {
    let ended = |word: &str| {
        let program = programs::sibling("creditors-consumer").unwrap();
        let output = Command::new(program).arg(word).env("APP_ADMIN_PORT", "0").output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let status = |word| ended(word).0;
    assert_eq!((status("--nonsense"), status("--processes=x"), status("--help")), (Some(2), Some(2), Some(0)));
    let (status, said) = ended("--url=INVALID");
    assert_eq!(status, Some(1));
    assert!(said.contains("--url: not a URL of the form amqp://"), "{said}");
}
