//! Several processes at once, one of them killed, and the peer implementation beside them.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};

use futures::future::join;
use testkit::{
    invariants, seed,
    seed::FIRST_CREDITOR,
    stage::{Peer, Stage},
};

use crate::waking::SERVICE;

const CREDITORS: u32 = 40;
const ACCOUNTS_EACH: u32 = 5;
const TRANSFERS_EACH: u32 = 100;

const WAITING: &str = "SELECT count(*) FROM pending_ledger_update";

async fn interfere(peer: Peer, done: &AtomicBool, step: i64) {
    let mut number = 0;
    while !done.load(Ordering::Relaxed) {
        number = (number + step) % i64::from(CREDITORS * ACCOUNTS_EACH);
        let (creditor, debtor) =
            (FIRST_CREDITOR + number / i64::from(ACCOUNTS_EACH), 1 + number % i64::from(ACCOUNTS_EACH));
        let call = format!("process_pending_ledger_update({creditor}, {debtor}, interval '14 days')");
        peer.call(&call).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ledgers_are_whole_whoever_extends_them_and_whoever_dies() {
    let stage = Stage::new(SERVICE, "copies").await.unwrap();
    seed::creditors(&stage.client, CREDITORS).await.unwrap();
    seed::accounts(&stage.client, ACCOUNTS_EACH).await.unwrap();
    let mut copies = Vec::new();
    for _ in 0..3 {
        let service = stage.service().unwrap().arg("--threads=2").arg("--wait=0.05");
        // Small transactions, so that there are many moments to die at.
        let service = service.env("APP_PROCESS_LEDGER_UPDATES_BURST", "7");
        copies.push(service.env("APP_PROCESS_LEDGER_UPDATES_MAX_COUNT", "10").start().await.unwrap());
    }
    let (done, seen) = (AtomicBool::new(false), AtomicI64::new(0));
    let peers = async {
        join(interfere(stage.peer().await.unwrap(), &done, 7), interfere(stage.peer().await.unwrap(), &done, 13)).await;
    };
    let story = async {
        seed::committed_transfers(&stage.client, TRANSFERS_EACH).await.unwrap();
        copies[0].kill();
        seen.store(stage.number(WAITING).await.unwrap(), Ordering::Relaxed);
        copies[1].kill();
        copies[0].restart().await.unwrap();
        stage.until(WAITING, 0).await.unwrap();
        done.store(true, Ordering::Relaxed);
    };
    join(story, peers).await;
    drop(copies);

    assert_eq!(stage.said(), "", "nobody was in anybody's way");
    assert!(seen.into_inner() > 0, "there was nothing left to do when the first one died");
    let heads = format!(
        "SELECT count(*) FROM account_data
         WHERE (ledger_principal, ledger_last_transfer_number, ledger_last_entry_id)
             = (10 * {TRANSFERS_EACH}, {TRANSFERS_EACH}, {TRANSFERS_EACH} + 1) AND ledger_pending_transfer_ts IS NULL"
    );
    assert_eq!(stage.number(&heads).await.unwrap(), i64::from(CREDITORS * ACCOUNTS_EACH));
    let untold = "SELECT count(*) FROM account_data AS account WHERE NOT EXISTS (
            SELECT FROM pending_log_entry AS log JOIN updated_ledger_signal AS signal
                ON log.creditor_id = signal.creditor_id AND log.debtor_id = signal.debtor_id
                    AND log.object_update_id = signal.update_id
            WHERE log.creditor_id = account.creditor_id AND log.debtor_id = account.debtor_id
                AND log.object_type_hint = 4 AND log.object_update_id = account.ledger_latest_update_id
                AND log.added_at = account.ledger_latest_update_ts AND log.data_principal = account.ledger_principal
                AND log.data_next_entry_id = account.ledger_last_entry_id + 1
                AND signal.principal = account.ledger_principal
                AND signal.last_transfer_number = account.ledger_last_transfer_number)";
    assert_eq!(stage.number(untold).await.unwrap(), 0);
    assert_eq!(invariants::violations(&stage.client, invariants::ALWAYS).await.unwrap(), []);
}
