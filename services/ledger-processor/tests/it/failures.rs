//! One bad account does not hold up the others.

use std::time::Duration;

use testkit::{invariants, seed, seed::FIRST_CREDITOR, stage::Stage};

use crate::waking::{ENTRIES, SERVICE};

/// 100 accounts. One head's next entry exists already, and one has no next entry.
async fn stage(test: &str) -> Stage {
    let stage = Stage::new(SERVICE, test).await.unwrap();
    stage.database.made_up();
    seed::creditors(&stage.client, 20).await.unwrap();
    seed::accounts(&stage.client, 5).await.unwrap();
    seed::committed_transfers(&stage.client, 10).await.unwrap();
    let (first, second) = (FIRST_CREDITOR + 3, FIRST_CREDITOR + 17);
    let spoil = format!(
        "INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, acquired_amount, principal, added_at) \
             VALUES ({first}, 2, 2, 1, 1, now()); \
         UPDATE account_data SET ledger_latest_update_id = {max} WHERE creditor_id = {second} AND debtor_id = 5",
        max = i64::MAX
    );
    stage.client.batch_execute(&spoil).await.unwrap();
    stage
}

async fn check(stage: &Stage) {
    let said = stage.said();
    for (creditor_id, debtor_id) in [(FIRST_CREDITOR + 3, 2), (FIRST_CREDITOR + 17, 5)] {
        let account =
            format!("AccountKey {{ creditor_id: CreditorId({creditor_id}), debtor_id: DebtorId({debtor_id}) }}");
        assert!(said.contains(&format!("The work for {account} cannot be done; the others go on.")), "{said}");
        let waiting = format!(
            "SELECT count(*) FROM pending_ledger_update WHERE creditor_id = {creditor_id} AND debtor_id = {debtor_id}"
        );
        assert_eq!(stage.number(&waiting).await.unwrap(), 1, "nothing is lost");
    }
    assert!(said.contains("creditors-ledger-processor failed: the task ledger updates failed"), "{said}");
    assert_eq!(stage.number("SELECT count(*) FROM pending_ledger_update").await.unwrap(), 2);
    assert_eq!(stage.number("SELECT count(*) FROM ledger_entry").await.unwrap(), 1 + 98 * 10);
}

#[tokio::test]
async fn the_others_are_served_before_it_ends_with_1() {
    let stage = stage("bad").await;
    let status = stage.run(stage.service().unwrap().arg("--wait=3600")).await.unwrap();
    assert_eq!(status.code(), Some(1));
    check(&stage).await;
}

#[tokio::test]
async fn quitting_early_tells_of_it_too() {
    let stage = stage("bad-early").await;
    // Small batches, so that bad and good ones are apart.
    let service = stage.service().unwrap().arg("--quit-early").env("APP_PROCESS_LEDGER_UPDATES_MAX_COUNT", "7");
    assert_eq!(stage.run(service).await.unwrap().code(), Some(1));
    check(&stage).await;

    let repair = "DELETE FROM ledger_entry WHERE transfer_number IS NULL; \
        UPDATE account_data SET ledger_latest_update_id = 9 WHERE ledger_latest_update_id = 9223372036854775807";
    stage.client.batch_execute(repair).await.unwrap();
    assert_eq!(stage.run(stage.service().unwrap().arg("--quit-early")).await.unwrap().code(), Some(0));
    assert_eq!(stage.number("SELECT count(*) FROM ledger_entry").await.unwrap(), 1_000);
    assert_eq!(invariants::violations(&stage.client, invariants::ALWAYS).await.unwrap(), []);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_absent_database_is_waited_for() {
    let stage = Stage::new(SERVICE, "away").await.unwrap();
    seed::creditors(&stage.client, 1).await.unwrap();
    seed::accounts(&stage.client, 5).await.unwrap();
    let service = stage.service().unwrap().arg("--wait=0.1").arg("--threads=2").start().await.unwrap();
    stage.shut(true).await.unwrap();
    seed::committed_transfers(&stage.client, 2).await.unwrap();
    let mut process = service.into_daemon();
    // Time to fail several times.
    tokio::time::sleep(Duration::from_secs(1)).await;
    assert!(process.ended().is_none(), "{}", stage.said());
    assert_eq!(stage.number(ENTRIES).await.unwrap(), 0);
    stage.shut(false).await.unwrap();
    stage.until(ENTRIES, 10).await.unwrap();
    assert_eq!(process.stop().unwrap().code(), Some(1));
}
