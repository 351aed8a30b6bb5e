//! How much memory processes take that have nothing to do, or little; and `all` with real parts.

use std::{
    process::{Command, Stdio},
    thread::sleep,
    time::Duration,
};

use creditors_testkit::{
    TestBroker, TestDatabase, ports,
    process::{Container, ServiceBuilder, memory},
    programs,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::scratch::Scratch;

/// All parts of a shard together, in megabytes.
const ALL: f64 = 150.0;
/// Of containers that only prepare something.
const PREPARATION: f64 = 100.0;

fn agent(words: &[&str], environment: &[(&str, &str)]) -> Command {
    let mut command = Command::new(programs::sibling("creditors-agent").unwrap());
    command.args(words).envs(environment.iter().copied()).stdout(Stdio::null());
    command
}

/// Runs it to its end. The most memory that it has had: the kernel keeps the record, which is read until the last
/// moment.
fn peak(mut command: Command) -> f64 {
    let mut child = command.spawn().unwrap();
    let mut peak = 0.0;
    let status = loop {
        if let Ok(memory) = memory::read(child.id()) {
            peak = memory.peak;
        }
        if let Some(status) = child.try_wait().unwrap() {
            break status;
        }
        sleep(Duration::from_millis(1));
    };
    assert!(status.success(), "{command:?}: {status}");
    assert!(peak > 1.0, "its memory has been seen");
    peak
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn all_parts_together_take_little_and_come_and_go_in_order() {
    let (database, broker, directory) = (TestDatabase::create().await, TestBroker::create().await, Scratch::new("all"));
    let urls = [("POSTGRES_URL", database.url()), ("PROTOCOL_BROKER_URL", broker.url())];
    assert!(agent(&["subscribe"], &urls).status().unwrap().success());
    let [port] = ports::free().unwrap();
    let builder = ServiceBuilder::new("creditors-agent", &directory).unwrap();
    let builder = urls.into_iter().fold(builder, |builder, (name, value)| builder.env(name, value));
    let builder = builder.env("APP_AUTH_MODE", "trusted-headers").env("WEBSERVER_PORT", port.to_string());
    let mut container = Container::start(builder.env("APP_LOG_LEVEL", "info")).await.unwrap();

    let memory = container.memory().unwrap();
    assert_eq!(memory.len(), 7, "the supervisor and six parts");
    let together: f64 = memory.iter().map(|memory| memory.proportional).sum();
    assert!(together <= ALL, "{together:.1} MB: {memory:#?}");

    // One that is killed comes back, and the others do not notice.
    let before = container.parts().unwrap();
    let victim = Pid::from_raw(i32::try_from(before[2]).unwrap());
    kill(victim, Signal::SIGKILL).unwrap();
    let after = loop {
        let parts = container.parts().unwrap();
        if parts.len() == 6 && !parts.contains(&before[2]) {
            break parts;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    };
    assert_eq!(after.iter().filter(|part| before.contains(part)).count(), 5);
    container.wait_until_ready().await.unwrap();

    let status = tokio::task::spawn_blocking(move || container.agent.stop()).await.unwrap();
    let log = std::fs::read_to_string(directory.join("creditors-agent.log")).unwrap();
    assert_eq!(status.unwrap().code(), Some(0), "{log}");
    assert!(!log.contains("is killed"), "{log}");
    assert_eq!(log.matches(" has ended with exit status: ").count(), 6, "{log}");
}

#[tokio::test]
async fn preparing_a_database_takes_little_memory() {
    let (database, broker) = (TestDatabase::create_empty().await, TestBroker::create().await);
    let urls =
        [("POSTGRES_URL", database.url()), ("PROTOCOL_BROKER_URL", broker.url()), ("SETUP_RABBITMQ_BINDINGS", "yes")];
    for word in ["configure", "configure", "await_migrations"] {
        let peak = peak(agent(&[word], &urls));
        assert!(peak <= PREPARATION, "{word}: {peak:.1} MB");
    }
}
