use chrono::TimeDelta;
use domain::incoming::Incoming;

use super::seed::{World, key, transfer, update};

/// processing §18 row 17.
#[tokio::test]
async fn gaps_are_waited_for_and_missing_sums_corrected() {
    let world = World::new().await;
    let account = key(-1);
    world.add_account(account).await;
    let (now, t) = (world.now, |n, prev, amount, principal| {
        Incoming::AccountTransfer(transfer(account, n, prev, amount, principal, world.now))
    });
    world.apply(&[t(1, 0, 1000, 1100), t(20, 1, 1000, 2100), t(22, 21, 1000, 4150)]).await;
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 0);
    world.apply(&[Incoming::AccountUpdate(Box::new(update(account, now)))]).await;
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM updated_ledger_signal").await, 1);

    let report = world.update_ledgers().await;
    assert_eq!((report.accounts, report.finished, report.entries), (1, 1, 3));
    world.apply(&[t(21, 20, 1000, 3150)]).await;
    assert_eq!(world.update_ledgers().await.entries, 3);
    assert_eq!(
        world
            .rows("SELECT entry_id, transfer_number, acquired_amount, principal FROM ledger_entry ORDER BY entry_id")
            .await,
        ["(2,,100,100)", "(3,1,1000,1100)", "(4,20,1000,2100)", "(5,,50,2150)", "(6,21,1000,3150)", "(7,22,1000,4150)"]
    );
    assert_eq!(
        world
            .rows("SELECT ledger_principal, ledger_last_entry_id, ledger_last_transfer_number, ledger_pending_transfer_ts FROM account_data")
            .await,
        ["(4150,7,22,)"]
    );
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 0);
    assert_eq!(
        world.number("SELECT count(*) FROM updated_ledger_signal").await,
        world.number("SELECT count(*) FROM pending_log_entry WHERE object_type_hint = 4").await
    );
    let largest = "SELECT greatest(max(info_latest_update_id), max(ledger_latest_update_id)) FROM account_data";
    let last = world.number("SELECT last_value FROM object_update_id_seq").await;
    assert!(last >= world.number(largest).await, "processing §3");
}

#[tokio::test]
async fn bursts_end_where_one_run_would() {
    let world = World::new().await;
    let account = key(5);
    world.add_account(account).await;
    world.apply(&[Incoming::AccountUpdate(Box::new(update(account, world.now)))]).await;
    let transfers: Vec<_> =
        (1..=10).map(|n| Incoming::AccountTransfer(transfer(account, n, n - 1, 1, n, world.now))).collect();
    world.apply(&transfers).await;
    let limits = creditors_procedures::ledger_updates::Limits { accounts: 10, burst: 3 };
    let mut runs = 0;
    loop {
        let mut tx = world.db.begin("test").await.unwrap();
        let cutoff = world.now - TimeDelta::days(14);
        let report = creditors_procedures::ledger_updates::run(&mut tx, limits, cutoff, world.now).await.unwrap();
        tx.commit().await.unwrap();
        runs += 1;
        if report.finished == 1 {
            break;
        }
    }
    assert_eq!(runs, 4);
    assert_eq!(world.rows("SELECT count(*), max(principal), max(entry_id) FROM ledger_entry").await, ["(10,10,11)"]);
}
