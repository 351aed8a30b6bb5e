//! What probes are told while the database is away, and afterwards.

use std::time::{Duration, Instant};

use creditors_testkit::{TestDatabase, http, local::stack::Addresses};
use tokio::time::sleep;

use super::{PATIENCE, Play};
use crate::scratch::Scratch;

/// Status and body of what a process says about its health.
async fn health(port: u16, what: &str) -> (u16, String) {
    let answer = http::client().get(format!("http://127.0.0.1:{port}/health/{what}")).send().await.unwrap();
    (answer.status().as_u16(), answer.text().await.unwrap())
}

/// Waits until every service says this about its readiness. All are alive meanwhile.
async fn wait_for(addresses: &Addresses, status: u16, text: &str) {
    let began = Instant::now();
    for (name, port) in &addresses.admin_ports {
        loop {
            let (found, body) = health(*port, "ready").await;
            if found == status && body.contains(text) {
                break;
            }
            assert!(began.elapsed() < PATIENCE, "{name} says {found}: {body}");
            sleep(Duration::from_millis(50)).await;
        }
        assert_eq!(health(*port, "live").await.0, 200, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_a_database_all_services_are_alive_but_not_ready() {
    let play = Play::begin(Scratch::new("health"), &[]).await;
    let addresses = play.stack.addresses();
    assert_eq!(addresses.admin_ports.len(), 6);
    wait_for(addresses, 200, "\"ready\":true").await;

    let name: String = play.cast.database.query_one("SELECT current_database()::text", &[]).await.unwrap().get(0);
    let outside = TestDatabase::create_empty().await;
    let admin = outside.client().await;
    let allow = async |allowed: bool| {
        admin.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS {allowed}")).await.unwrap();
    };
    allow(false).await;
    let cut = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
               WHERE datname = $1 AND application_name LIKE 'creditors%'";
    admin.query(cut, &[&name]).await.unwrap();
    wait_for(addresses, 503, "\"database\"").await;

    allow(true).await;
    wait_for(addresses, 200, "\"ready\":true").await;
    let paid = play.cast.pay_once(5, "afterwards").await.unwrap();
    play.audit(&[paid]).await;
}
