//! Scenarios that existing deployments are tested with (processing §18), as far as messages from authorities go.

use chrono::TimeDelta;
use creditors_procedures::{
    incoming::{self, Context},
    ledger_updates::{self, Limits, Report},
};
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    incoming::{AccountPurge, AccountTransfer, AccountUpdate, Incoming, RejectedConfig},
};

use super::seed::{C, World, context, date, key, transfer, update};

const DATA: &str = "SELECT * FROM account_data";
const INFO_ENTRIES: &str = "SELECT count(*) FROM pending_log_entry WHERE object_type = 'AccountInfo'";

fn told(update: AccountUpdate) -> [Incoming; 1] {
    [Incoming::AccountUpdate(Box::new(update))]
}

fn rejected(message: &RejectedConfig) -> [Incoming; 1] {
    [Incoming::RejectedConfig(message.clone())]
}

fn refusal(world: &World) -> RejectedConfig {
    RejectedConfig {
        account: key(-1),
        config_ts: world.now,
        config_seqnum: 0,
        config_flags: 0,
        config_data: String::new(),
        negligible_amount: 1e30,
        rejection_code: "NO".to_owned(),
    }
}

/// Rows 7 to 10, and 15.
#[tokio::test]
async fn an_account_follows_its_server() {
    let world = World::new().await;
    let account = key(-1);
    world.open_account(account).await;
    let yesterday = world.now - TimeDelta::days(1);
    world
        .sql(&format!(
            "UPDATE account_data SET ledger_principal = 1001, ledger_last_entry_id = 88, \
                 ledger_last_transfer_number = 888, ledger_pending_transfer_ts = now(), last_heartbeat_ts = '{}'; \
             DELETE FROM configure_account_signal",
            yesterday.to_rfc3339()
        ))
        .await;
    let before = world.rows(DATA).await;
    let ts = world.now - TimeDelta::seconds(5);
    let base = AccountUpdate { ts, ..update(account, world.now) };
    world.apply(&told(AccountUpdate { ttl: 4, ..base.clone() })).await;
    assert_eq!(world.rows(DATA).await, before, "expired, and not even a sign of life");

    let id = world.account(account).await.data.ledger.latest_update_id;
    world.apply(&told(AccountUpdate { ttl: 10_000, ..base.clone() })).await;
    let data = world.account(account).await.data;
    assert_eq!(data.server.last_heartbeat_ts, ts);
    assert!(data.config.is_config_effectual && data.server.has_server_account);
    assert_eq!(
        (data.ledger.principal, data.ledger.last_entry_id, data.ledger.last_transfer_number),
        (0, 89, 0),
        "the ledger begins anew"
    );
    assert_eq!((data.ledger.pending_transfer_ts, data.ledger.latest_update_id), (None, id + 1));
    assert_eq!(
        world
            .rows("SELECT account_id, creation_date, principal, last_transfer_number, update_id = ledger_latest_update_id, ts = ledger_latest_update_ts FROM updated_ledger_signal JOIN (SELECT ledger_latest_update_id, ledger_latest_update_ts FROM account_data) AS d ON true")
            .await,
        ["(account-1,2026-01-01,0,0,t,t)"]
    );
    assert_eq!(
        world.rows("SELECT entry_id, acquired_amount, principal, transfer_number, added_at = (SELECT ledger_latest_update_ts FROM account_data) FROM ledger_entry").await,
        ["(89,-1001,0,,t)"]
    );
    assert_eq!(world.rows("SELECT debtor_id FROM pending_ledger_update").await, ["(-1)"]);
    assert_eq!(
        world
            .rows("SELECT object_type, object_uri, object_update_id = info_latest_update_id, added_at = info_latest_update_ts, object_type_hint, p.debtor_id, object_update_id = ledger_latest_update_id, data_principal, data_next_entry_id FROM pending_log_entry AS p, account_data ORDER BY pending_entry_id")
            .await,
        [
            format!("(AccountInfo,/creditors/{}/accounts/18446744073709551615/info,t,t,,,f,,)", C.get()),
            "(,,f,t,4,-1,t,0,90)".to_owned()
        ]
    );

    let before = world.rows(DATA).await;
    world.apply(&told(base.clone())).await;
    assert_eq!(world.rows(DATA).await, before, "known already");
    assert_eq!(world.number("SELECT count(*) FROM updated_ledger_signal").await, 1);

    let info_id = world.account(account).await.data.info.latest_update_id;
    world.apply(&rejected(&refusal(&world))).await;
    let data = world.account(account).await.data;
    assert_eq!((data.config.config_error.as_deref(), data.info.latest_update_id), (Some("NO"), info_id + 1));
    world.apply(&rejected(&RejectedConfig { rejection_code: "AGAIN".to_owned(), ..refusal(&world) })).await;
    world.apply(&told(AccountUpdate { last_change_seqnum: 2, config_flags: 1, ..base.clone() })).await;
    let data = world.account(account).await.data;
    assert_eq!((data.config.config_error.as_deref(), data.config.is_config_effectual), (Some("NO"), false));
    assert_eq!(data.info.latest_update_id, info_id + 1);
    world.apply(&told(AccountUpdate { last_change_seqnum: 3, ..base.clone() })).await;
    let data = world.account(account).await.data;
    assert_eq!((data.config.config_error, data.config.is_config_effectual), (None, true));
    assert_eq!(data.info.latest_update_id, info_id + 2);

    world.apply(&told(AccountUpdate { creation_date: date("2026-01-03"), ..base })).await;
    let ledger = world.account(account).await.data.ledger;
    assert_eq!((ledger.principal, ledger.last_entry_id, ledger.last_transfer_number), (0, 89, 0));
    assert_eq!(world.number("SELECT count(*) FROM updated_ledger_signal").await, 2);
    world.add_to_logs().await;
    assert_eq!(
        world.rows("SELECT object_type, object_type_hint, count(*) FROM log_entry GROUP BY 1, 2 ORDER BY 1, 2").await,
        ["(Account,,1)", "(AccountInfo,,3)", "(AccountsList,,1)", "(,4,2)"]
    );
    assert_eq!(world.number("SELECT count(*) FROM configure_account_signal").await, 0);
}

#[tokio::test]
async fn signs_of_life_are_kept_even_from_stale_updates() {
    let world = World::new().await;
    world.add_account(key(-1)).await;
    let second = TimeDelta::seconds(1);
    let base = AccountUpdate { ts: world.now + second, ..update(key(-1), world.now) };
    world.sql("UPDATE account_data SET last_heartbeat_ts = 'epoch', creation_date = '2026-01-02'").await;
    let heartbeat = async || world.account_data().await.server.last_heartbeat_ts;
    for (ts, expected) in [
        (world.now - second * 3, world.now - second * 3),
        (world.now - second * 4, world.now - second * 3),
        (world.now + second, world.now),
    ] {
        world.apply(&told(AccountUpdate { ts, ..base.clone() })).await;
        assert_eq!(heartbeat().await, expected);
    }
    assert_eq!(world.number("SELECT count(*) FROM account_data WHERE has_server_account").await, 0);
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 0);
}

#[tokio::test]
async fn another_account_id_announces_the_ledger_as_it_is() {
    let world = World::new().await;
    world.add_account(key(-1)).await;
    let base = update(key(-1), world.now);
    world.apply(&told(base.clone())).await;
    world.apply(&[Incoming::AccountTransfer(transfer(key(-1), 1, 0, 5, 5, world.now))]).await;
    world.update_ledgers().await;
    world.sql("TRUNCATE updated_ledger_signal, pending_log_entry").await;
    let renamed = AccountUpdate { account_id: "account-2".to_owned(), last_change_seqnum: 2, ..base };
    world.apply(&told(renamed)).await;
    assert_eq!(
        world.rows("SELECT account_id, principal, last_transfer_number FROM updated_ledger_signal").await,
        ["(account-2,5,1)"]
    );
    assert_eq!(
        world
            .rows("SELECT object_type, object_type_hint, data_principal, data_next_entry_id FROM pending_log_entry ORDER BY pending_entry_id")
            .await,
        ["(AccountInfo,,,)", "(,4,5,3)"]
    );
    assert_eq!(world.number("SELECT count(*) FROM ledger_entry").await, 1);
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 1);
}

/// Row 11.
#[tokio::test]
async fn accounts_nobody_holds_are_to_be_deleted() {
    let mut world = World::new().await;
    let unknown = AccountUpdate { negligible_amount: 2.0, config_flags: 0, ..update(key(404), world.now) };
    world.apply(&told(AccountUpdate { ttl: 0, ts: world.now - TimeDelta::seconds(1), ..unknown.clone() })).await;
    assert_eq!(world.number("SELECT count(*) FROM configure_account_signal").await, 0);
    world.apply(&told(unknown.clone())).await;
    let sent = "SELECT debtor_id, ts, seqnum, negligible_amount, config_data, config_flags, inserted_at = ts FROM configure_account_signal ORDER BY ts";
    assert_eq!(world.rows(sent).await, ["(404,\"2026-03-01 12:00:00.123456+00\",0,1e+30,\"\",1,t)"]);
    let mut count = 1;
    for (config_flags, negligible_amount, is_discarded) in
        [(1, 1e30, true), (0, 1e30, false), (1, 0.9999e30, false), (3, 0.999_995e30, true)]
    {
        world.now += TimeDelta::seconds(1);
        world.apply(&told(AccountUpdate { config_flags, negligible_amount, ..unknown.clone() })).await;
        count += i64::from(!is_discarded);
        assert_eq!(world.number("SELECT count(*) FROM configure_account_signal").await, count, "{config_flags}");
    }
}

/// Row 12.
#[tokio::test]
async fn refusals_of_other_configurations_mean_nothing() {
    let world = World::new().await;
    world.add_account(key(-1)).await;
    let right = refusal(&world);
    let before = world.rows(DATA).await;
    let second = TimeDelta::seconds(1);
    for wrong in [
        RejectedConfig { config_data: "x".to_owned(), ..right.clone() },
        RejectedConfig { negligible_amount: 1.0001e30, ..right.clone() },
        RejectedConfig { config_flags: 1, ..right.clone() },
        RejectedConfig { config_seqnum: 1, ..right.clone() },
        RejectedConfig { config_seqnum: -1, ..right.clone() },
        RejectedConfig { config_ts: world.now + second, ..right.clone() },
        RejectedConfig { config_ts: world.now - second, ..right.clone() },
        RejectedConfig { account: key(1), ..right.clone() },
    ] {
        world.apply(&rejected(&wrong)).await;
        assert_eq!(world.rows(DATA).await, before, "{wrong:?}");
        assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 0);
    }
    world.apply(&rejected(&RejectedConfig { negligible_amount: 1.000_001e30, ..right })).await;
    assert_eq!(world.number(INFO_ENTRIES).await, 1);
}

/// Row 13.
#[tokio::test]
async fn server_accounts_are_removed() {
    let world = World::new().await;
    world.add_account(key(-1)).await;
    world.apply(&told(update(key(-1), world.now))).await;
    let purge = |account, day| [Incoming::AccountPurge(AccountPurge { account, creation_date: date(day) })];
    let before = world.rows(DATA).await;
    for (account, day) in [(key(1), "2026-01-01"), (key(-1), "2025-12-31")] {
        world.apply(&purge(account, day)).await;
        assert_eq!(world.rows(DATA).await, before);
    }
    let old = world.account_data().await;
    world.apply(&purge(key(-1), "2026-01-01")).await;
    let new = world.account_data().await;
    assert_eq!((new.server.has_server_account, new.server.principal), (false, 0));
    assert!(new.server.interest.abs() < f64::EPSILON);
    assert_eq!((&new.config, &new.ledger), (&old.config, &old.ledger));
    assert_eq!(new.info.latest_update_id, old.info.latest_update_id + 1);
    world.apply(&purge(key(-1), "2026-01-05")).await;
    assert_eq!(world.account_data().await, new);
    assert_eq!(
        world
            .rows("SELECT object_type, is_deleted, object_type_hint FROM pending_log_entry ORDER BY pending_entry_id")
            .await,
        ["(AccountInfo,,)", "(,,4)", "(AccountInfo,,)"]
    );
}

/// Row 16.
#[tokio::test]
async fn transfers_are_stored_unless_nobody_would_read_them() {
    let world = World::new().await;
    world.add_account(key(-1)).await;
    world.sql("UPDATE account_data SET creation_date = '2026-01-01'").await;
    let old = world.now - TimeDelta::days(6);
    let store = async |transfer: AccountTransfer, days| {
        let context = Context { log_retention: TimeDelta::days(days), ..context() };
        let mut tx = world.db.begin("test").await.unwrap();
        incoming::apply(&mut tx, &[Incoming::AccountTransfer(transfer)], &context, world.now).await.unwrap();
        tx.commit().await.unwrap();
        let counts = "SELECT (SELECT count(*) FROM committed_transfer), (SELECT count(*) FROM pending_ledger_update), \
                          (SELECT count(*) FROM pending_log_entry)";
        world.rows(counts).await.remove(0)
    };
    let base = transfer(key(-1), 1, 0, 5, 5, world.now);
    let made_long_ago = AccountTransfer { ts: old, ..base.clone() };
    assert_eq!(store(made_long_ago.clone(), 5).await, "(0,0,0)");
    assert_eq!(store(AccountTransfer { committed_at: old, ..base.clone() }, 5).await, "(0,0,0)");
    let others = AccountTransfer { account: AccountKey::new(CreditorId::new(77), DebtorId::new(-1)), ..base.clone() };
    assert_eq!(store(others, 7).await, "(0,0,0)");
    assert_eq!(store(made_long_ago, 7).await, "(1,1,1)");
    assert_eq!(
        world.rows("SELECT * FROM committed_transfer").await,
        [format!("({},-1,2026-01-01,1,5,5,\"2026-03-01 12:00:00.123456+00\",0,direct,s,r,\"\",note)", C.get())]
    );
    assert_eq!(
        world
            .rows("SELECT object_type, object_uri, object_update_id, object_type_hint, debtor_id, creation_date, transfer_number, is_deleted FROM pending_log_entry")
            .await,
        ["(,,,3,-1,2026-01-01,1,)"]
    );
    let contradicting = AccountTransfer { acquired_amount: 6, ..base.clone() };
    assert_eq!(store(contradicting, 7).await, "(1,1,1)", "the first word counts");

    world.sql("TRUNCATE pending_ledger_update").await;
    let later = AccountTransfer { transfer_number: 3, previous_transfer_number: 2, ..base.clone() };
    assert_eq!(store(later, 7).await, "(2,0,2)", "not the next in line");
    let another_account = AccountTransfer { creation_date: date("2026-01-02"), ..base };
    assert_eq!(store(another_account, 7).await, "(3,0,3)", "not of this server account");
}

/// Of two messages in one batch that contradict each other the first one counts, whatever they say.
#[tokio::test]
async fn the_first_word_counts_within_a_batch() {
    for (first, second) in [(5, 6), (6, 5)] {
        let world = World::new().await;
        world.add_account(key(-1)).await;
        let message = |amount| Incoming::AccountTransfer(transfer(key(-1), 1, 0, amount, amount, world.now));
        world.apply(&[message(first), message(second)]).await;
        assert_eq!(world.number("SELECT acquired_amount FROM committed_transfer").await, first);
        assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 1);
    }
}

async fn extend(world: &World, delay_days: i64) -> Report {
    let mut tx = world.db.begin("test").await.unwrap();
    let limits = Limits { accounts: 10, burst: 100 };
    let cutoff = world.now - TimeDelta::days(delay_days);
    let report = ledger_updates::run(&mut tx, limits, cutoff, world.now).await.unwrap();
    tx.commit().await.unwrap();
    report
}

/// Rows 18 and 19.
#[tokio::test]
async fn lost_transfers_are_given_up_after_a_while() {
    let world = World::new().await;
    assert_eq!(extend(&world, 30).await, Report::default(), "nothing to do");
    let id = world.open_account(key(-1)).await.data.ledger.latest_update_id;
    let told_long_ago = AccountUpdate {
        last_transfer_number: 3,
        last_transfer_committed_at: world.now - TimeDelta::days(20),
        ..update(key(-1), world.now)
    };
    world.apply(&told(told_long_ago)).await;
    extend(&world, 30).await;
    assert_eq!(world.number("SELECT count(*) FROM ledger_entry").await, 0);
    let ledger = world.account_data().await.ledger;
    assert_eq!((ledger.latest_update_id, ledger.principal, ledger.last_transfer_number), (id + 1, 0, 0));

    let schedule = format!("INSERT INTO pending_ledger_update VALUES ({}, -1)", C.get());
    world.sql(&schedule).await;
    extend(&world, 10).await;
    assert_eq!(
        world
            .rows("SELECT entry_id, creation_date, transfer_number, acquired_amount, principal FROM ledger_entry")
            .await,
        ["(2,,,1000,1000)"]
    );
    let ledger = world.account_data().await.ledger;
    assert_eq!((ledger.latest_update_id, ledger.principal, ledger.last_transfer_number), (id + 2, 1000, 3));
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 0);
}

/// A case of processing §7.3. Transfers: number, the one before, amount, principal, whether it is old.
struct Case {
    ledger: i64,
    transfers: &'static [(i64, i64, i64, i64, bool)],
    /// The server's newest transfer, an old one, and principal.
    server: Option<(i64, i64)>,
    entries: &'static [&'static str],
    /// Principal, entry, number, transfer that is waited for.
    head: (i64, i64, i64, Option<i64>),
}

const CASES: [Case; 8] = [
    Case {
        ledger: 0,
        transfers: &[(1, 0, 10, 10, false), (3, 2, 10, 30, false), (4, 3, 10, 40, false)],
        server: None,
        entries: &["(2,1,10,10)"],
        head: (10, 2, 1, Some(3)),
    },
    Case {
        ledger: 0,
        transfers: &[(1, 0, 10, 10, true), (3, 2, 10, 30, true), (5, 4, 10, 50, false)],
        server: None,
        entries: &["(2,1,10,10)", "(3,,10,20)", "(4,3,10,30)"],
        head: (30, 4, 3, Some(5)),
    },
    Case {
        ledger: 0,
        transfers: &[(1, 0, 10, 10, false)],
        server: Some((7, 100)),
        entries: &["(2,1,10,10)", "(3,,90,100)"],
        head: (100, 3, 7, None),
    },
    Case {
        ledger: 0,
        transfers: &[(1, 0, 10, 10, false)],
        server: Some((7, 10)),
        entries: &["(2,1,10,10)"],
        head: (10, 2, 7, None),
    },
    Case { ledger: 0, transfers: &[], server: Some((7, 0)), entries: &[], head: (0, 1, 7, None) },
    Case {
        ledger: i64::MIN,
        transfers: &[(1, 0, -1, i64::MAX - 1, false)],
        server: None,
        entries: &[
            "(2,,9223372036854775807,-1)",
            "(3,,9223372036854775807,9223372036854775806)",
            "(4,,1,9223372036854775807)",
            "(5,1,-1,9223372036854775806)",
        ],
        head: (i64::MAX - 1, 5, 1, None),
    },
    Case {
        ledger: 0,
        transfers: &[(1, 0, i64::MAX, i64::MIN, false)],
        server: None,
        entries: &["(2,1,9223372036854775807,-9223372036854775808)"],
        head: (i64::MIN, 2, 1, None),
    },
    Case {
        ledger: 5,
        transfers: &[(1, 0, -10, i64::MAX, false)],
        server: None,
        entries: &["(2,1,-10,9223372036854775807)"],
        head: (i64::MAX, 2, 1, None),
    },
];

/// Processing §7.3: all cases at once, each with an account of its own.
#[tokio::test]
async fn worked_cases_of_ledgers() {
    let world = World::new().await;
    world.made_up();
    let old = world.now - TimeDelta::days(20);
    let committed_at = |number: i64, is_old: bool| -> Timestamp {
        (if is_old { old } else { world.now }) + TimeDelta::seconds(number)
    };
    for (n, case) in (1..).zip(&CASES) {
        world.add_account(key(n)).await;
        let (number, principal) = case.server.unwrap_or_default();
        world
            .sql(&format!(
                "UPDATE account_data SET creation_date = '2026-01-01', ledger_principal = {}, principal = {principal}, \
                     last_transfer_number = {number}, last_transfer_committed_at = '{}' WHERE debtor_id = {n}; \
                 INSERT INTO pending_ledger_update VALUES ({}, {n})",
                case.ledger,
                old.to_rfc3339(),
                C.get()
            ))
            .await;
        let transfers = case.transfers.iter().map(|(number, previous, amount, principal, is_old)| {
            let transfer = transfer(key(n), *number, *previous, *amount, *principal, world.now);
            Incoming::AccountTransfer(AccountTransfer { committed_at: committed_at(*number, *is_old), ..transfer })
        });
        world.apply(&transfers.collect::<Vec<_>>()).await;
    }
    let first = world.rows("SELECT debtor_id, ledger_latest_update_id FROM account_data ORDER BY 1").await;
    world.sql("TRUNCATE pending_log_entry").await;
    world.update_ledgers().await;
    assert_eq!(first.len(), CASES.len());
    for (n, case) in (1..).zip(&CASES) {
        let entries = format!(
            "SELECT entry_id, transfer_number, acquired_amount, principal FROM ledger_entry \
             WHERE debtor_id = {n} ORDER BY entry_id"
        );
        assert_eq!(world.rows(&entries).await, case.entries, "case {n}");
        let head = persistence::account_data::get(&mut world.db.conn().await.unwrap(), key(n)).await.unwrap().unwrap();
        let head = head.ledger;
        let (principal, entry_id, number, pending) = case.head;
        assert_eq!((head.principal, head.last_entry_id, head.last_transfer_number), (principal, entry_id, number));
        assert_eq!(head.pending_transfer_ts, pending.map(|number| committed_at(number, false)), "case {n}");
        let told = format!(
            "SELECT (SELECT count(*) FROM pending_log_entry WHERE debtor_id = {n}), \
                 (SELECT count(*) FROM updated_ledger_signal WHERE debtor_id = {n})"
        );
        let once = i64::from(!case.entries.is_empty());
        assert_eq!(world.rows(&told).await, [format!("({once},{once})")], "case {n}");
    }
    assert_eq!(world.number("SELECT count(*) FROM pending_ledger_update").await, 0);

    let missing = transfer(key(1), 2, 1, 10, 20, world.now);
    world.apply(&[Incoming::AccountTransfer(missing)]).await;
    world.update_ledgers().await;
    assert_eq!(
        world
            .rows("SELECT entry_id, transfer_number, acquired_amount, e.principal, added_at = ledger_latest_update_ts FROM ledger_entry AS e JOIN account_data USING (creditor_id, debtor_id) WHERE debtor_id = 1 ORDER BY 1")
            .await,
        ["(2,1,10,10,t)", "(3,2,10,20,t)", "(4,3,10,30,t)", "(5,4,10,40,t)"]
    );
    assert_eq!(world.number("SELECT count(*) FROM updated_ledger_signal WHERE debtor_id = 1").await, 2);
    assert_eq!(
        world
            .rows("SELECT object_update_id = ledger_latest_update_id, data_principal, data_next_entry_id FROM pending_log_entry AS p JOIN account_data USING (creditor_id, debtor_id) WHERE debtor_id = 1 AND object_type_hint = 4 ORDER BY pending_entry_id DESC LIMIT 1")
            .await,
        ["(t,40,6)"]
    );
}
