//! One bad creditor does not hold up the others.

use std::time::Duration;

use testkit::{invariants, seed, seed::FIRST_CREDITOR, stage::Stage};

use crate::waking::{LOGGED, SERVICE};

/// Two creditors that cannot be served: their numbers are used up, and their next number is in use already.
async fn spoil(stage: &Stage) {
    let (first, second) = (FIRST_CREDITOR + 3, FIRST_CREDITOR + 17);
    let spoil = format!(
        "UPDATE creditor SET last_log_entry_id = {} WHERE creditor_id = {first}; \
         INSERT INTO log_entry (creditor_id, entry_id, added_at) VALUES ({second}, 2, now())",
        i64::MAX
    );
    stage.client.batch_execute(&spoil).await.unwrap();
}

async fn check(stage: &Stage) {
    let said = stage.said();
    for id in [FIRST_CREDITOR + 3, FIRST_CREDITOR + 17] {
        assert!(said.contains(&format!("The work for {id} cannot be done; the others go on.")), "{said}");
        let waiting = format!("SELECT count(*) FROM pending_log_entry WHERE creditor_id = {id}");
        assert_eq!(stage.number(&waiting).await.unwrap(), 20, "nothing is lost");
    }
    assert!(said.contains("creditors-log-processor failed: the task log additions failed"), "{said}");
    assert_eq!(stage.number("SELECT count(*) FROM pending_log_entry").await.unwrap(), 40);
    assert_eq!(stage.number("SELECT count(*) FROM log_entry").await.unwrap(), 1 + 48 * 20);
}

#[tokio::test]
async fn the_others_are_served_before_it_ends_with_1() {
    let stage = Stage::new(SERVICE, "bad").await.unwrap();
    stage.database.made_up();
    seed::creditors(&stage.client, 50).await.unwrap();
    seed::pending_log_entries(&stage.client, 1_000, 50).await.unwrap();
    spoil(&stage).await;
    let status = stage.run(stage.service().unwrap().arg("--wait=3600")).await.unwrap();
    assert_eq!(status.code(), Some(1));
    check(&stage).await;
}

#[tokio::test]
async fn quitting_early_tells_of_it_too() {
    let stage = Stage::new(SERVICE, "bad-early").await.unwrap();
    stage.database.made_up();
    seed::creditors(&stage.client, 50).await.unwrap();
    seed::pending_log_entries(&stage.client, 1_000, 50).await.unwrap();
    spoil(&stage).await;
    // Small batches, so that bad and good ones are apart.
    let service = stage.service().unwrap().arg("--quit-early").env("APP_PROCESS_LOG_ADDITIONS_MAX_COUNT", "60");
    assert_eq!(stage.run(service).await.unwrap().code(), Some(1));
    check(&stage).await;

    let repair = format!(
        "UPDATE creditor SET last_log_entry_id = 0 WHERE creditor_id = {}; DELETE FROM log_entry WHERE creditor_id = {}",
        FIRST_CREDITOR + 3,
        FIRST_CREDITOR + 17
    );
    stage.client.batch_execute(&repair).await.unwrap();
    assert_eq!(stage.run(stage.service().unwrap().arg("--quit-early")).await.unwrap().code(), Some(0));
    assert_eq!(stage.number("SELECT count(*) FROM log_entry").await.unwrap(), 1_000);
    assert_eq!(invariants::violations(&stage.client, invariants::ALWAYS).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_database_is_waited_for() {
    let stage = Stage::new(SERVICE, "away").await.unwrap();
    seed::creditors(&stage.client, 5).await.unwrap();
    let service = stage.service().unwrap().arg("--wait=0.1").arg("--threads=2").start().await.unwrap();
    stage.shut(true).await.unwrap();
    seed::pending_log_entries(&stage.client, 10, 5).await.unwrap();
    let mut process = service.into_daemon();
    // Time to fail several times.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(process.ended().is_none(), "{}", stage.said());
    assert_eq!(stage.number(LOGGED).await.unwrap(), 0);
    stage.shut(false).await.unwrap();
    stage.until(LOGGED, 10).await.unwrap();
    assert_eq!(process.stop().unwrap().code(), Some(1));
}
