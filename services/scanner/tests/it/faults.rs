//! Databases that go away, and scanners that are killed.

use std::time::Duration;

use nix::sys::signal::Signal;

use crate::world::{AT_ONCE, C, Running, World};

const CUT: &str = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity \
    WHERE datname = current_database() AND application_name = 'creditors-scanner'";

/// Whatever is cut off is done again, and nothing is left out.
#[tokio::test]
async fn a_scan_goes_on_when_the_database_is_back() {
    let world = World::new().await;
    world
        .sql(&format!(
            "INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint) \
             SELECT {C}, i, now() - interval '1 year', 2 FROM generate_series(1, 20000) AS i; \
             ANALYZE log_entry"
        ))
        .await;
    // All in one pass: some 150 pages in 3 s.
    let days = (3.0 / 86_400.0).to_string();
    let running = Running::start(&mut world.scanner(&["log_entries", "--days", &days], &[]));
    let mut cut = 0;
    for limit in [19_000, 10_000, 3_000] {
        while world.number("SELECT count(*) FROM log_entry").await > limit {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // Later, it may be without a connection just now, because of the cut before.
        cut += world.number(CUT).await;
    }
    assert!(cut > 0, "it was connected when it had deleted something");
    world.reach("SELECT count(*) FROM log_entry", 0).await;
    running.signal(Signal::SIGTERM);
    let (status, text) = running.finish();
    assert_eq!(status.code(), Some(1), "{text}");
}

/// A scan that would take 20 s is killed each time when the query gives no more than so much, and begun anew; then
/// one without any rest goes on until the query gives `end`.
async fn is_killed_in_the_middle(
    world: &World,
    [table, goal, slow]: [&str; 3],
    query: &str,
    moments: [i64; 2],
    end: i64,
) {
    for moment in moments {
        let running = Running::start(&mut world.scanner(&[table, goal, slow], &[]));
        while world.number(query).await > moment {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        running.signal(Signal::SIGKILL);
        let (status, text) = running.finish();
        assert_eq!((status.code(), text.as_str()), (None, ""));
    }
    assert!(world.number(query).await > end, "it died before the end");
    let running = Running::start(&mut world.scanner(&[table, goal, AT_ONCE], &[]));
    world.reach(query, end).await;
    running.signal(Signal::SIGTERM);
    assert_eq!(running.finish().0.code(), Some(1));
}

#[tokio::test]
async fn a_killed_scan_has_deleted_nothing_that_is_to_stay_and_is_brought_to_its_end() {
    let world = World::new().await;
    world.database.made_up();
    world
        .sql(&format!(
            "INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint) \
             SELECT {C}, i, now() - CASE i % 10 WHEN 0 THEN interval '1 day' ELSE interval '1 year' END, 2 \
             FROM generate_series(1, 20000) AS i; \
             ANALYZE log_entry"
        ))
        .await;
    let scan = ["log_entries", "--days", "0.00023"];
    is_killed_in_the_middle(&world, scan, "SELECT count(*) FROM log_entry", [19_500, 19_000], 2_000).await;
    assert_eq!(world.number("SELECT count(*) FROM log_entry WHERE entry_id % 10 = 0").await, 2_000);
}

#[tokio::test]
async fn a_killed_scan_of_accounts_has_repaired_each_once() {
    const ACCOUNTS: i64 = 300;
    let world = World::new().await;
    world.add_creditor(C, 1, 100, None).await;
    for debtor_id in 1..=ACCOUNTS {
        world.add_account(C, debtor_id).await;
    }
    world.sql("UPDATE account_data SET principal = 1000; ANALYZE account_data").await;
    let wrong = "SELECT count(*) FROM account_data WHERE ledger_principal <> 1000";
    is_killed_in_the_middle(&world, ["accounts", "--hours", "0.0055"], wrong, [290, 280], 0).await;
    for (what, query) in [
        (
            "corrections",
            "SELECT count(*) FROM ledger_entry WHERE (entry_id, acquired_amount, principal) = (2, 1000, 1000)",
        ),
        ("entries", "SELECT count(*) FROM ledger_entry"),
        ("ledgers", "SELECT count(*) FROM account_data WHERE (ledger_principal, ledger_last_entry_id) = (1000, 2)"),
        ("signals", "SELECT count(*) FROM updated_ledger_signal WHERE principal = 1000"),
        ("log entries", "SELECT count(*) FROM pending_log_entry WHERE object_type_hint = 4 AND data_next_entry_id = 3"),
    ] {
        assert_eq!(world.number(query).await, ACCOUNTS, "{what}");
    }
}
