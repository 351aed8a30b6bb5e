//! The simulated authority as a process.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on must fail")]

use std::path::PathBuf;

use creditors_testkit::process::Daemon;
use creditors_testkit::process::{Lifetime, Program, User};
use nix::sys::signal::Signal as OsSignal;
use std::time::Duration;

use super::agent::{self, ALICE, Agent, DEBTOR, configuration};
use super::{Client, Signal, TestBroker};

fn program(broker: &TestBroker, arguments: &[&str], directory: &str) -> Program {
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(directory);
    std::fs::create_dir_all(&directory).unwrap();
    let log = directory.join("authority.log");
    std::fs::write(&log, "").unwrap();
    Program {
        name: "creditors-authority".to_owned(),
        path: env!("CARGO_BIN_EXE_creditors-authority").into(),
        arguments: arguments.iter().map(Into::into).collect(),
        environment: vec![("PROTOCOL_BROKER_URL".to_owned(), broker.url().into())],
        directory,
        log,
        user: User::ourselves(),
        stop: OsSignal::SIGTERM,
        grace: Duration::from_secs(20),
        lifetime: Lifetime::Tied,
    }
}

/// The control interface's address, once the process has written it.
fn address(log: &PathBuf) -> Option<String> {
    let text = std::fs::read_to_string(log).unwrap();
    text.lines().find_map(|line| line.split_once("commands at ").map(|(_, address)| address.to_owned()))
}

#[tokio::test]
async fn the_process_serves_its_debtors_until_it_is_told_to_stop() {
    let broker = TestBroker::create().await;
    agent::declare_exchanges(&broker).await;
    let debtor = DEBTOR.get().to_string();
    let program = program(&broker, &["--debtor", &debtor, "--control-port", "0"], "authority-serves");
    let log = program.log.clone();
    let mut daemon = Daemon::start(program).unwrap();
    daemon.until(Duration::from_secs(30), async || address(&log).is_some()).await.unwrap();
    let client = Client::new(&address(&log).unwrap());
    assert!(client.is_healthy().await);
    let mut agent = Agent::start(&broker).await;
    agent.say(Signal::ConfigureAccount(configuration(ALICE))).await;
    agent.hear("AccountUpdate").await;
    assert_eq!(client.accounts().await.unwrap()[0].key(), ALICE);
    assert!(daemon.stop().unwrap().success());
}

#[tokio::test]
async fn the_process_tells_why_it_cannot_begin() {
    let broker = TestBroker::create().await;
    let program = program(&broker, &["--debtor", "1", "--control-port", "0"], "authority-without-exchanges");
    let mut daemon = Daemon::start(program).unwrap();
    let error = daemon.until(Duration::from_secs(30), async || false).await.unwrap_err().to_string();
    assert!(error.contains("exit status: 1") && error.contains("creditors_out"), "{error}");
}
