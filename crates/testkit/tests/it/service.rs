#![expect(clippy::unwrap_used, reason = "what a test's helper cannot do fails the test")]

use std::{os::unix::process::ExitStatusExt as _, path::Path, time::Duration};

use amqp::{BrokerUrl, Topology, topology::Exchange};
use creditors_testkit::{
    TestBroker,
    process::{Daemon, Lifetime, Program, ServiceBuilder, User},
};
use nix::sys::signal::Signal;

use crate::scratch::Scratch;

/// The exchanges without which the authority does not start.
async fn broker() -> TestBroker {
    let broker = TestBroker::create().await;
    let exchanges = [("creditors_in", "headers"), ("ca.creditors", "topic"), ("creditors_out", "topic")];
    let exchange = |(name, kind): (&str, &str)| Exchange { name: name.into(), kind: kind.into(), arguments: vec![] };
    let topology = Topology { exchanges: exchanges.map(exchange).into(), ..Topology::default() };
    amqp::topology::apply(&BrokerUrl::parse(broker.url()).unwrap(), &topology).await.unwrap();
    broker
}

fn authority(directory: &Path, broker: &TestBroker) -> ServiceBuilder {
    let builder = ServiceBuilder::new("creditors-authority", directory).unwrap().readiness("/health");
    let port = builder.admin_port().to_string();
    builder.env("PROTOCOL_BROKER_URL", broker.url()).arg("--binding-key").arg("#").arg("--control-port").arg(port)
}

#[tokio::test]
async fn a_service_can_be_killed_started_again_and_stopped() {
    let broker = broker().await;
    let place = Scratch::new("service");
    let mut service = authority(&place, &broker).start().await.unwrap();
    let first = service.pid().unwrap();
    assert_eq!(service.kill().unwrap().signal(), Some(9));
    assert!(service.wait_until_ready().await.is_err(), "a dead service is not ready");
    service.restart().await.unwrap();
    assert_ne!(service.pid().unwrap(), first);
    assert!(service.stop().unwrap().success());
    assert_eq!(service.pid(), None);
}

#[tokio::test]
async fn a_service_that_cannot_start_is_reported() {
    let broker = TestBroker::create().await;
    let place = Scratch::new("service-fails");
    let error = authority(&place, &broker).start().await.unwrap_err().to_string();
    assert!(error.starts_with("creditors-authority has ended with exit status: 1 instead of starting"), "{error}");
}

#[test]
#[should_panic(expected = r#"creditors-gossip has printed secrets: ["correct-horse"]"#)]
fn a_program_that_prints_a_secret_fails_the_test() {
    let place = Scratch::new("gossip");
    let mut gossip = Daemon::start(Program {
        name: "creditors-gossip".to_owned(),
        path: "/bin/sh".into(),
        arguments: vec!["-c".into(), "echo connecting to $POSTGRES_URL".into()],
        environment: vec![("POSTGRES_URL".to_owned(), "postgresql://me:correct-horse@localhost/d".into())],
        directory: "/".into(),
        log: place.join("gossip.log"),
        user: User::ourselves(),
        stop: Signal::SIGTERM,
        grace: Duration::from_secs(20),
        lifetime: Lifetime::Tied,
    })
    .unwrap();
    while gossip.ended().is_none() {
        std::thread::sleep(Duration::from_millis(5));
    }
}
