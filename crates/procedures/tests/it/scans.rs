//! What scanners do, beside each other and beside everybody else (processing §13.2).

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use chrono::TimeDelta;
use creditors_procedures::{
    incoming,
    ledger_updates::{self, Limits},
    scans,
};
use domain::{
    AccountKey, CreditorId,
    account::Patience,
    incoming::{AccountUpdate, Incoming},
    retention::{CreditorRetention, CreditorRules, LeftOvers},
};
use futures::future::{join, join_all};

use super::{
    deliveries::assert_sound,
    dice::Dice,
    seed::{C, World, context, key, shard, update},
};

const PATIENCE: Patience = Patience { config: TimeDelta::hours(24), heartbeat: TimeDelta::days(365) };

fn rules() -> CreditorRules {
    let retention = CreditorRetention { inactive: TimeDelta::days(14), deactivated: TimeDelta::days(1826) };
    CreditorRules { retention, left_overs: LeftOvers::new(shard(), false) }
}

/// Ledgers stay right while scanners correct them, ledger updates extend them, and servers tell of new balances.
///
/// A server that tells a balance without any transfer makes its ledger wrong; an hour later it is to be corrected. The
/// clock jumps from hour to hour.
#[tokio::test]
async fn ledgers_are_corrected_beside_all_other_work() {
    const ACCOUNTS: i64 = 8;
    const HOURS: i32 = 30;
    let world = World::new().await;
    for n in 1..=ACCOUNTS {
        world.add_account(key(n)).await;
    }
    let keys: Vec<AccountKey> = (1..=ACCOUNTS).map(key).collect();
    let balance = |n: i64, hour: i32| i64::from(hour) * 100 + n;
    let tell = |n: i64, hour: i32| {
        let ts = world.now + TimeDelta::hours(i64::from(hour) * 2);
        let told = AccountUpdate {
            last_change_ts: ts,
            last_change_seqnum: hour,
            principal: balance(n, hour),
            ts,
            ..update(key(n), world.now)
        };
        Incoming::AccountUpdate(Box::new(told))
    };
    let (races, told) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let is_over = AtomicBool::new(false);
    let now = || world.now + TimeDelta::hours(2 * i64::try_from(told.load(Ordering::Relaxed)).unwrap());
    let context = context();
    let servers = async {
        for hour in 1..=HOURS {
            told.store(usize::try_from(hour).unwrap(), Ordering::Relaxed);
            let messages: Vec<_> = (1..=ACCOUNTS).map(|n| tell(n, hour)).collect();
            world.work(&races, async |tx| incoming::apply(tx, &messages, &context, now()).await).await.unwrap();
        }
        is_over.store(true, Ordering::Relaxed);
    };
    let scanner = async |seed| {
        let mut dice = Dice::new(seed);
        let mut corrected = 0;
        while !is_over.load(Ordering::Relaxed) {
            // As a scan finds them: in the order of their places, some of them twice.
            let mut found = keys.clone();
            found.swap(dice.index(keys.len()), dice.index(keys.len()));
            corrected +=
                world.work(&races, async |tx| scans::accounts::correct_ledgers(tx, &found, now()).await).await.unwrap();
            world.work(&races, async |tx| scans::accounts::request_repairs(tx, &found).await).await.unwrap();
            let report = async |tx: &mut _| scans::accounts::report_config_problems(tx, &found, PATIENCE, now()).await;
            world.work(&races, report).await.unwrap();
        }
        corrected
    };
    let extend = async {
        let limits = Limits { accounts: 5, burst: 10 };
        while !is_over.load(Ordering::Relaxed) {
            let cutoff = now() - TimeDelta::days(14);
            world.work(&races, async |tx| ledger_updates::run(tx, limits, cutoff, now()).await).await.unwrap();
        }
    };
    let (corrected, ()) = join(join_all((0..3).map(scanner)), async {
        join(servers, extend).await;
    })
    .await;
    assert!(corrected.iter().sum::<usize>() > 0, "something was corrected meanwhile");

    let later = now() + TimeDelta::hours(2);
    let run = async |tx: &mut _| scans::accounts::correct_ledgers(tx, &keys, later).await;
    world.work(&races, run).await.unwrap();
    for n in 1..=ACCOUNTS {
        let query = format!("SELECT ledger_principal FROM account_data WHERE debtor_id = {n}");
        assert_eq!(world.number(&query).await, balance(n, HOURS), "{n}");
    }
    let sums = "SELECT debtor_id FROM account_data JOIN (SELECT debtor_id, sum(acquired_amount) AS sum, count(*) AS n, \
            max(entry_id) AS last FROM ledger_entry GROUP BY debtor_id) AS e USING (debtor_id) \
        WHERE sum <> ledger_principal OR last <> ledger_last_entry_id OR n <> last - 1";
    assert!(world.rows(sums).await.is_empty(), "{:?}", world.rows(sums).await);
    let largest = "SELECT max(ledger_latest_update_id) FROM account_data";
    assert!(world.number("SELECT last_value FROM object_update_id_seq").await >= world.number(largest).await);
    while world.add_to_logs().await.taken > 0 {}
    assert_sound(&world).await;
    assert_eq!(races.into_inner(), 0, "nobody blocks anybody");
}

/// Whoever activates a creditor at the last moment has an active creditor, or is told that there is none.
#[tokio::test]
async fn a_creditor_is_activated_or_deleted() {
    let world = World::new().await;
    let rules = rules();
    let races = AtomicUsize::new(0);
    let ids: Vec<CreditorId> = (1..=60).map(|n| CreditorId::new(C.get() + n)).collect();
    let mut reservations = Vec::new();
    for id in &ids {
        let long_ago = world.now - TimeDelta::days(15);
        let reserve = async |tx: &mut _| {
            let reserved = creditors_procedures::creditors::reserve(tx, *id, long_ago).await;
            Ok(reserved.unwrap_or_else(|error| panic!("{error}")))
        };
        reservations.push(world.work(&races, reserve).await.unwrap().reservation_id.unwrap());
    }
    let deleted = AtomicUsize::new(0);
    let scanner = async |_| {
        for group in ids.chunks(4) {
            let collect = async |tx: &mut _| scans::creditors::collect(tx, group, &rules, world.now).await;
            deleted.fetch_add(world.work(&races, collect).await.unwrap(), Ordering::Relaxed);
        }
    };
    let activate = async {
        let mut activated = Vec::new();
        // From the end, so that the two meet.
        for (id, reservation_id) in ids.iter().zip(&reservations).rev() {
            let given = reservation_id.to_string();
            let activate = async |tx: &mut _| {
                let outcome = creditors_procedures::creditors::activate(tx, *id, Some(&given), world.now).await;
                Ok(outcome.is_ok())
            };
            if world.work(&races, activate).await.unwrap() {
                activated.push(*id);
            }
        }
        activated
    };
    let (_, activated) = join(join_all((0..2).map(scanner)), activate).await;
    let mut conn = world.db.conn().await.unwrap();
    for id in &ids {
        let found = persistence::creditor::get(&mut conn, *id).await.unwrap();
        let is_active = found.is_some_and(|creditor| creditor.status.is_active());
        assert_eq!(is_active, activated.contains(id), "{id:?}");
    }
    assert_eq!(deleted.into_inner() + activated.len(), ids.len(), "each has one end, and only one");
    assert_eq!(races.into_inner(), 0);
}

/// Accounts that vanish between being read and being acted upon are no problem.
#[tokio::test]
async fn what_is_gone_is_ignored() {
    let world = World::new().await;
    world.add_account(key(1)).await;
    world
        .sql("UPDATE account_data SET last_config_ts = 'epoch', principal = 5, ledger_latest_update_ts = 'epoch'")
        .await;
    let mut other = world.connect().await;
    let removal = other.transaction().await.unwrap();
    removal.batch_execute("DELETE FROM account").await.unwrap();
    let races = AtomicUsize::new(0);
    for keys in [[key(1), key(2)], [key(2), key(3)]] {
        let repair = async |tx: &mut _| scans::accounts::request_repairs(tx, &keys).await;
        assert_eq!(world.work(&races, repair).await.unwrap(), 0, "it is being deleted, or is not there");
        let correct = async |tx: &mut _| scans::accounts::correct_ledgers(tx, &keys, world.now).await;
        assert_eq!(world.work(&races, correct).await.unwrap(), 0);
        let report = async |tx: &mut _| scans::accounts::report_config_problems(tx, &keys, PATIENCE, world.now).await;
        assert_eq!(world.work(&races, report).await.unwrap(), 0);
    }
    removal.rollback().await.unwrap();
    let repair = async |tx: &mut _| scans::accounts::request_repairs(tx, &[key(1), key(2)]).await;
    assert_eq!(world.work(&races, repair).await.unwrap(), 1);
    let repair = async |tx: &mut _| scans::accounts::request_repairs(tx, &[key(1), key(2)]).await;
    assert_eq!(world.work(&races, repair).await.unwrap(), 0, "it is on the queue already");
    assert_eq!(races.into_inner(), 0);
}
