//! The binary: statuses, signals, log lines, metrics.

use std::{fs, path::PathBuf, process::ExitStatus};

use domain::signal::Kind;
use nix::sys::signal::Signal;
use testkit::process::{Daemon, ServiceBuilder};

use crate::{
    signals::{C, finalize, prepare, requests},
    world::{OUT, PATIENCE, World, until},
};

fn builder(world: &World, name: &str, more: &[(&str, &str)]) -> ServiceBuilder {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("{name} {}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    let environment = world.environment(more).into_iter().filter(|(name, _)| name != "APP_ADMIN_PORT");
    let builder = ServiceBuilder::new("creditors-flusher", &directory).unwrap();
    environment.fold(builder, |builder, (name, value)| builder.env(&name, value))
}

async fn end(daemon: &mut Daemon) -> ExitStatus {
    let mut status = None;
    until("the end", async || {
        status = daemon.ended();
        status.is_some()
    })
    .await;
    status.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_in_good_order_with_1() {
    let world = World::new().await;
    let mut service = builder(&world, "signal", &[]).start().await.unwrap();
    world.insert([prepare(C, 1), prepare(C, 2)]).await;
    world.take(OUT, 2).await;
    world.wait_for_rows(&[]).await;
    let metrics = service.metrics().await.unwrap();
    for line in [
        r#"creditors_flusher_messages_total{type="PrepareTransfer",outcome="confirmed"} 2"#,
        r#"creditors_flusher_confirm_seconds_count{type="PrepareTransfer"} 1"#,
        r#"creditors_outbox_rows{type="FinalizeTransfer"} 0"#,
        r#"creditors_outbox_age_seconds{type="FinalizeTransfer"} 0"#,
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
    assert_eq!(service.stop().and_then(|status| status.code()), Some(1));
}

/// operations §5: the same status for all of them.
#[tokio::test(flavor = "multi_thread")]
async fn every_signal_that_asks_for_the_end_ends_it_with_1() {
    let world = World::new().await;
    for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
        let service = builder(&world, signal.as_str(), &[("FLUSH_PERIOD", "0.1")]).start().await.unwrap();
        service.signal(signal).unwrap();
        assert_eq!(end(&mut service.into_daemon()).await.code(), Some(1), "{signal}");
    }
}

/// Between the confirm and the commit, a message is with the broker and its row still there.
#[tokio::test(flavor = "multi_thread")]
async fn killed_before_the_commit_it_sends_twice_and_loses_nothing() {
    let world = World::new().await;
    world
        .client
        .batch_execute(
            "CREATE FUNCTION linger() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM pg_sleep(60); END $$; \
             CREATE TRIGGER linger BEFORE DELETE ON prepare_transfer_signal EXECUTE FUNCTION linger()",
        )
        .await
        .unwrap();
    world.insert([prepare(C, 1), prepare(C, 2)]).await;
    let mut service = builder(&world, "killed", &[]).start().await.unwrap();
    world.take(OUT, 2).await;
    service.kill().unwrap();
    assert_eq!(world.rows().await, [(Kind::PrepareTransfer, 2)].into());
    // The server notices within a second that nobody waits for the statement any more.
    world.client.batch_execute("DROP TRIGGER linger ON prepare_transfer_signal").await.unwrap();
    service.restart().await.unwrap();
    assert_eq!(requests(&world.take(OUT, 2).await), [1, 2].into());
    world.wait_for_rows(&[]).await;
    assert_eq!(world.ready(OUT).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_words_and_wrong_settings_are_told_apart() {
    let world = World::bare().await;
    let run = async |more: &[(&str, &str)], words: &[&str]| {
        let directory_name = format!("wrong {}", words.concat());
        let builder = words.iter().fold(builder(&world, &directory_name, more), |builder, word| builder.arg(*word));
        let mut daemon = builder.start_only().unwrap().into_daemon();
        let status = end(&mut daemon).await.code();
        (status, fs::read_to_string(daemon.log()).unwrap())
    };
    let (status, text) = run(&[], &["--fast"]).await;
    assert!(status == Some(2) && text.contains("Usage: creditors-flusher"), "{status:?} {text}");
    let (status, text) = run(&[("FLUSH_PERIOD", "soon")], &[]).await;
    assert!(status == Some(1) && text.contains("FLUSH_PERIOD"), "{status:?} {text}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_processes_it_idles_until_the_signal() {
    let world = World::new().await;
    let service = builder(&world, "idle", &[("FLUSH_PROCESSES", "0")]).start().await.unwrap();
    service.signal(Signal::SIGTERM).unwrap();
    let mut daemon = service.into_daemon();
    assert_eq!(end(&mut daemon).await.code(), Some(1));
    assert!(fs::read_to_string(daemon.log()).unwrap().contains("flushing nothing"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stray_message_ends_it_with_1_and_a_log_line() {
    let world = World::new().await;
    world.insert([prepare(1, 1)]).await;
    let mut daemon = builder(&world, "stray", &[]).start_only().unwrap().into_daemon();
    assert_eq!(end(&mut daemon).await.code(), Some(1));
    let log = fs::read_to_string(daemon.log()).unwrap();
    assert!(log.contains("The agent is not responsible for this creditor."), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_early_ends_with_1_although_something_cannot_be_sent() {
    let world = World::bare().await;
    world.insert([finalize(10, 1)]).await;
    let builder = builder(&world, "quit", &[]).arg("--quit-early").arg("FinalizeTransferSignal").arg("Nonsense");
    let mut daemon = builder.start_only().unwrap().into_daemon();
    assert_eq!(end(&mut daemon).await.code(), Some(1));
    let log = fs::read_to_string(daemon.log()).unwrap();
    assert!(log.contains("There are no messages of the type Nonsense"), "{log}");
    assert!(log.contains("312 NO_ROUTE") && !log.contains("failed"), "{log}");
}

#[tokio::test(flavor = "multi_thread")]
async fn without_the_broker_it_runs_but_is_not_ready() {
    let world = World::bare().await;
    let builder = builder(&world, "lonely", &[("PROTOCOL_BROKER_URL", "amqp://127.0.0.1:1")]);
    let port = builder.admin_port();
    let mut daemon = builder.start_only().unwrap().into_daemon();
    daemon.until(PATIENCE, async || health(port).await.contains(r#""unmet":["broker"]"#)).await.unwrap();
    assert_eq!(daemon.stop().and_then(|status| status.code()), Some(1));
}

/// What the health port says.
async fn health(port: u16) -> String {
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    let mut answer = String::new();
    if let Ok(mut stream) = tokio::net::TcpStream::connect(("127.0.0.1", port)).await {
        stream.write_all(b"GET /health/ready HTTP/1.0\r\n\r\n").await.unwrap();
        stream.read_to_string(&mut answer).await.unwrap();
    }
    answer
}
