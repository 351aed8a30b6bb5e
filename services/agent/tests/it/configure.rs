//! `configure`, from every state of a database.

use testkit::TestDatabase;

use crate::program::{Ended, Running, agent, run};

const HEAD: &str = "7efa67e7f781";

fn configure(database: &TestDatabase) -> Ended {
    run(&["configure"], &[("POSTGRES_URL", database.url())])
}

async fn marker(database: &TestDatabase) -> Vec<String> {
    let rows = database.client().await.query("SELECT version_num FROM alembic_version", &[]).await;
    rows.map(|rows| rows.iter().map(|row| row.get(0)).collect()).unwrap_or_default()
}

async fn table_count(database: &TestDatabase) -> i64 {
    let client = database.client().await;
    let count = "SELECT count(*) FROM information_schema.tables WHERE table_schema = current_schema";
    client.query_one(count, &[]).await.expect("tables can be counted").get(0)
}

#[tokio::test]
async fn an_empty_database_gets_the_schema_and_a_second_time_nothing() {
    let database = TestDatabase::create_empty().await;
    let first = configure(&database);
    assert_eq!(first.status, Some(0), "{first:?}");
    assert_eq!(first.stdout, format!("The database schema has been created, at revision {HEAD}.\n"));
    assert_eq!(marker(&database).await, [HEAD]);

    let second = configure(&database);
    assert_eq!(second.status, Some(0), "{second:?}");
    assert!(second.stdout.contains("already, nothing was changed"), "{second:?}");
    assert_eq!(marker(&database).await, [HEAD]);
}

#[tokio::test]
async fn another_schema_than_public_is_used_if_the_url_says_so() {
    let database = TestDatabase::create_empty().await;
    let client = database.client().await;
    // What another service has here is none of our business.
    let others =
        "CREATE SCHEMA ours; CREATE TABLE creditor (id integer); CREATE TABLE alembic_version (version_num text);
                  INSERT INTO alembic_version VALUES ('0123456789ab')";
    client.batch_execute(others).await.expect("schemas can be made");
    let url = format!("{}?connect_timeout=10&options=-c%20search_path%3Dours", database.url());
    for sentence in ["has been created", "already, nothing was changed"] {
        let outcome = run(&["configure"], &[("POSTGRES_URL", &url)]);
        assert_eq!(outcome.status, Some(0), "{outcome:?}");
        assert!(outcome.stdout.contains(sentence), "{outcome:?}");
    }
    let waited = run(&["await_migrations"], &[("POSTGRES_URL", &url)]);
    assert_eq!(waited.status, Some(0), "{waited:?}");
    assert_eq!(marker(&database).await, ["0123456789ab"], "that of the other service");
    let ours = client.query("SELECT version_num FROM ours.alembic_version", &[]).await.expect("our marker");
    assert_eq!(ours.iter().map(|row| row.get(0)).collect::<Vec<String>>(), [HEAD]);
}

#[tokio::test]
async fn two_at_once_do_not_collide() {
    let database = TestDatabase::create_empty().await;
    let start = || Running::start(agent(&["configure"]).env("POSTGRES_URL", database.url()));
    let mut created = 0;
    for running in [start(), start(), start()] {
        let (status, output) = running.finish();
        assert_eq!(status, Some(0), "{output}");
        assert!(!output.contains("Trying again"), "{output}");
        created += u32::from(output.contains("has been created"));
    }
    assert_eq!(created, 1);
    assert_eq!(marker(&database).await, [HEAD]);
}

#[tokio::test]
async fn the_last_steps_to_the_head_are_taken() {
    let database = TestDatabase::create().await;
    let older = "UPDATE alembic_version SET version_num = '6edcd3e80714'";
    database.client().await.batch_execute(older).await.expect("the marker can be changed");
    let outcome = configure(&database);
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    assert!(outcome.stdout.contains("has been upgraded to revision 7efa67e7f781"), "{outcome:?}");
    assert_eq!(marker(&database).await, [HEAD]);
}

#[tokio::test]
async fn what_is_not_understood_is_refused_at_once_and_left_alone() {
    const MARKER: &str = "CREATE TABLE alembic_version (version_num varchar(32) PRIMARY KEY)";
    for (preparation, sentence) in [
        (
            format!("{MARKER}; INSERT INTO alembic_version VALUES ('dd24bce84ed1')"),
            "at the older revision dd24bce84ed1",
        ),
        (format!("{MARKER}; INSERT INTO alembic_version VALUES ('0123456789ab')"), "unknown revision (0123456789ab)"),
        (format!("{MARKER}; INSERT INTO alembic_version VALUES ('{HEAD}')"), "schema is damaged"),
        ("CREATE TABLE creditor (creditor_id bigint)".to_owned(), "schema is damaged"),
    ] {
        let database = TestDatabase::create_empty().await;
        database.client().await.batch_execute(&preparation).await.expect("the database can be prepared");
        let before = (marker(&database).await, table_count(&database).await);
        let outcome = configure(&database);
        assert_eq!(outcome.status, Some(1), "{preparation}: {outcome:?}");
        assert!(outcome.stdout.contains(sentence), "{preparation}: {outcome:?}");
        assert!(!outcome.stdout.contains("Trying again"), "{preparation}: {outcome:?}");
        assert_eq!((marker(&database).await, table_count(&database).await), before, "{preparation}");
    }
}

#[tokio::test]
async fn a_database_that_is_not_there_yet_is_tried_again() {
    let present = TestDatabase::create_empty().await;
    let late = format!("{}_late", present.url().rsplit('/').next().expect("a URL with a database"));
    let url = format!("{}_late", present.url());
    let mut running = Running::start(agent(&["configure"]).env("POSTGRES_URL", url));
    running.wait_for("Trying again in 1 s: ");
    present.client().await.batch_execute(&format!("CREATE DATABASE {late}")).await.expect("a database can be made");
    let (status, output) = running.finish();
    assert_eq!(status, Some(0), "{output}");
    assert!(output.contains("has been created"), "{output}");
    let drop = format!("DROP DATABASE {late} WITH (FORCE)");
    present.client().await.batch_execute(&drop).await.expect("a database can be dropped");
}

#[test]
fn it_gives_up_after_five_tries_and_tells_why() {
    let outcome = run(&["configure"], &[("POSTGRES_URL", "postgresql://u:hush@127.0.0.1:1/x")]);
    assert_eq!(outcome.status, Some(1));
    let tries: Vec<&str> = outcome.stdout.lines().filter(|line| line.contains("Trying again in ")).collect();
    assert_eq!(tries.len(), 4, "{outcome:?}");
    let last = outcome.stdout.lines().last().expect("some output");
    assert!(last.contains("creditors-agent configure failed: ") && last.contains("refused"), "{outcome:?}");
    assert!(!outcome.stdout.contains("hush"), "{outcome:?}");
}

#[test]
fn it_ends_when_it_is_asked_to() {
    let mut running = Running::start(agent(&["configure"]).env("POSTGRES_URL", "postgresql://127.0.0.1:1/x"));
    running.wait_for("Trying again in 1 s: ");
    running.signal("TERM");
    let (status, output) = running.finish();
    assert_eq!(status, Some(1), "{output}");
    assert!(output.contains("asked to end before the work was done"), "{output}");
}
