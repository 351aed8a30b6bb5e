//! How many statements a batch takes depends on the types of its messages, not on their number.

use std::sync::{
    Arc,
    atomic::{AtomicUsize, Ordering},
};

use creditors_procedures::{
    incoming,
    ledger_updates::{self, Limits},
    log_additions,
};
use diesel::connection::InstrumentationEvent;
use diesel_async::AsyncConnection as _;
use domain::incoming::{
    AccountPurge, AccountUpdate, ActivateCreditor, BouncedConfigureAccount, FinalizedTransfer, Incoming,
    PreparedTransfer, RejectedConfig, RejectedTransfer,
};
use persistence::Tx;

use super::{
    seed::{C, World, context, date, key, transfer, update},
    traffic::reserved,
};

const MANY: i64 = 200;

/// The statements of a transaction, without BEGIN and COMMIT.
async fn statements<T>(world: &World, body: impl AsyncFn(&mut Tx) -> persistence::Result<T>) -> usize {
    let mut tx = world.db.begin("test").await.unwrap();
    let count = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&count);
    tx.set_instrumentation(move |event: InstrumentationEvent<'_>| {
        if matches!(event, InstrumentationEvent::StartQuery { .. }) {
            counter.fetch_add(1, Ordering::Relaxed);
        }
    });
    body(&mut tx).await.unwrap();
    tx.flush().await.unwrap();
    let counted = count.load(Ordering::Relaxed);
    // The connection goes back to the pool.
    tx.set_instrumentation(|_: InstrumentationEvent<'_>| ());
    tx.commit().await.unwrap();
    counted
}

async fn prepare(world: &World) {
    for n in 0..=MANY {
        world.add_account(key(n)).await;
        world.add_running_transfer(C, 3 * n).await;
        world.add_running_transfer(C, 3 * n + 1).await;
        world.add_running_transfer(C, 3 * n + 2).await;
        let mut tx = world.db.begin("test").await.unwrap();
        creditors_procedures::creditors::reserve(&mut tx, reserved(n), world.now).await.unwrap();
        tx.commit().await.unwrap();
    }
}

/// What happens to account, transfer and creditor `n`. The order matters.
fn story(world: &World) -> Vec<(&'static str, usize, Box<dyn Fn(i64) -> Incoming>)> {
    let now = world.now;
    let prepared = |request_id| PreparedTransfer {
        account: key(5),
        transfer_id: 71,
        coordinator_id: C,
        coordinator_request_id: request_id,
        locked_amount: 10,
        recipient: "bob".to_owned(),
    };
    vec![
        // Each line: lock, and then one statement for each table, one of which is the sequence.
        (
            "RejectedConfig",
            4,
            Box::new(move |n| {
                Incoming::RejectedConfig(RejectedConfig {
                    account: key(n),
                    config_ts: now,
                    config_seqnum: 0,
                    config_flags: 0,
                    config_data: String::new(),
                    negligible_amount: 1e30,
                    rejection_code: "NO".to_owned(),
                })
            }),
        ),
        ("AccountUpdate", 6, Box::new(move |n| Incoming::AccountUpdate(Box::new(update(key(n), now))))),
        (
            "AccountUpdate with a correction",
            7,
            Box::new(move |n| {
                let update = AccountUpdate { creation_date: date("2026-01-02"), ..update(key(n), now) };
                Incoming::AccountUpdate(Box::new(update))
            }),
        ),
        ("stale AccountUpdate", 1, Box::new(move |n| Incoming::AccountUpdate(Box::new(update(key(n), now))))),
        (
            "AccountUpdate of an unknown account",
            2,
            Box::new(move |n| Incoming::AccountUpdate(Box::new(update(key(n + 10_000), now)))),
        ),
        (
            "AccountTransfer",
            4,
            Box::new(move |n| {
                let mut transfer = transfer(key(n), 1, 0, 5, 5, now);
                transfer.creation_date = date("2026-01-02");
                Incoming::AccountTransfer(transfer)
            }),
        ),
        (
            "repeated AccountTransfer",
            2,
            Box::new(move |n| {
                let mut transfer = transfer(key(n), 1, 0, 5, 5, now);
                transfer.creation_date = date("2026-01-02");
                Incoming::AccountTransfer(transfer)
            }),
        ),
        (
            "AccountPurge",
            4,
            Box::new(move |n| {
                Incoming::AccountPurge(AccountPurge { account: key(n), creation_date: date("2026-01-02") })
            }),
        ),
        ("PreparedTransfer", 3, Box::new(move |n| Incoming::PreparedTransfer(prepared(3 * n)))),
        ("unknown PreparedTransfer", 2, Box::new(move |n| Incoming::PreparedTransfer(prepared(10_000 + n)))),
        (
            "FinalizedTransfer",
            3,
            Box::new(move |n| {
                Incoming::FinalizedTransfer(FinalizedTransfer {
                    account: key(5),
                    transfer_id: 71,
                    coordinator_id: C,
                    coordinator_request_id: 3 * n,
                    committed_amount: 1000,
                    status_code: "OK".to_owned(),
                    total_locked_amount: 0,
                })
            }),
        ),
        (
            "RejectedTransfer",
            3,
            Box::new(move |n| {
                Incoming::RejectedTransfer(RejectedTransfer {
                    account: key(5),
                    coordinator_id: C,
                    coordinator_request_id: 3 * n + 1,
                    status_code: "NO".to_owned(),
                    total_locked_amount: 0,
                })
            }),
        ),
        (
            "ConfigureAccount",
            1,
            Box::new(move |n| {
                Incoming::ConfigureAccount(BouncedConfigureAccount {
                    account: key(n),
                    ts: now,
                    seqnum: 0,
                    negligible_amount: 0.0,
                    config_flags: 0,
                    config_data: String::new(),
                })
            }),
        ),
        (
            "ActivateCreditor",
            2,
            Box::new(move |n| {
                let reservation_id = (n + 2).to_string();
                Incoming::ActivateCreditor(ActivateCreditor { creditor_id: reserved(n), reservation_id })
            }),
        ),
    ]
}

#[tokio::test]
async fn messages_take_as_many_statements_as_one_of_their_type() {
    let world = World::new().await;
    world.made_up();
    prepare(&world).await;
    let context = context();
    let apply = async |messages: &[Incoming]| {
        statements(&world, async |tx| incoming::apply(tx, messages, &context, world.now).await).await
    };
    for (what, expected, message) in story(&world) {
        if what == "AccountUpdate with a correction" {
            world.sql("UPDATE account_data SET ledger_principal = 1").await;
        }
        assert_eq!(apply(&[message(0)]).await, expected, "{what}");
        let many: Vec<_> = (1..=MANY).map(message).collect();
        assert_eq!(apply(&many).await, expected, "{MANY} × {what}");
    }
    assert_eq!(world.number("SELECT count(*) FROM creditor WHERE status_flags = 1").await, MANY + 2);
    assert_eq!(world.number("SELECT count(*) FROM running_transfer WHERE finalized_at IS NOT NULL").await, 402);
}

/// Everything at once, and the same accounts and transfers again and again.
#[tokio::test]
async fn a_mixed_batch_takes_few_statements() {
    let world = World::new().await;
    prepare(&world).await;
    let context = context();
    let batch = |numbers: std::ops::RangeInclusive<i64>| -> Vec<Incoming> {
        numbers.flat_map(|n| story(&world).into_iter().map(move |(_, _, message)| message(n))).collect()
    };
    for numbers in [0..=0, 1..=MANY] {
        let messages = batch(numbers);
        let count = statements(&world, async |tx| incoming::apply(tx, &messages, &context, world.now).await).await;
        // 3 tables are locked, 7 written, 4 kinds of messages sent, and the sequence is drawn from.
        assert_eq!(count, 14);
    }
}

#[tokio::test]
async fn ledgers_and_logs_take_as_many_statements_as_one() {
    let world = World::new().await;
    for n in 1..=MANY {
        world.add_account(key(n)).await;
    }
    let limits = Limits { accounts: 1000, burst: 1000 };
    let mut counts = Vec::new();
    for accounts in [1..=1, 2..=MANY] {
        let mut messages = Vec::new();
        for n in accounts {
            messages.push(Incoming::AccountUpdate(Box::new(update(key(n), world.now))));
            let transfers = (1..=3).map(|m| transfer(key(n), m, m - 1, 5, 5 * m, world.now));
            messages.extend(transfers.map(Incoming::AccountTransfer));
        }
        world.apply(&messages).await;
        let ledgers = async |tx: &mut Tx| ledger_updates::run(tx, limits, world.now, world.now).await;
        let logs = async |tx: &mut Tx| log_additions::run(tx, i64::MIN, 10_000).await;
        counts.push((statements(&world, ledgers).await, statements(&world, logs).await));
    }
    // Ledgers: claimed, locked, transfers read; entries, heads, work items, log entries, messages, sequence written. The
    // sequence is drawn from twice if it has to catch up.
    assert_eq!(world.number("SELECT count(*) FROM ledger_entry").await, 3 * MANY);
    for (ledgers, logs) in counts {
        assert!((9..=10).contains(&ledgers), "{ledgers}");
        assert_eq!(logs, 3);
    }
}
