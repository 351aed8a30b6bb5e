//! When it works: called at once, and otherwise when it is time to look.

use std::time::Duration;

use persistence::Wake;
use testkit::{seed, stage::Stage};

pub(crate) const SERVICE: &str = "creditors-log-processor";

pub(crate) const LOGGED: &str = "SELECT count(*) FROM log_entry";

/// Long enough for a service that looks too often to be found out.
const A_WHILE: Duration = Duration::from_millis(300);

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_wakes_it_and_nothing_else_does() {
    let stage = Stage::new(SERVICE, "woken").await.unwrap();
    stage.database.made_up();
    seed::creditors(&stage.client, 5).await.unwrap();
    let _service = stage.service().unwrap().arg("--wait=3600").arg("--threads=2").start().await.unwrap();
    // Every thread wakes once when it has begun to listen.
    stage.until_listened(Wake::Log, 2).await.unwrap();
    seed::pending_log_entries(&stage.client, 10, 5).await.unwrap();
    stage.wake(Wake::Log).await.unwrap();
    stage.until(LOGGED, 10).await.unwrap();
    tokio::time::sleep(A_WHILE).await;

    seed::pending_log_entries(&stage.client, 10, 5).await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(stage.number(LOGGED).await.unwrap(), 10, "who has told it?");
    stage.wake(Wake::Outbox).await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(stage.number(LOGGED).await.unwrap(), 10, "that was for somebody else");
    stage.wake(Wake::Log).await.unwrap();
    stage.until(LOGGED, 20).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_tells_of_is_found_after_the_wait() {
    let stage = Stage::new(SERVICE, "polling").await.unwrap();
    stage.database.made_up();
    seed::creditors(&stage.client, 5).await.unwrap();
    let by_option = stage.service().unwrap().arg("--wait=0.2").start().await.unwrap();
    for round in 1..=3 {
        seed::pending_log_entries(&stage.client, 10, 5).await.unwrap();
        stage.until(LOGGED, 10 * round).await.unwrap();
    }
    drop(by_option);
    let variable = stage.service().unwrap().env("APP_PROCESS_LOG_ADDITIONS_WAIT", "0.2");
    let _by_variable = variable.start().await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    seed::pending_log_entries(&stage.client, 10, 5).await.unwrap();
    stage.until(LOGGED, 40).await.unwrap();
}
