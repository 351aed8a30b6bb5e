//! Several copies of the log processor and of the ledger processor, and the functions that the peer calls, on one
//! database.

use std::{
    collections::BTreeMap,
    sync::atomic::{AtomicUsize, Ordering},
};

use chrono::TimeDelta;
use creditors_procedures::{
    ledger_updates::{self, Limits},
    log_additions,
};
use domain::{CreditorId, incoming::Incoming};
use futures::future::{join, join_all, join3};
use persistence::Error;
use tokio_postgres::{Client, error::SqlState};

use super::{
    deliveries::assert_sound,
    dice::Dice,
    seed::{C, World, key, transfer, update},
};

/// Calls a function as the peer does: at its isolation level, again when a race was lost.
async fn call(client: &Client, function: &str) {
    loop {
        let statement = format!("SELECT {function}");
        let outcome = client.simple_query(&statement).await;
        match outcome {
            Ok(_) => return,
            Err(error) if error.code() == Some(&SqlState::T_R_SERIALIZATION_FAILURE) => {}
            Err(error) => panic!("{function}: {error:?}"),
        }
    }
}

async fn peer(world: &World) -> Client {
    let client = world.connect().await;
    client
        .batch_execute("SET default_transaction_isolation = 'repeatable read'; SET enable_seqscan = off")
        .await
        .unwrap();
    client
}

const CREDITORS: i64 = 30;

fn creditor(n: i64) -> CreditorId {
    CreditorId::new(C.get() + n)
}

/// Changes and creations of transfers, each told by `data_principal`, which counts from 1 for each creditor.
async fn enqueue(client: &Client, creditors: i64, from: i64, to: i64) {
    let statement = format!(
        "INSERT INTO pending_log_entry (added_at, object_type_hint, object_update_id, transfer_uuid, data_principal, \
             creditor_id) \
         SELECT 'epoch'::timestamptz + n * interval '1 s', 1, 1 + n % 4, lpad(n::text, 32, '0')::uuid, n, {} + c \
         FROM generate_series({from}, {to}) AS n, generate_series(0, {creditors} - 1) AS c ORDER BY n, c",
        C.get()
    );
    client.batch_execute(&statement).await.unwrap();
}

/// Logs without gaps; every entry once and in order, each creation directly followed by the list's entry.
async fn assert_logged(world: &World, creditors: i64, entries: i64) {
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 0);
    let rows = world
        .client
        .query(
            "SELECT creditor_id, entry_id, object_type_hint, object_update_id, data_principal, \
                 extract(epoch FROM added_at)::bigint \
             FROM log_entry ORDER BY creditor_id, entry_id",
            &[],
        )
        .await
        .unwrap();
    let mut logs: BTreeMap<i64, Vec<_>> = BTreeMap::new();
    for row in rows {
        logs.entry(row.get(0)).or_default().push((
            row.get::<_, i64>(1),
            row.get::<_, i16>(2),
            row.get::<_, i64>(3),
            row.get::<_, Option<i64>>(4),
            row.get::<_, i64>(5),
        ));
    }
    let (mut expected, mut lists) = (Vec::new(), 1);
    for n in 1..=entries {
        expected.push((1 + i64::try_from(expected.len()).unwrap(), 1, 1 + n % 4, Some(n), n));
        if n % 4 == 0 {
            lists += 1;
            expected.push((1 + i64::try_from(expected.len()).unwrap(), 2, lists, None, n));
        }
    }
    assert_eq!(logs.len(), usize::try_from(creditors).unwrap());
    assert!(logs.into_values().all(|log| log == expected));
    let heads = format!(
        "SELECT count(*) FROM creditor WHERE last_log_entry_id = {} AND transfers_list_latest_update_id = {lists}",
        expected.len()
    );
    assert_eq!(world.number(&heads).await, creditors);
}

#[tokio::test]
async fn logs_have_no_gaps_whoever_adds_to_them() {
    const ENTRIES: i64 = 200;
    let world = World::new().await;
    for n in 1..CREDITORS {
        world.add_creditor(creditor(n)).await;
    }
    let writer = world.connect().await;
    let (races, ours) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let left = AtomicUsize::new(1);
    let copy = async |_| {
        let mut from = i64::MIN;
        while left.load(Ordering::Relaxed) > 0 || from != i64::MIN {
            let report = world.work(&races, async |tx| log_additions::run(tx, from, 150).await).await.unwrap();
            ours.fetch_add(usize::try_from(report.taken).unwrap(), Ordering::Relaxed);
            from = report.next.unwrap_or(i64::MIN);
        }
    };
    let function = async |seed| {
        let (client, mut dice) = (peer(&world).await, Dice::new(seed));
        while left.load(Ordering::Relaxed) > 0 {
            let id = creditor(dice.below(CREDITORS)).get();
            call(&client, &format!("process_pending_log_entries({id})")).await;
        }
    };
    let writing = async {
        for from in (1..ENTRIES).step_by(20) {
            enqueue(&writer, CREDITORS, from, from + 19).await;
        }
        while world.number("SELECT count(*) FROM pending_log_entry").await > 0 {}
        left.store(0, Ordering::Relaxed);
    };
    join3(writing, join_all((0..3).map(copy)), join_all((0..2).map(function))).await;

    assert_logged(&world, CREDITORS, ENTRIES).await;
    let all = usize::try_from(CREDITORS * ENTRIES).unwrap();
    let ours = ours.into_inner();
    assert!(ours > 0 && ours < all, "{ours} of {all} were ours: was there a race at all?");
    assert_eq!(races.into_inner(), 0, "busy creditors are passed over");
}

/// How many entries a creditor who gets many of them gets; this variable says otherwise.
const ENTRIES_VARIABLE: &str = "CREDITORS_TEST_LOG_ENTRIES";
const ENTRIES: i64 = 20_000;

#[tokio::test]
async fn one_hot_log_grows_in_bounded_pieces() {
    const ROWS: usize = 1_500;
    let most = i64::try_from(ROWS).unwrap();
    let entries = testkit::environment::get(ENTRIES_VARIABLE).map_or(ENTRIES, |number| number.parse().unwrap());
    let world = World::new().await;
    enqueue(&world.client, 1, 1, entries).await;
    let (races, pieces) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let copy = async |_| {
        loop {
            let report = world.work(&races, async |tx| log_additions::run(tx, i64::MIN, ROWS).await).await.unwrap();
            assert!(report.taken <= most);
            if report.taken > 0 {
                pieces.fetch_add(1, Ordering::Relaxed);
            } else if report.busy == 0 {
                break;
            }
        }
    };
    join_all((0..3).map(copy)).await;
    assert_eq!(i64::try_from(pieces.into_inner()).unwrap(), (entries + most - 1) / most);
    assert_eq!(races.into_inner(), 0);
    assert_logged(&world, 1, entries).await;
}

#[tokio::test]
async fn entries_of_a_creditor_that_is_gone_are_dropped_by_everybody() {
    let world = World::new().await;
    enqueue(&world.client, 3, 1, 4).await;
    call(&peer(&world).await, &format!("process_pending_log_entries({})", creditor(1).get())).await;
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 8);
    assert_eq!(world.add_to_logs().await.dropped, 4);
    assert_logged(&world, 1, 4).await;
}

/// Otherwise the other one would pass over what is locked, and number later entries before it.
#[tokio::test]
async fn entries_of_a_creditor_that_somebody_else_has_taken_are_left_alone() {
    const ENTRIES: i64 = 4;
    let world = World::new().await;
    enqueue(&world.client, 1, 1, ENTRIES).await;
    let other = world.connect().await;
    other.batch_execute("BEGIN; SELECT FROM creditor FOR NO KEY UPDATE").await.unwrap();
    let mut tx = world.db.begin("test").await.unwrap();
    let report = log_additions::run(&mut tx, i64::MIN, 100).await.unwrap();
    assert_eq!((report.busy, report.taken, report.dropped), (1, 0, 0));
    let free = "SELECT count(*) FROM (SELECT FROM pending_log_entry FOR UPDATE SKIP LOCKED) AS entry";
    let free: i64 = other.query_one(free, &[]).await.unwrap().get(0);
    assert_eq!(free, ENTRIES);
    tx.commit().await.unwrap();
}

/// Nobody should do that without the creditor's lock. If somebody does, the entry is not told all the same.
#[tokio::test]
async fn an_entry_that_vanishes_meanwhile_undoes_the_additions() {
    let world = World::new().await;
    enqueue(&world.client, 1, 1, 4).await;
    let other = world.connect().await;
    let second = "SELECT min(pending_entry_id) + 1 FROM pending_log_entry";
    other
        .batch_execute(&format!("BEGIN; DELETE FROM pending_log_entry WHERE pending_entry_id = ({second})"))
        .await
        .unwrap();
    let add = async {
        let mut tx = world.db.begin("test").await.unwrap();
        let outcome = log_additions::run(&mut tx, i64::MIN, 100).await;
        tx.conclude(outcome).await
    };
    let vanish = async {
        world.wait_for_a_lock().await;
        other.batch_execute("COMMIT").await.unwrap();
    };
    let (outcome, ()) = join(add, vanish).await;
    assert!(matches!(outcome, Err(Error::Inconsistent { table: "pending_log_entry", .. })), "{outcome:?}");
    assert_eq!(world.number("SELECT count(*) FROM log_entry").await, 0);
    assert_eq!(world.add_to_logs().await.taken, 3);
}

#[tokio::test]
async fn ledgers_are_right_whoever_brings_them_forward() {
    const ACCOUNTS: i64 = 20;
    const TRANSFERS: i64 = 150;
    let world = World::new().await;
    let mut messages = Vec::new();
    for n in 1..=ACCOUNTS {
        world.add_account(key(n)).await;
        messages.push(Incoming::AccountUpdate(Box::new(update(key(n), world.now))));
        // Every tenth transfer is worth one more than it says, because of a lost one before it.
        messages.extend(
            (1..=TRANSFERS)
                .map(|m| Incoming::AccountTransfer(transfer(key(n), m, m - 1, 3, 3 * m + (m / 10), world.now))),
        );
    }
    world.apply(&messages).await;

    let (races, ours) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let cutoff = world.now - TimeDelta::days(14);
    let copy = async |_| {
        let limits = Limits { accounts: 2, burst: 20 };
        loop {
            let run = async |tx: &mut _| ledger_updates::run(tx, limits, cutoff, world.now).await;
            let report = world.work(&races, run).await.unwrap();
            ours.fetch_add(report.entries, Ordering::Relaxed);
            if report.accounts == 0 {
                break;
            }
        }
    };
    let function = async |seed| {
        let (client, mut dice) = (peer(&world).await, Dice::new(seed));
        while world.number("SELECT count(*) FROM pending_ledger_update").await > 0 {
            let account = format!("{}, {}", C.get(), 1 + dice.below(ACCOUNTS));
            call(&client, &format!("process_pending_ledger_update({account}, '14 days'::interval)")).await;
        }
    };
    join(join_all((0..3).map(copy)), join_all((0..2).map(function))).await;
    world.update_ledgers().await;

    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 0);
    let right = format!(
        "SELECT count(*) FROM account_data \
         WHERE (ledger_principal, ledger_last_entry_id, ledger_last_transfer_number) = ({}, {}, {TRANSFERS}) \
             AND ledger_pending_transfer_ts IS NULL",
        3 * TRANSFERS + TRANSFERS / 10,
        1 + TRANSFERS + TRANSFERS / 10
    );
    assert_eq!(world.number(&right).await, ACCOUNTS);
    while world.add_to_logs().await.taken > 0 {}
    assert_sound(&world).await;
    let all = usize::try_from(ACCOUNTS * (TRANSFERS + TRANSFERS / 10)).unwrap();
    let ours = ours.into_inner();
    assert!(ours > 0 && ours < all, "{ours} of {all} were ours: was there a race at all?");
    assert_eq!(races.into_inner(), 0);
}
