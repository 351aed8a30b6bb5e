//! No ledger is left behind, however the storing of transfers and the bringing forward of ledgers coincide (processing
//! §7.1, "Trap").

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::TimeDelta;
use creditors_procedures::{
    incoming,
    ledger_updates::{self, Limits},
};
use domain::incoming::Incoming;
use futures::future::{join, join_all};

use super::{
    deliveries::assert_sound,
    dice::Dice,
    seed::{World, context, key, transfer, update},
};

const ACCOUNTS: i64 = 20;

/// How many transfers each account gets; this variable says otherwise (5000 makes 100,000 in all).
const TRANSFERS_VARIABLE: &str = "CREDITORS_TEST_TRANSFERS_EACH";
const TRANSFERS: i64 = 800;

fn transfers_each() -> i64 {
    testkit::environment::get(TRANSFERS_VARIABLE).map_or(TRANSFERS, |number| number.parse().unwrap())
}

/// All transfers, roughly in their order: those of an account are now and then swapped with neighbours.
fn transfers(world: &World, dice: &mut Dice, each: i64) -> Vec<Incoming> {
    let mut waiting: Vec<(i64, i64)> = (1..=ACCOUNTS).map(|account| (account, 1)).collect();
    let mut transfers = Vec::new();
    while !waiting.is_empty() {
        let place = dice.index(waiting.len());
        let (account, number) = &mut waiting[place];
        transfers.push(Incoming::AccountTransfer(transfer(
            key(*account),
            *number,
            *number - 1,
            3,
            3 * *number,
            world.now,
        )));
        *number += 1;
        if *number > each {
            waiting.swap_remove(place);
        }
    }
    for place in 1..transfers.len() {
        if dice.once_in(10) {
            transfers.swap(place, place.saturating_sub(dice.index(60)));
        }
    }
    transfers
}

#[tokio::test]
async fn ledgers_take_in_all_transfers() {
    let world = World::new().await;
    for n in 1..=ACCOUNTS {
        world.add_account(key(n)).await;
    }
    let updates: Vec<_> =
        (1..=ACCOUNTS).map(|n| Incoming::AccountUpdate(Box::new(update(key(n), world.now)))).collect();
    world.apply(&updates).await;

    let mut dice = Dice::new(4);
    let each = transfers_each();
    let transfers = transfers(&world, &mut dice, each);
    let batches = dice.cut(&transfers, 12);
    let (races, next, stored) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let context = context();
    let store = async |_| {
        while let Some(batch) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
            world.work(&races, async |tx| incoming::apply(tx, batch, &context, world.now).await).await.unwrap();
        }
    };
    let stores = async {
        join_all((0..4).map(store)).await;
        stored.store(true, Ordering::Relaxed);
    };
    let cutoff = world.now - TimeDelta::days(14);
    let extend = async |_| {
        let limits = Limits { accounts: 5, burst: 1000 };
        loop {
            let all_are_stored = stored.load(Ordering::Relaxed);
            let run = async |tx: &mut _| ledger_updates::run(tx, limits, cutoff, world.now).await;
            let report = world.work(&races, run).await.unwrap();
            if all_are_stored && report.accounts == 0 {
                break;
            }
        }
    };
    join(stores, join_all((0..3).map(extend))).await;

    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 0);
    let behind = format!(
        "SELECT debtor_id, ledger_last_transfer_number FROM account_data \
         WHERE (ledger_last_transfer_number, ledger_principal, ledger_last_entry_id) \
             <> ({each}, {}, {each} + 1) OR ledger_pending_transfer_ts IS NOT NULL",
        3 * each
    );
    assert!(world.rows(&behind).await.is_empty(), "left behind: {:?}", world.rows(&behind).await);
    assert_eq!(world.number("SELECT count(*) FROM ledger_entry").await, ACCOUNTS * each);
    while world.add_to_logs().await.taken > 0 {}
    assert_sound(&world).await;
    assert_eq!(races.into_inner(), 0, "all lock in the same order");
}

/// An account with one transfer in its ledger's queue, and another one that is being stored: what `extend` has to say
/// after waiting until that one is committed.
async fn while_storing<T>(world: &World, extend: impl Future<Output = T>) -> T {
    let transfer = |number| Incoming::AccountTransfer(transfer(key(1), number, number - 1, 3, 3 * number, world.now));
    world.add_account(key(1)).await;
    world.apply(&[Incoming::AccountUpdate(Box::new(update(key(1), world.now))), transfer(1)]).await;
    let mut storing = world.db.begin("test").await.unwrap();
    incoming::apply(&mut storing, &[transfer(2)], &context(), world.now).await.unwrap();
    storing.flush().await.unwrap();
    let commit = async {
        world.wait_for_a_lock().await;
        storing.commit().await.unwrap();
    };
    join(extend, commit).await.0
}

/// The number of the last transfer in the ledger, when there is nothing left to do.
async fn last_number(world: &World) -> i64 {
    while world.update_ledgers().await.accounts > 0 {}
    world.number("SELECT ledger_last_transfer_number FROM account_data").await
}

/// Why the rule is there: one statement that locks and reads has looked before it waited.
#[tokio::test]
async fn locking_and_reading_in_one_statement_leaves_a_ledger_behind() {
    let world = World::new().await;
    let wrong = world.connect().await;
    let extended = while_storing(&world, async {
        wrong.batch_execute("BEGIN; SELECT FROM pending_ledger_update FOR UPDATE SKIP LOCKED").await.unwrap();
        let lock_and_read = "WITH locked AS (SELECT * FROM account_data FOR NO KEY UPDATE) \
            SELECT max(transfer_number) FROM locked JOIN committed_transfer USING (creditor_id, debtor_id)";
        let last: i64 = wrong.query_one(lock_and_read, &[]).await.unwrap().get(0);
        let read = "SELECT max(transfer_number) FROM committed_transfer";
        let there: i64 = wrong.query_one(read, &[]).await.unwrap().get(0);
        let done = format!(
            "UPDATE account_data SET ledger_last_transfer_number = {last}; DELETE FROM pending_ledger_update; COMMIT"
        );
        wrong.batch_execute(&done).await.unwrap();
        (last, there)
    })
    .await;
    assert_eq!(extended, (1, 2));
    assert_eq!(last_number(&world).await, 1, "nobody knows that there is something to do");
}

#[tokio::test]
async fn reading_after_locking_leaves_no_ledger_behind() {
    let world = World::new().await;
    world.made_up();
    let report = while_storing(&world, world.update_ledgers()).await;
    assert_eq!((report.finished, report.entries), (1, 2));
    assert_eq!(last_number(&world).await, 2);
}
