//! When it works: called at once, and otherwise when it is time to look.

use std::time::Duration;

use persistence::Wake;
use testkit::{seed, stage::Stage};

pub(crate) const SERVICE: &str = "creditors-ledger-processor";

pub(crate) const ENTRIES: &str = "SELECT count(*) FROM ledger_entry";

/// Long enough for a service that looks too often to be found out.
const A_WHILE: Duration = Duration::from_millis(300);

/// Five accounts of one creditor.
pub(crate) async fn stage(test: &str) -> Stage {
    let stage = Stage::new(SERVICE, test).await.unwrap();
    seed::creditors(&stage.client, 1).await.unwrap();
    seed::accounts(&stage.client, 5).await.unwrap();
    stage
}

/// One more transfer for each of them.
async fn receive(stage: &Stage) {
    let receive = "INSERT INTO committed_transfer (creditor_id, debtor_id, creation_date, transfer_number, \
            acquired_amount, principal, committed_at, previous_transfer_number, coordinator_type, sender, recipient, \
            transfer_note_format, transfer_note) \
        SELECT creditor_id, debtor_id, creation_date, ledger_last_transfer_number + 1, 10, ledger_principal + 10, now(), \
            ledger_last_transfer_number, 'direct', '', '', '', '' FROM account_data; \
        INSERT INTO pending_ledger_update SELECT creditor_id, debtor_id FROM account";
    stage.client.batch_execute(receive).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_notification_wakes_it_and_nothing_else_does() {
    let stage = stage("woken").await;
    let _service = stage.service().unwrap().arg("--wait=3600").arg("--threads=2").start().await.unwrap();
    // Every thread wakes once when it has begun to listen.
    stage.until_listened(Wake::Ledger, 2).await.unwrap();
    receive(&stage).await;
    stage.wake(Wake::Ledger).await.unwrap();
    stage.until(ENTRIES, 5).await.unwrap();
    tokio::time::sleep(A_WHILE).await;

    receive(&stage).await;
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(stage.number(ENTRIES).await.unwrap(), 5, "who has told it?");
    stage.wake(Wake::Log).await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    assert_eq!(stage.number(ENTRIES).await.unwrap(), 5, "that was for somebody else");
    stage.wake(Wake::Ledger).await.unwrap();
    stage.until(ENTRIES, 10).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_tells_of_is_found_after_the_wait() {
    let stage = stage("polling").await;
    let by_option = stage.service().unwrap().arg("--wait=0.2").start().await.unwrap();
    for round in 1..=3 {
        receive(&stage).await;
        stage.until(ENTRIES, 5 * round).await.unwrap();
    }
    drop(by_option);
    let variable = stage.service().unwrap().env("APP_PROCESS_LEDGER_UPDATES_WAIT", "0.2");
    let _by_variable = variable.start().await.unwrap();
    tokio::time::sleep(A_WHILE).await;
    receive(&stage).await;
    stage.until(ENTRIES, 20).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn it_wakes_the_next_stages_before_it_ends() {
    let stage = stage("wakes").await;
    let mut listeners = Vec::new();
    for next in [Wake::Log, Wake::Outbox] {
        let (sender, receiver) = tokio::sync::mpsc::unbounded_channel();
        let target = persistence::Target::parse(stage.database.url()).unwrap();
        let stop = runtime::Stop::new();
        let token = stop.token().clone();
        let heard = move || {
            let _ = sender.send(());
        };
        runtime::tasks::spawn("listener", persistence::wake::listen(target, next, token, heard));
        listeners.push((receiver, stop));
    }
    for (receiver, _) in &mut listeners {
        // It has begun to listen.
        receiver.recv().await.unwrap();
    }
    receive(&stage).await;
    let service = stage.service().unwrap().arg("--quit-early");
    assert_eq!(stage.run(service).await.unwrap().code(), Some(0));
    for (receiver, _) in &mut listeners {
        tokio::time::timeout(Duration::from_mins(1), receiver.recv()).await.unwrap().unwrap();
    }
}
