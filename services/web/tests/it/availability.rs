//! The database is away, does not answer, or has no time (webapi §1; `503` with `Retry-After`): requests fail soon, and
//! succeed again as soon as they can, without a restart.

mod link;

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::{DateTime, Utc};
use creditors_web::{State, patience::Patience};
use futures::future::join;
use persistence::{Db, PoolOptions, Target};
use runtime::{ManualClock, SeededRandom};
use serde_json::json;
use testkit::TestDatabase;

use self::link::Link;
use crate::{
    app::{Answer, JSON, Web, settings},
    world::{NOW, add_creditor},
};

/// Longer than any request should take, on the slowest machine.
const SOON: Duration = Duration::from_secs(30);

/// A web server with a line to its database.
struct Served {
    web: Web,
    link: Link,
    database: TestDatabase,
}

impl Served {
    async fn new(pool: PoolOptions, patience: Patience) -> Self {
        let database = TestDatabase::create().await;
        let link = Link::to(database.url()).await;
        let now: DateTime<Utc> = NOW.parse().unwrap();
        let db = Db::new(Target::parse(&link.url()).unwrap(), pool).unwrap();
        let clock = Arc::new(ManualClock::new(now));
        let mut state = State::new(settings(&[]), db, clock, Arc::new(SeededRandom::new(1))).unwrap();
        state.patience = patience;
        add_creditor(&state).await;
        Self { web: Web::serve(actix_web::web::Data::new(state)), link, database }
    }

    async fn read(&self) -> Answer {
        let began = Instant::now();
        let answer = self.web.send("GET", "/creditors/4294967296/wallet", &[]).await;
        assert!(began.elapsed() < SOON, "{answer:?}");
        answer
    }

    async fn write(&self, number: u64) -> Answer {
        let began = Instant::now();
        let body = json!({"uri": format!("swpt:{number}")}).to_string();
        let answer = self.web.send_body("POST", "/creditors/4294967296/accounts/", &[JSON], body.as_bytes()).await;
        assert!(began.elapsed() < SOON, "{answer:?}");
        answer
    }

    /// Reads until that succeeds.
    async fn until_read(&self) {
        let began = Instant::now();
        while self.read().await.status != 200 {
            assert!(began.elapsed() < SOON, "reading is still impossible");
        }
    }

    async fn is_alive(&self) -> bool {
        self.web.send("GET", "/creditors/health/check/public", &[]).await.status == 200
    }
}

fn assert_unavailable(answer: &Answer) {
    assert_eq!(answer.json(), json!({"code": 503, "status": "Service Unavailable"}), "{answer:?}");
    assert!(answer.header("retry-after").unwrap().parse::<u32>().is_ok(), "{answer:?}");
}

#[actix_web::test]
async fn the_database_goes_away_and_comes_back() {
    let served = Box::pin(Served::new(PoolOptions::default(), Patience::default())).await;
    for round in 0..3 {
        assert_eq!(served.read().await.status, 200);
        assert_eq!(served.write(2 * round).await.status, 201);
        served.link.cut().await;
        assert_unavailable(&served.read().await);
        assert_unavailable(&served.write(2 * round + 1).await);
        assert!(served.is_alive().await);
        served.link.mend().await;
    }
    assert_eq!(served.read().await.status, 200);
    let accounts = served.database.client().await.query("SELECT FROM account", &[]).await.unwrap();
    assert_eq!(accounts.len(), 3, "what was refused was not done");
}

#[actix_web::test]
async fn sessions_that_the_server_ends_are_replaced() {
    let served = Box::pin(Served::new(PoolOptions::default(), Patience::default())).await;
    let client = served.database.client().await;
    for number in 0..5 {
        let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
            WHERE datname = current_database() AND pid <> pg_backend_pid()";
        client.execute(end, &[]).await.unwrap();
        // The end of a session may be noticed only by the request that uses it.
        let answer = served.write(number).await;
        if answer.status != 201 {
            assert_unavailable(&answer);
            assert_eq!(served.write(number).await.status, 201);
        }
    }
}

#[actix_web::test]
async fn a_database_that_does_not_answer() {
    let patience = Patience { answer: Duration::from_secs(1), ..Patience::default() };
    let served = Box::pin(Served::new(
        PoolOptions { size: 2, wait: Duration::from_secs(20), ..PoolOptions::default() },
        patience,
    ))
    .await;
    served.until_read().await;
    served.link.freeze();
    // More requests than connections: none of them waits for ever, for an answer or for a connection.
    for number in 0..2 {
        let (read, written) = join(served.read(), served.write(number)).await;
        assert_unavailable(&read);
        assert_unavailable(&written);
    }
    assert!(served.is_alive().await);
    served.link.mend().await;
    served.until_read().await;
    // None of the connections is lost.
    for number in 0..4 {
        let began = Instant::now();
        while served.write(100 + number).await.status != 201 {
            assert!(began.elapsed() < SOON, "still not recovered");
        }
    }
}

#[actix_web::test]
async fn no_connection_is_free() {
    let pool = PoolOptions { size: 1, wait: Duration::from_millis(300), ..PoolOptions::default() };
    let served = Box::pin(Served::new(pool, Patience::default())).await;
    let client = served.database.client().await;
    client.batch_execute("BEGIN; SELECT FROM creditor FOR UPDATE").await.unwrap();
    // The first one waits for the lock, and holds the only connection.
    let (written, read) = join(served.write(1), async {
        while client
            .query("SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'", &[])
            .await
            .unwrap()
            .is_empty()
        {}
        let read = served.read().await;
        client.batch_execute("ROLLBACK").await.unwrap();
        read
    })
    .await;
    assert_unavailable(&read);
    assert_eq!(written.status, 201);
    assert_eq!(served.read().await.status, 200);
}
