//! Three workers, redeliveries, no order: what the messages say in the end is what counts.
//!
//! Two worlds get the same messages: one of them one by one in the order in which they were sent; the other several
//! times, shuffled, in random batches by three workers side by side with a ledger processor and a log processor, some
//! batches undone and done again, and at last all of them once more in order. Then, for the orderly creditors, these are
//! equal:
//!
//! * accounts, running transfers, committed transfers, ledger entries: whole rows, update ids and timestamps included;
//! * log entries, but for their order and for how many steps of a ledger were announced together;
//! * outgoing messages, but for repetitions.
//!
//! Messages that contradict each other, where the outcome rightly depends on who comes first, go to another creditor at
//! the same time. There, and everywhere, the invariants must hold.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::TimeDelta;
use creditors_procedures::{
    incoming,
    ledger_updates::{self, Limits},
    log_additions,
};
use domain::{
    AccountKey, CreditorId, DebtorId,
    incoming::{
        AccountPurge, AccountUpdate, ActivateCreditor, BouncedConfigureAccount, FinalizedTransfer, Incoming,
        PreparedTransfer, RejectedConfig, RejectedTransfer,
    },
};
use futures::future::{join, join_all, join3};

use super::{
    dice::Dice,
    seed::{C, World, context, date, transfer, update},
    traffic,
};

/// The orderly creditors.
const ORDERLY: i64 = 4;

fn orderly(n: i64) -> CreditorId {
    CreditorId::new(C.get() + 1 + n % ORDERLY)
}

/// A condition on `creditor_id`.
fn are_orderly() -> String {
    format!("creditor_id BETWEEN {} AND {}", orderly(0).get(), orderly(ORDERLY - 1).get())
}

fn account(n: i64) -> AccountKey {
    AccountKey::new(orderly(n), DebtorId::new(n))
}

/// Accounts that follow their servers.
const FOLLOWING: std::ops::Range<i64> = 1..13;

/// Accounts whose configurations are refused.
const REFUSED: std::ops::Range<i64> = 13..19;

/// Accounts whose server accounts are removed.
const REMOVED: std::ops::Range<i64> = 19..25;

/// Requests that are prepared and committed.
const COMMITTED: std::ops::Range<i64> = 1..21;

/// Requests that are refused.
const REJECTED: std::ops::Range<i64> = 21..31;

async fn prepare(world: &World) {
    for n in 0..ORDERLY {
        world.add_creditor(orderly(n)).await;
    }
    world.populate().await;
    for n in FOLLOWING.chain(REFUSED).chain(REMOVED) {
        world.add_account(account(n)).await;
    }
    for n in COMMITTED.chain(REJECTED) {
        world.add_running_transfer(orderly(n), n).await;
    }
    let updates: Vec<_> = REMOVED.map(|n| Incoming::AccountUpdate(Box::new(update(account(n), world.now)))).collect();
    world.apply(&updates).await;
}

fn messages(world: &World) -> Vec<Incoming> {
    let now = world.now;
    let mut messages = Vec::new();
    for n in FOLLOWING {
        let key = account(n);
        messages.extend((1..4).map(|seqnum| {
            let update = AccountUpdate {
                last_change_seqnum: seqnum,
                principal: 100 + i64::from(seqnum),
                last_transfer_number: 10,
                last_transfer_committed_at: now,
                ts: now - TimeDelta::seconds(i64::from(seqnum)),
                ..update(key, now)
            };
            Incoming::AccountUpdate(Box::new(update))
        }));
        messages.extend((1..11).map(|m| Incoming::AccountTransfer(transfer(key, m, m - 1, 7, 7 * m, now))));
        messages.push(Incoming::AccountUpdate(Box::new(update(account(n + 900), now))));
    }
    for n in REFUSED {
        let update = AccountUpdate { config_flags: 1, ..update(account(n), now) };
        messages.push(Incoming::AccountUpdate(Box::new(update)));
        messages.push(Incoming::RejectedConfig(RejectedConfig {
            account: account(n),
            config_ts: now,
            config_seqnum: 0,
            config_flags: 0,
            config_data: String::new(),
            negligible_amount: 1e30,
            rejection_code: "REFUSED".to_owned(),
        }));
    }
    for n in REMOVED {
        messages.extend(
            ["2025-12-31", "2026-01-01"]
                .map(|day| Incoming::AccountPurge(AccountPurge { account: account(n), creation_date: date(day) })),
        );
    }
    for n in COMMITTED {
        messages.extend(payment(n));
    }
    messages.extend(REJECTED.map(|n| {
        Incoming::RejectedTransfer(RejectedTransfer {
            account: AccountKey::new(orderly(n), DebtorId::new(5)),
            coordinator_id: orderly(n),
            coordinator_request_id: n,
            status_code: "TIMEOUT".to_owned(),
            total_locked_amount: 3,
        })
    }));
    messages.extend((0..ORDERLY).map(|n| {
        Incoming::ConfigureAccount(BouncedConfigureAccount {
            account: account(n),
            ts: now,
            seqnum: 3,
            negligible_amount: 2.5,
            config_flags: 1,
            config_data: "d".to_owned(),
        })
    }));
    messages.extend(
        ["0", "2"]
            .map(|id| Incoming::ActivateCreditor(ActivateCreditor { creditor_id: C, reservation_id: id.to_owned() })),
    );
    messages
}

/// Prepared, prepared with something wrong, and committed.
fn payment(n: i64) -> [Incoming; 3] {
    let account = AccountKey::new(orderly(n), DebtorId::new(5));
    let prepared = |transfer_id, recipient: &str| {
        Incoming::PreparedTransfer(PreparedTransfer {
            account,
            transfer_id,
            coordinator_id: orderly(n),
            coordinator_request_id: n,
            locked_amount: 10,
            recipient: recipient.to_owned(),
        })
    };
    let finalized = Incoming::FinalizedTransfer(FinalizedTransfer {
        account,
        transfer_id: 1000 + n,
        coordinator_id: orderly(n),
        coordinator_request_id: n,
        committed_amount: 1000,
        status_code: "OK".to_owned(),
        total_locked_amount: 0,
    });
    [prepared(1000 + n, "bob"), prepared(2000 + n, "eve"), finalized]
}

async fn one_by_one(world: &World, messages: &[Incoming]) {
    for message in messages {
        world.apply(std::slice::from_ref(message)).await;
    }
    come_to_rest(world).await;
}

async fn come_to_rest(world: &World) {
    while world.update_ledgers().await.accounts > 0 {}
    while world.add_to_logs().await.taken > 0 {}
}

/// Returns how many transactions had to be repeated.
async fn by_three_workers(world: &World, dice: &mut Dice, messages: &[Incoming]) -> usize {
    let mut deliveries: Vec<Incoming> = (0..400).map(|_| traffic::message(dice, world.now)).collect();
    for message in messages {
        deliveries.extend((0..=dice.below(3)).map(|_| message.clone()));
    }
    dice.shuffle(&mut deliveries);
    let batches: Vec<_> = dice.cut(&deliveries, 40).into_iter().map(|batch| (batch, dice.once_in(8))).collect();

    let (races, next, over) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicBool::new(false));
    let context = context();
    let worker = async |_| {
        while let Some((batch, fails)) = batches.get(next.fetch_add(1, Ordering::Relaxed)) {
            if *fails {
                let mut tx = world.db.begin("test").await.unwrap();
                // It may also fail by losing a race, which is as good.
                let _ = incoming::apply(&mut tx, batch, &context, world.now).await;
                drop(tx);
            }
            world.work(&races, async |tx| incoming::apply(tx, batch, &context, world.now).await).await.unwrap();
        }
    };
    let workers = async {
        join_all((0..3).map(worker)).await;
        over.store(true, Ordering::Relaxed);
    };
    let ledgers = async {
        let cutoff = world.now - TimeDelta::days(14);
        let limits = Limits { accounts: 7, burst: 3 };
        while !over.load(Ordering::Relaxed) {
            let run = async |tx: &mut _| ledger_updates::run(tx, limits, cutoff, world.now).await;
            world.work(&races, run).await.unwrap();
        }
    };
    let logs = async {
        while !over.load(Ordering::Relaxed) {
            world.work(&races, async |tx| log_additions::run(tx, i64::MIN, 50).await).await.unwrap();
        }
    };
    join3(workers, ledgers, logs).await;

    for batch in dice.cut(messages, 40) {
        world.apply(&batch).await;
    }
    come_to_rest(world).await;
    races.into_inner()
}

/// What must be equal; see the module's documentation.
async fn facts(world: &World) -> Vec<Vec<String>> {
    let mut facts = Vec::new();
    for query in [
        "SELECT * FROM account_data WHERE {} ORDER BY creditor_id, debtor_id",
        "SELECT * FROM ledger_entry WHERE {} ORDER BY creditor_id, debtor_id, entry_id",
        "SELECT * FROM committed_transfer WHERE {} ORDER BY creditor_id, debtor_id, transfer_number",
        "SELECT * FROM running_transfer WHERE {} ORDER BY creditor_id, coordinator_request_id",
        "SELECT creditor_id, object_type, object_uri, object_update_id, is_deleted, object_type_hint, debtor_id, \
             creation_date, transfer_number, transfer_uuid, data_finalized_at, data_error_code, added_at \
         FROM log_entry WHERE {} AND object_type_hint IS DISTINCT FROM 4 ORDER BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10",
        "SELECT DISTINCT ON (creditor_id, debtor_id) creditor_id, debtor_id, object_update_id, data_principal, \
             data_next_entry_id \
         FROM log_entry WHERE {} AND object_type_hint = 4 ORDER BY creditor_id, debtor_id, entry_id DESC",
        "SELECT * FROM configure_account_signal WHERE {} ORDER BY 2, 3",
        "SELECT DISTINCT creditor_id, debtor_id, transfer_id, coordinator_id, coordinator_request_id, \
             committed_amount, transfer_note_format, transfer_note, inserted_at \
         FROM finalize_transfer_signal WHERE {} ORDER BY 1, 5, 3",
        "SELECT DISTINCT ON (creditor_id, debtor_id) * FROM updated_ledger_signal WHERE {} \
         ORDER BY creditor_id, debtor_id, update_id DESC",
        "SELECT DISTINCT debtor_id, creditor_id, config_ts, config_seqnum, config_flags, config_data, \
             negligible_amount, rejection_code, inserted_at FROM rejected_config_signal WHERE {} ORDER BY 1, 2",
    ] {
        facts.push(world.rows(&query.replace("{}", &are_orderly())).await);
    }
    facts
}

/// What must hold for all creditors: each of these counts what is wrong.
const WRONG: [(&str, &str); 11] = [
    (
        "logs have no gaps",
        "SELECT count(*) FROM creditor AS c WHERE last_log_entry_id <> (SELECT count(*) FROM log_entry AS l \
             WHERE l.creditor_id = c.creditor_id AND l.entry_id <= c.last_log_entry_id)",
    ),
    (
        "the entries about an object are in the order of its changes",
        "SELECT count(*) FROM (SELECT object_update_id, lag(object_update_id) OVER ( \
             PARTITION BY creditor_id, object_uri, object_type_hint, debtor_id, transfer_uuid ORDER BY entry_id) AS last \
             FROM log_entry WHERE object_update_id IS NOT NULL) AS l WHERE object_update_id <= last",
    ),
    (
        "changes of information are told one by one",
        "SELECT count(*) FROM (SELECT object_update_id, lag(object_update_id) OVER ( \
             PARTITION BY object_uri ORDER BY entry_id) AS last \
             FROM log_entry WHERE object_type = 'AccountInfo') AS l WHERE object_update_id <> last + 1",
    ),
    (
        "the newest entry about an account's information is right",
        "SELECT count(*) FROM account_data AS d JOIN (SELECT object_uri, max(object_update_id) AS id FROM log_entry \
             WHERE object_type = 'AccountInfo' GROUP BY object_uri) AS l \
             ON object_uri = '/creditors/' || creditor_id || '/accounts/' || debtor_id || '/info' \
             WHERE info_latest_update_id <> id",
    ),
    (
        "each committed transfer is told once",
        "SELECT count(*) FROM (SELECT creditor_id, debtor_id, creation_date, transfer_number FROM committed_transfer) \
             AS t FULL JOIN (SELECT creditor_id, debtor_id, creation_date, transfer_number, count(*) AS n FROM log_entry \
             WHERE object_type_hint = 3 GROUP BY 1, 2, 3, 4) AS l \
             USING (creditor_id, debtor_id, creation_date, transfer_number) WHERE n IS DISTINCT FROM 1",
    ),
    (
        "each running transfer ends once",
        "SELECT count(*) FROM running_transfer AS t WHERE (finalized_at IS NOT NULL)::integer <> (SELECT count(*) \
             FROM log_entry AS l WHERE l.transfer_uuid = t.transfer_uuid AND l.creditor_id = t.creditor_id \
                 AND l.object_update_id = 2 AND t.latest_update_id = 2)",
    ),
    (
        "only what was settled is committed",
        "SELECT count(*) FROM finalize_transfer_signal AS s LEFT JOIN running_transfer AS t \
             ON t.creditor_id = s.coordinator_id AND t.coordinator_request_id = s.coordinator_request_id \
             WHERE s.committed_amount <> 0 AND t.transfer_id IS DISTINCT FROM s.transfer_id",
    ),
    (
        "each ledger's change is told to both",
        "SELECT count(*) FROM (SELECT creditor_id, debtor_id, update_id FROM updated_ledger_signal) AS s FULL JOIN \
             (SELECT creditor_id, debtor_id, object_update_id AS update_id, entry_id FROM log_entry \
             WHERE object_type_hint = 4) AS l USING (creditor_id, debtor_id, update_id) \
             WHERE s IS NULL OR l IS NULL",
    ),
    (
        "ledgers add up",
        "SELECT count(*) FROM (SELECT acquired_amount, principal, entry_id, lag(principal) OVER ledger AS before, \
             lag(entry_id) OVER ledger AS last FROM ledger_entry \
             WINDOW ledger AS (PARTITION BY creditor_id, debtor_id ORDER BY entry_id)) AS e \
             WHERE principal <> before + acquired_amount OR entry_id <> last + 1",
    ),
    (
        "ledgers end with their newest entries",
        "SELECT count(*) FROM account_data AS d JOIN (SELECT DISTINCT ON (creditor_id, debtor_id) * FROM ledger_entry \
             ORDER BY creditor_id, debtor_id, entry_id DESC) AS e USING (creditor_id, debtor_id) \
             WHERE (d.ledger_principal, d.ledger_last_entry_id) <> (e.principal, e.entry_id)",
    ),
    (
        "the sequence is ahead of all update ids",
        "SELECT count(*) FROM account_data, object_update_id_seq \
             WHERE last_value < greatest(info_latest_update_id, ledger_latest_update_id, config_latest_update_id)",
    ),
];

pub(crate) async fn assert_sound(world: &World) {
    for (rule, wrong) in WRONG {
        assert_eq!(world.number(wrong).await, 0, "{rule}");
    }
}

#[tokio::test]
async fn three_workers_do_what_one_would_do() {
    for seed in 1..=2 {
        let mut dice = Dice::new(seed);
        let (expected, found) = (World::new().await, World::new().await);
        join(prepare(&expected), prepare(&found)).await;
        let messages = messages(&expected);
        one_by_one(&expected, &messages).await;
        let races = by_three_workers(&found, &mut dice, &messages).await;
        assert_eq!(races, 0, "all lock in the same order");
        for (expected, found) in facts(&expected).await.into_iter().zip(facts(&found).await) {
            assert!(!expected.is_empty());
            assert_eq!(expected, found, "with seed {seed}");
        }
        assert_sound(&expected).await;
        assert_sound(&found).await;
    }
}
