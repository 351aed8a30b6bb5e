//! Commits wake the stages that have work.

use std::time::Duration;

use persistence::{Db, PoolOptions, Target, Wake, wake};
use testkit::TestDatabase;
use tokio::{sync::watch, time::timeout};
use tokio_util::sync::CancellationToken;

const SOON: Duration = Duration::from_secs(1);

/// Counts the calls of a listener.
struct Calls(watch::Receiver<u32>);

impl Calls {
    /// Listens, and waits until it does.
    async fn of(target: &Target, stage: Wake, stop: &CancellationToken) -> Self {
        let (sender, receiver) = watch::channel(0);
        #[expect(clippy::disallowed_methods, reason = "ends with the test's runtime")]
        tokio::spawn(wake::listen(target.clone(), stage, stop.clone(), move || sender.send_modify(|n| *n += 1)));
        let mut calls = Self(receiver);
        calls.reach(1).await;
        calls
    }

    async fn reach(&mut self, n: u32) {
        timeout(SOON, self.0.wait_for(|calls| *calls >= n)).await.expect("should be called soon").unwrap();
    }

    fn count(&self) -> u32 {
        *self.0.borrow()
    }
}

async fn commit(db: &Db, stages: &[Wake]) {
    let mut tx = db.begin("test").await.unwrap();
    for stage in stages {
        tx.wake(*stage);
    }
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn commits_wake_other_processes() {
    let database = TestDatabase::create().await;
    let target = Target::parse(database.url()).unwrap();
    // As if in two processes.
    let writers = [(); 2].map(|()| Db::new(target.clone(), PoolOptions::default()).unwrap());
    let stop = CancellationToken::new();
    let mut outbox = Calls::of(&target, Wake::Outbox, &stop).await;
    let mut ledger = Calls::of(&target, Wake::Ledger, &stop).await;

    commit(&writers[0], &[Wake::Outbox]).await;
    outbox.reach(2).await;
    assert_eq!(ledger.count(), 1, "called once when it began to listen");

    for (n, writer) in (3..).zip(&writers) {
        commit(writer, &[Wake::Log, Wake::Ledger, Wake::Outbox]).await;
        outbox.reach(n).await;
        ledger.reach(n - 1).await;
    }
    assert_eq!((outbox.count(), ledger.count()), (4, 3));
}

#[tokio::test]
async fn what_is_not_committed_wakes_nobody() {
    let database = TestDatabase::create().await;
    let target = Target::parse(database.url()).unwrap();
    let db = Db::new(target.clone(), PoolOptions::default()).unwrap();
    let stop = CancellationToken::new();
    let mut outbox = Calls::of(&target, Wake::Outbox, &stop).await;
    let mut ledger = Calls::of(&target, Wake::Ledger, &stop).await;

    let mut tx = db.begin("test").await.unwrap();
    tx.wake(Wake::Outbox);
    tx.rollback().await.unwrap();
    let mut tx = db.begin("test").await.unwrap();
    tx.wake(Wake::Outbox);
    drop(tx);
    commit(&db, &[]).await;
    // Wake-ups of one process are sent in order: had there been one for the outbox, it would count now.
    commit(&db, &[Wake::Ledger]).await;
    ledger.reach(2).await;
    commit(&db, &[Wake::Outbox]).await;
    outbox.reach(2).await;
    assert_eq!(outbox.count(), 2);
}

/// A thousand commits are a few notifications.
#[tokio::test]
async fn wake_ups_are_bundled() {
    let database = TestDatabase::create().await;
    let target = Target::parse(database.url()).unwrap();
    let db = Db::new(target.clone(), PoolOptions::default()).unwrap();
    let stop = CancellationToken::new();
    let mut log = Calls::of(&target, Wake::Log, &stop).await;
    for _ in 0..20 {
        futures::future::join_all((0..50).map(|_| commit(&db, &[Wake::Log]))).await;
    }
    let mut ledger = Calls::of(&target, Wake::Ledger, &stop).await;
    commit(&db, &[Wake::Log, Wake::Ledger]).await;
    ledger.reach(2).await;
    log.reach(2).await;
    assert!(log.count() < 500, "{} notifications for 1001 commits", log.count());
}

#[tokio::test]
async fn listeners_and_writers_come_back_after_a_disconnection() {
    let database = TestDatabase::create().await;
    let target = Target::parse(database.url()).unwrap().named("waking");
    let db = Db::new(target.clone(), PoolOptions::default()).unwrap();
    let stop = CancellationToken::new();
    let mut log = Calls::of(&target, Wake::Log, &stop).await;
    commit(&db, &[Wake::Log]).await;
    log.reach(2).await;
    let observer = database.client().await;
    let terminate = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
         WHERE application_name = 'waking' AND datname = current_database()";
    observer.simple_query(terminate).await.unwrap();
    // It calls when it listens again, because it may have missed something.
    timeout(Duration::from_secs(10), log.0.wait_for(|calls| *calls >= 3)).await.unwrap().unwrap();
    let mut committed = false;
    while !committed {
        if let Ok(mut tx) = db.begin("test").await {
            tx.wake(Wake::Log);
            committed = tx.commit().await.is_ok();
        }
    }
    timeout(Duration::from_secs(10), log.0.wait_for(|calls| *calls >= 4)).await.unwrap().unwrap();
    stop.cancel();
}
