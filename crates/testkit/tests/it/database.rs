use std::time::{Duration, Instant};

use creditors_testkit::TestDatabase;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};
use url::Url;

const TABLES: &str = "SELECT count(*) FROM information_schema.tables WHERE table_schema = 'public'";

#[tokio::test]
async fn a_new_database_has_the_schema_and_no_rows() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    assert!(client.query_one(TABLES, &[]).await.unwrap().get::<_, i64>(0) > 10);
    assert_eq!(client.query_one("SELECT count(*) FROM creditor", &[]).await.unwrap().get::<_, i64>(0), 0);
}

#[tokio::test]
async fn an_empty_database_has_no_tables() {
    let database = TestDatabase::create_empty().await;
    let count: i64 = database.client().await.query_one(TABLES, &[]).await.unwrap().get(0);
    assert_eq!(count, 0);
}

#[tokio::test]
async fn databases_are_separate_and_vanish_with_their_value() {
    let (one, two) = tokio::join!(TestDatabase::create(), TestDatabase::create());
    let client = one.client().await;
    client.batch_execute("CREATE TABLE mine ()").await.unwrap();
    assert!(two.client().await.batch_execute("SELECT FROM mine").await.is_err());
    let url = one.url().to_owned();
    drop(one);
    assert!(tokio_postgres::connect(&url, tokio_postgres::NoTls).await.is_err());
    assert!(client.batch_execute("SELECT 1").await.is_err(), "open connections are closed by force");
}

/// Sessions that are being opened, and whose client is busy waiting for us, would hold the server up for a minute.
#[tokio::test]
async fn dropping_does_not_wait_for_sessions_that_are_being_opened() {
    let database = TestDatabase::create_empty().await;
    let url = Url::parse(database.url()).unwrap();
    let name = url.path().trim_start_matches('/').to_owned();
    let mut opening = TcpStream::connect((url.host_str().unwrap(), url.port().unwrap_or(5432))).await.unwrap();
    let parameters = format!("user\0{}\0database\0postgres\0\0", url.username());
    let length = i32::try_from(parameters.len() + 8).unwrap();
    let protocol_3 = 3 << 16;
    opening.write_i32(length).await.unwrap();
    opening.write_i32(protocol_3).await.unwrap();
    opening.write_all(parameters.as_bytes()).await.unwrap();
    // "R": the session exists, and wants us to prove who we are.
    assert_eq!(opening.read_u8().await.unwrap(), b'R');

    let watcher = TestDatabase::create_empty().await;
    let began = Instant::now();
    drop(database);
    assert!(began.elapsed() < Duration::from_secs(20));
    drop(opening);
    let client = watcher.client().await;
    let left = async || client.query("SELECT FROM pg_database WHERE datname = $1", &[&name]).await.unwrap().len();
    while left().await > 0 {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
}
