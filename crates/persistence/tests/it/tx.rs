//! What is not committed leaves nothing behind, and the pool survives the loss of its connections.

use std::time::Duration;

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};
use domain::{CreditorId, creditor::AccountsHead};
use persistence::{Db, Error, Fault, PoolOptions, Target, Tx, creditor};
use testkit::TestDatabase;
use tokio::time::timeout;

use crate::database::{connect, execute, value};

const PATIENCE: Duration = Duration::from_secs(10);

struct World {
    database: TestDatabase,
    db: Db,
    observer: AsyncPgConnection,
}

/// Creditors 1 and 2, and a pool of `size` connections.
async fn world(size: usize) -> World {
    let database = TestDatabase::create().await;
    let observer = connect(&database).await;
    let db = pool(&database, size);
    let now = chrono::DateTime::UNIX_EPOCH;
    let mut tx = db.begin("test").await.unwrap();
    for id in [1, 2] {
        creditor::insert(&mut tx, domain::CreditorId::new(id), now).await.unwrap().unwrap();
    }
    tx.commit().await.unwrap();
    World { database, db, observer }
}

fn pool(database: &TestDatabase, size: usize) -> Db {
    let target = Target::parse(database.url()).unwrap().named("pool");
    Db::new(target, PoolOptions { size, wait: PATIENCE, ..PoolOptions::default() }).unwrap()
}

impl World {
    /// Creditor 1 is unchanged, and nobody holds it.
    async fn assert_untouched(&mut self) {
        execute(&mut self.observer, "SET lock_timeout = '10s'").await;
        let status = "SELECT status_flags FROM creditor WHERE creditor_id = 1";
        execute(&mut self.observer, "SELECT FROM creditor WHERE creditor_id = 1 FOR UPDATE").await;
        assert_eq!(value(&mut self.observer, status).await, "0");
    }

    async fn wait_until(&mut self, condition: &str) {
        let waiting = async {
            while value(&mut self.observer, &format!("SELECT ({condition})")).await != "true" {
                tokio::time::sleep(Duration::from_millis(5)).await;
            }
        };
        timeout(PATIENCE, waiting).await.unwrap_or_else(|_| panic!("never: {condition}"));
    }
}

async fn change(tx: &mut Tx) {
    tx.batch_execute("UPDATE creditor SET status_flags = 1 WHERE creditor_id = 1").await.unwrap();
}

#[tokio::test]
async fn only_a_commit_changes_anything() {
    let mut world = world(1).await;
    let mut tx = world.db.begin("test").await.unwrap();
    change(&mut tx).await;
    tx.rollback().await.unwrap();
    world.assert_untouched().await;

    let mut tx = world.db.begin("test").await.unwrap();
    change(&mut tx).await;
    drop(tx);
    world.assert_untouched().await;

    // The only place of the pool is free again, for a connection without a transaction.
    let mut tx = world.db.begin("test").await.unwrap();
    change(&mut tx).await;
    tx.commit().await.unwrap();
    assert_eq!(value(&mut world.observer, "SELECT status_flags FROM creditor WHERE creditor_id = 1").await, "1");
}

/// Its connection is not used again: nobody knows what it would answer next.
#[tokio::test]
async fn work_that_gets_no_answer_is_given_up() {
    let world = world(1).await;
    let target = Target::parse(world.database.url()).unwrap();
    let options = PoolOptions { size: 1, wait: PATIENCE, deadline: Duration::from_millis(300) };
    let db = Db::new(target, options).unwrap();
    let waiting = db.retrying("test", || async {
        let mut tx = db.begin("test").await?;
        tx.batch_execute("SELECT pg_sleep(60)").await?;
        tx.commit().await
    });
    let error: Error = timeout(PATIENCE, waiting).await.unwrap().unwrap_err();
    assert!(matches!(error, Error::Unanswered(_)) && error.fault() == Fault::Unavailable, "{error:?}");
    timeout(PATIENCE, db.begin("test")).await.unwrap().unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_failed_transaction_changes_nothing() {
    let mut world = world(1).await;
    let mut tx = world.db.begin("test").await.unwrap();
    change(&mut tx).await;
    assert!(tx.batch_execute("SELECT 1 / 0").await.is_err());
    let outcome = tx.commit().await;
    assert!(outcome.is_err(), "a commit that rolls back must not pass for one");
    world.assert_untouched().await;
    world.db.begin("test").await.unwrap().commit().await.unwrap();
}

#[tokio::test]
async fn a_conclusion_commits_what_succeeded_and_leaves_no_lock_of_what_failed() {
    let mut world = world(1).await;
    // Often: a lock that is left behind is gone after a moment.
    for _ in 0..100 {
        let mut tx = world.db.begin("test").await.unwrap();
        change(&mut tx).await;
        let failure = tx.conclude(Err::<(), _>(Error::PoolTimeout)).await;
        assert!(matches!(failure, Err(Error::PoolTimeout)), "{failure:?}");
        execute(&mut world.observer, "SELECT FROM creditor WHERE creditor_id = 1 FOR UPDATE NOWAIT").await;
    }
    world.assert_untouched().await;

    let mut tx = world.db.begin("test").await.unwrap();
    change(&mut tx).await;
    assert_eq!(tx.conclude(Ok(7)).await.unwrap(), 7);
    assert_eq!(value(&mut world.observer, "SELECT status_flags FROM creditor WHERE creditor_id = 1").await, "1");
}

/// Notes a write to a creditor that waits for the commit. The list's update id must be positive.
fn note(tx: &mut Tx, creditor_id: i64, list_update_id: i64) {
    let accounts = AccountsHead {
        list_update_id,
        list_update_ts: chrono::DateTime::UNIX_EPOCH,
        largest_historic_ledger_entry_id: 0,
    };
    creditor::save_accounts(tx, CreditorId::new(creditor_id), accounts, 0);
}

const LIST_IDS: &str =
    "SELECT string_agg(accounts_list_latest_update_id::text, ',' ORDER BY creditor_id) FROM creditor";

/// Also on a new connection, where the statements must be prepared first: the commit does not overtake them.
#[tokio::test]
async fn writes_that_wait_go_with_the_commit() {
    let mut world = world(1).await;
    let fresh = pool(&world.database, 1);
    for list_id in [5, 6] {
        let (mut tx, locked) =
            fresh.begin_with("test", |tx| Box::pin(creditor::lock(tx, [1, 2].map(CreditorId::new)))).await.unwrap();
        assert_eq!(locked.len(), 2);
        let transaction = value(&mut tx, "SELECT pg_current_xact_id()").await;
        note(&mut tx, 2, list_id);
        note(&mut tx, 1, list_id);
        assert_ne!(value(&mut world.observer, LIST_IDS).await, format!("{list_id},{list_id}"));
        tx.commit().await.unwrap();
        assert_eq!(value(&mut world.observer, LIST_IDS).await, format!("{list_id},{list_id}"));
        let writers = "SELECT string_agg(DISTINCT xmin::text, ',') FROM creditor";
        assert_eq!(value(&mut world.observer, writers).await, transaction, "the transaction was over before");
    }
}

#[tokio::test]
async fn if_one_of_them_fails_nothing_was_written_and_no_lock_is_left() {
    let mut world = world(1).await;
    // The first connection is new; later, everything has been prepared.
    for _ in 0..10 {
        for (first, second) in [(0, 7), (7, 0)] {
            let mut tx = world.db.begin("test").await.unwrap();
            note(&mut tx, 1, first);
            note(&mut tx, 2, second);
            let failure = tx.commit().await.unwrap_err();
            assert_eq!(failure.fault(), Fault::Data, "the failure that is told is the first: {failure:?}");
            execute(&mut world.observer, "SELECT FROM creditor FOR UPDATE NOWAIT").await;
            assert_eq!(value(&mut world.observer, LIST_IDS).await, "1,1");
        }
    }
    let sessions =
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pool' AND datname = current_database()";
    assert_eq!(value(&mut world.observer, sessions).await, "1", "a lost race costs no connection");
    let mut tx = world.db.begin("test").await.unwrap();
    note(&mut tx, 1, 7);
    tx.commit().await.unwrap();
    assert_eq!(value(&mut world.observer, LIST_IDS).await, "7,1");
}

#[tokio::test]
async fn writes_can_be_sent_before_the_commit() {
    let mut world = world(1).await;
    let mut tx = world.db.begin("test").await.unwrap();
    note(&mut tx, 1, 7);
    tx.flush().await.unwrap();
    let seen = creditor::get(&mut tx, CreditorId::new(1)).await.unwrap().unwrap();
    assert_eq!(seen.accounts.list_update_id, 7);
    note(&mut tx, 2, 0);
    assert_eq!(tx.flush().await.unwrap_err().fault(), Fault::Data);
    assert!(tx.commit().await.is_err(), "a commit that rolls back must not pass for one");
    assert_eq!(value(&mut world.observer, LIST_IDS).await, "1,1");

    let mut tx = world.db.begin("test").await.unwrap();
    note(&mut tx, 1, 7);
    tx.rollback().await.unwrap();
    assert_eq!(value(&mut world.observer, LIST_IDS).await, "1,1");
}

#[tokio::test]
async fn a_transaction_whose_first_statement_fails_is_over() {
    let mut world = world(1).await;
    for _ in 0..10 {
        let failing = world.db.begin_with("test", |tx| {
            Box::pin(async move {
                creditor::lock(tx, [CreditorId::new(1)]).await?;
                Err::<(), _>(Error::PoolTimeout)
            })
        });
        assert!(matches!(failing.await.map(|(_, ())| ()), Err(Error::PoolTimeout)));
        execute(&mut world.observer, "SELECT FROM creditor WHERE creditor_id = 1 FOR UPDATE NOWAIT").await;
    }
    world.assert_untouched().await;
}

/// Whoever is cancelled between two statements, or while a statement runs.
#[tokio::test]
async fn a_cancelled_caller_leaves_nothing() {
    let mut world = world(2).await;
    {
        let between_statements = async {
            let mut tx = world.db.begin("test").await.unwrap();
            change(&mut tx).await;
            std::future::pending::<()>().await;
            tx.commit().await.unwrap();
        };
        assert!(timeout(Duration::from_millis(100), between_statements).await.is_err());
    }
    world.assert_untouched().await;

    let mut holder = connect(&world.database).await;
    execute(&mut holder, "BEGIN; SELECT FROM creditor WHERE creditor_id = 2 FOR UPDATE").await;
    let db = world.db.clone();
    let waiting = async {
        let mut tx = db.begin("test").await.unwrap();
        change(&mut tx).await;
        tx.batch_execute("UPDATE creditor SET status_flags = 1 WHERE creditor_id = 2").await.unwrap();
        tx.commit().await.unwrap();
    };
    let waits = "EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'pool' AND wait_event_type = 'Lock' \
         AND datname = current_database())";
    tokio::select! {
        () = waiting => panic!("the row was locked"),
        () = world.wait_until(waits) => {}
    }
    // The other row is still locked.
    world.assert_untouched().await;
    execute(&mut holder, "ROLLBACK").await;
    assert_eq!(value(&mut world.observer, "SELECT sum(status_flags) FROM creditor").await, "0");
}

/// Whoever is cancelled while a transaction begins or ends: the pool must not hand out a connection in which the
/// server still has one open.
#[tokio::test]
async fn a_caller_may_be_cancelled_at_any_moment() {
    let mut world = world(1).await;
    for moment in 0..12 {
        let cancelled = async {
            let locked = world.db.begin_with("test", |tx| Box::pin(creditor::lock(tx, [CreditorId::new(1)])));
            let (mut tx, _) = locked.await.unwrap();
            change(&mut tx).await;
            note(&mut tx, 2, 7);
            if moment % 2 == 0 { tx.rollback().await.unwrap() } else { tx.commit().await.unwrap() }
        };
        let mut polls = 0;
        let mut cancelled = std::pin::pin!(cancelled);
        std::future::poll_fn(|context| {
            polls += 1;
            if polls > moment { std::task::Poll::Ready(()) } else { cancelled.as_mut().poll(context).map(|()| ()) }
        })
        .await;
    }
    let mut tx = world.db.begin("test").await.unwrap();
    tx.batch_execute("UPDATE creditor SET status_flags = 0").await.unwrap();
    tx.commit().await.unwrap();
    world.assert_untouched().await;
    let open = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pool' AND state LIKE 'idle in%' \
         AND datname = current_database()";
    assert_eq!(value(&mut world.observer, open).await, "0");
}

#[tokio::test]
async fn the_pool_recovers_when_the_server_closes_all_its_sessions() {
    const SIZE: usize = 3;
    let mut world = world(SIZE).await;
    for _ in 0..3 {
        let mut in_use = Vec::new();
        for _ in 0..SIZE {
            in_use.push(world.db.begin("test").await.unwrap());
        }
        // One is in a transaction, the others are idle.
        let mut unlucky = in_use.pop().unwrap();
        for tx in in_use {
            tx.commit().await.unwrap();
        }
        execute(
            &mut world.observer,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE application_name = 'pool' AND datname = current_database()",
        )
        .await;
        world
            .wait_until(
                "NOT EXISTS (SELECT FROM pg_stat_activity WHERE application_name = 'pool' \
                     AND datname = current_database())",
            )
            .await;
        assert!(unlucky.batch_execute("SELECT 1").await.is_err());
        assert!(unlucky.commit().await.is_err());
        // A connection whose end has not been noticed yet may be handed out, but not twice.
        let mut failures = 0;
        let mut again = Vec::new();
        while again.len() < SIZE {
            match world.db.begin("test").await {
                Ok(tx) => again.push(tx),
                Err(error) => {
                    assert_eq!(error.fault(), persistence::Fault::Unavailable);
                    failures += 1;
                    assert!(failures <= SIZE, "{error:?}");
                }
            }
        }
        for mut tx in again {
            change(&mut tx).await;
            tx.rollback().await.unwrap();
        }
    }
}

/// Whoever is told of a change must be able to rely on it.
#[tokio::test]
async fn only_expendable_work_does_not_wait_for_the_disk() {
    let database = TestDatabase::create().await;
    let target = Target::parse(&format!("{}?options=-csynchronous_commit%3Don", database.url())).unwrap();
    let db = Db::new(target, PoolOptions { size: 1, wait: PATIENCE, ..PoolOptions::default() }).unwrap();
    let setting = "SELECT current_setting('synchronous_commit')";
    let mut ordinary = db.begin("test").await.unwrap();
    assert_eq!(value(&mut ordinary, setting).await, "on");
    ordinary.commit().await.unwrap();
    let mut expendable = db.begin_expendable("test").await.unwrap();
    assert_eq!(value(&mut expendable, setting).await, "off");
    expendable.commit().await.unwrap();
    let locking = db.begin_expendable_with("test", |tx| Box::pin(creditor::lock(tx, [])));
    let (mut expendable, _) = locking.await.unwrap();
    assert_eq!(value(&mut expendable, setting).await, "off");
    expendable.commit().await.unwrap();
    let mut next = db.begin("test").await.unwrap();
    assert_eq!(value(&mut next, setting).await, "on", "the same connection");
}
