//! What `configure` makes of the databases it may find (database §2).

use diesel_async::AsyncPgConnection;
use persistence::migrations::{
    ConfigureError, Configured, Damage, HEAD, Situation, configure, is_at_head, recognise, revision,
};
use testkit::TestDatabase;

use crate::database::{connect, execute, rows, value};

const MARKER_TABLE: &str =
    "CREATE TABLE alembic_version (version_num varchar(32) CONSTRAINT alembic_version_pkc PRIMARY KEY)";

#[tokio::test]
async fn an_empty_database_gets_the_schema_once() {
    let database = TestDatabase::create_empty().await;
    let mut connection = connect(&database).await;
    assert_eq!(recognise(&mut connection).await.unwrap(), Situation::Empty);
    assert_eq!(revision(&mut connection).await.unwrap(), None);
    assert!(!is_at_head(&mut connection).await.unwrap());

    assert_eq!(configure(&mut connection).await.unwrap(), Configured::Created);
    assert_eq!(recognise(&mut connection).await.unwrap(), Situation::AtHead);
    assert_eq!(revision(&mut connection).await.unwrap().as_deref(), Some("7efa67e7f781"));
    assert!(is_at_head(&mut connection).await.unwrap());

    assert_eq!(configure(&mut connection).await.unwrap(), Configured::AlreadyAtHead);
    assert_eq!(rows(&mut connection, "TABLE alembic_version").await, ["(7efa67e7f781)"]);
}

#[tokio::test]
async fn an_empty_marker_table_and_foreign_tables_do_not_disturb() {
    let database = TestDatabase::create_empty().await;
    let mut connection = connect(&database).await;
    execute(&mut connection, MARKER_TABLE).await;
    execute(&mut connection, "CREATE TABLE shard_split_guard (id smallint PRIMARY KEY, value text)").await;
    assert_eq!(revision(&mut connection).await.unwrap(), None);

    assert_eq!(configure(&mut connection).await.unwrap(), Configured::Created);
    assert_eq!(configure(&mut connection).await.unwrap(), Configured::AlreadyAtHead);
}

#[tokio::test]
async fn a_database_at_the_head_is_left_as_it_is() {
    let database = TestDatabase::create_empty().await;
    let mut connection = connect(&database).await;
    configure(&mut connection).await.unwrap();
    execute(&mut connection, "ALTER TABLE creditor SET (fillfactor = 70)").await;
    execute(&mut connection, "DROP FUNCTION increment_account_number(bigint)").await;

    assert_eq!(configure(&mut connection).await.unwrap(), Configured::AlreadyAtHead);
    let fillfactor = "SELECT 'fillfactor=70' = ANY(reloptions) FROM pg_class WHERE oid = 'creditor'::regclass";
    assert_eq!(value(&mut connection, fillfactor).await, "true");
    assert_eq!(value(&mut connection, "SELECT to_regproc('increment_account_number')").await, "");
}

#[tokio::test]
async fn processes_that_configure_at_once_do_not_collide() {
    let database = TestDatabase::create_empty().await;
    let (mut one, mut two, mut three) = (connect(&database).await, connect(&database).await, connect(&database).await);
    execute(&mut two, "SET default_transaction_isolation = 'repeatable read'").await;
    let (one, two, three) =
        futures::future::join3(configure(&mut one), configure(&mut two), configure(&mut three)).await;
    let outcomes = [one.unwrap(), two.unwrap(), three.unwrap()];
    assert_eq!(outcomes.iter().filter(|outcome| **outcome == Configured::Created).count(), 1, "{outcomes:?}");
}

/// database §3
const OLDER: &str = "8d8c816257ce 8c56a59f4f05 5314a555b325 ced8680106a7 a265ca3bd731 39e292be0ec9 824705144577 4260660af5b1 \
    4e310d9db669 ff97ba125d5d 6e96562b528a 706698ff9697 d5396ac38ffe 54696121695a dd24bce84ed1";

/// What their tables hold is not known for certain.
#[tokio::test]
async fn older_revisions_are_refused() {
    let database = TestDatabase::create_empty().await;
    let mut connection = connect(&database).await;
    mark(&mut connection, &["none"]).await;
    execute(&mut connection, "CREATE TABLE creditor (creditor_id bigint PRIMARY KEY)").await;
    for older in OLDER.split_whitespace() {
        execute(&mut connection, &format!("UPDATE alembic_version SET version_num = '{older}'")).await;
        assert_eq!(recognise(&mut connection).await.unwrap(), Situation::Older(older.to_owned()));
        let error = refused(&mut connection).await;
        assert!(matches!(&error, ConfigureError::Older(revision) if revision == older), "{error:?}");
        let advice = error.to_string();
        assert!(advice.contains(older) && advice.contains(HEAD) && advice.contains("`configure`"), "{advice}");
        assert!(!is_at_head(&mut connection).await.unwrap());
        let marked = rows(&mut connection, "TABLE alembic_version").await;
        assert_eq!(marked, [format!("({older})")]);
    }
}

#[tokio::test]
async fn an_unknown_revision_is_refused() {
    let both = [HEAD, "ffffffffffff"];
    for revisions in [&["ffffffffffff"][..], &both] {
        let database = TestDatabase::create_empty().await;
        let mut connection = connect(&database).await;
        mark(&mut connection, revisions).await;

        let error = refused(&mut connection).await;
        assert!(matches!(error, ConfigureError::Unknown(_)), "{error:?}");
        assert!(error.to_string().contains(&revisions.join(", ")), "{error}");
        assert!(!is_at_head(&mut connection).await.unwrap());
    }
}

#[tokio::test]
async fn tables_without_a_marker_are_refused() {
    for marker_table in ["", MARKER_TABLE] {
        let database = TestDatabase::create_empty().await;
        let mut connection = connect(&database).await;
        execute(&mut connection, marker_table).await;
        execute(&mut connection, "CREATE TABLE log_entry (); CREATE TABLE account_data ()").await;

        let damage = Damage::Unmarked(vec!["account_data".to_owned(), "log_entry".to_owned()]);
        assert_eq!(recognise(&mut connection).await.unwrap(), Situation::Damaged(damage.clone()));
        let error = refused(&mut connection).await;
        assert!(matches!(&error, ConfigureError::Damaged(found) if *found == damage), "{error:?}");
        assert!(error.to_string().ends_with("account_data, log_entry"), "{error}");
    }
}

#[tokio::test]
async fn a_marker_without_all_tables_is_refused() {
    let database = TestDatabase::create_empty().await;
    let mut connection = connect(&database).await;
    configure(&mut connection).await.unwrap();
    execute(&mut connection, "DROP TABLE pin_info; DROP TABLE log_entry").await;

    let error = refused(&mut connection).await;
    let damage = Damage::Incomplete(vec!["log_entry".to_owned(), "pin_info".to_owned()]);
    assert!(matches!(&error, ConfigureError::Damaged(found) if *found == damage), "{error:?}");
    assert!(error.to_string().ends_with("log_entry, pin_info"), "{error}");
}

/// Several services may share a database, each with a schema of its own.
#[tokio::test]
async fn only_the_first_schema_of_the_search_path_counts_for_creating() {
    let database = TestDatabase::create_empty().await;
    let mut connection = connect(&database).await;
    execute(&mut connection, "CREATE TABLE creditor (debtor_id bigint); CREATE SCHEMA ours").await;
    execute(&mut connection, "SET search_path = \"$user\", ours, public").await;

    assert_eq!(configure(&mut connection).await.unwrap(), Configured::Created);
    let in_public = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace";
    assert_eq!(rows(&mut connection, in_public).await, ["(creditor)"]);
    assert_eq!(value(&mut connection, "SELECT 'ours.creditor'::regclass = 'creditor'::regclass").await, "true");

    // Whatever comes first on the path later, the schema is found where it is.
    execute(&mut connection, "CREATE SCHEMA new; SET search_path = new, ours, public").await;
    assert_eq!(configure(&mut connection).await.unwrap(), Configured::AlreadyAtHead);
}

async fn mark(connection: &mut AsyncPgConnection, revisions: &[&str]) {
    execute(connection, MARKER_TABLE).await;
    for revision in revisions {
        execute(connection, &format!("INSERT INTO alembic_version VALUES ('{revision}')")).await;
    }
}

/// The error of `configure`, which must have written nothing.
async fn refused(connection: &mut AsyncPgConnection) -> ConfigureError {
    const EVERYTHING: &str =
        "SELECT oid, relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY oid";
    let before = rows(connection, EVERYTHING).await;
    let error = configure(connection).await.unwrap_err();
    assert_eq!(rows(connection, EVERYTHING).await, before);
    error
}
