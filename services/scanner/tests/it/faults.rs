//! Databases that go away.

use std::time::Duration;

use crate::world::{C, Running, World};

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
    running.signal(nix::sys::signal::Signal::SIGTERM);
    let (status, text) = running.finish();
    assert_eq!(status.code(), Some(1), "{text}");
}
