//! `await_migrations`: patience.

use testkit::TestDatabase;

use crate::program::{Running, agent, run};

#[tokio::test]
async fn at_the_head_it_prints_the_marker_and_ends() {
    let database = TestDatabase::create().await;
    let outcome = run(&["await_migrations"], &[("POSTGRES_URL", database.url())]);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    let lines: Vec<&str> = outcome.stdout.lines().collect();
    assert_eq!(lines.len(), 2, "{outcome:?}");
    assert_eq!(lines[1], "7efa67e7f781 (head)");
}

#[tokio::test]
async fn it_waits_for_the_marker() {
    let database = TestDatabase::create_empty().await;
    let mut running = Running::start(agent(&["await_migrations"]).env("POSTGRES_URL", database.url()));
    running.wait_for("Not yet: the database schema has no revision.");
    let configured = run(&["configure"], &[("POSTGRES_URL", database.url())]);
    assert_eq!(configured.status, Some(0), "{configured:?}");
    let (status, output) = running.finish();
    assert_eq!(status, Some(0), "{output}");
    assert!(output.ends_with("\n7efa67e7f781 (head)\n"), "{output}");
}

#[test]
fn it_waits_for_a_database_that_is_down_until_it_is_stopped() {
    let mut running = Running::start(agent(&["await_migrations"]).env("POSTGRES_URL", "postgresql://127.0.0.1:1/x"));
    running.wait_for("Not yet: the database cannot be reached");
    assert!(running.is_running());
    running.signal("TERM");
    assert_eq!(running.finish().0, Some(1));
}
