//! Statements read the rows whose keys they are given, however small the table was when they were planned.

use diesel_async::SimpleAsyncConnection as _;
use domain::CreditorId;
use persistence::{Db, PoolOptions, Target, running_transfer};
use testkit::TestDatabase;
use tokio_postgres::Client;

/// A statement that has been used so often has its final plan.
const PLANNED_AFTER: u32 = 10;
const TRANSFERS: i64 = 5_000;

async fn insert(client: &Client, from: i64, to: i64) {
    let insert = format!(
        "INSERT INTO running_transfer (creditor_id, transfer_uuid, debtor_id, amount, recipient_uri, recipient, \
             transfer_note_format, transfer_note, initiated_at, locked_amount, coordinator_request_id, latest_update_id, \
             latest_update_ts, final_interest_rate_ts) \
         SELECT 1, gen_random_uuid(), 1, 1, 'swpt:1/x', 'x', '', '', now(), 0, i, 1, now(), now() \
         FROM generate_series({from}, {to}) AS i"
    );
    client.batch_execute(&insert).await.unwrap();
}

/// How many entries of the table's indexes have been read. The pool's only session must first tell what it has read.
async fn entries_read(db: &Db, client: &Client) -> i64 {
    let mut tx = db.begin("test").await.unwrap();
    tx.batch_execute("SELECT pg_stat_force_next_flush()").await.unwrap();
    tx.commit().await.unwrap();
    let query = "SELECT sum(idx_tup_read)::bigint FROM pg_stat_user_indexes WHERE relname = 'running_transfer'";
    client.query_one(query, &[]).await.unwrap().get(0)
}

async fn lock_and_save(db: &Db) {
    let mut tx = db.begin("test").await.unwrap();
    let requests = [1, 2, 3].map(|request_id| (CreditorId::new(1), request_id));
    let transfers = running_transfer::lock_by_request(tx.share(), requests).await.unwrap();
    assert_eq!(transfers.len(), 3);
    running_transfer::save(&mut tx, &transfers);
    tx.commit().await.unwrap();
}

#[tokio::test]
async fn a_plan_for_a_small_table_serves_a_large_one() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let creditor = "INSERT INTO creditor (creditor_id, status_flags, created_at, last_log_entry_id, \
             creditor_latest_update_id, creditor_latest_update_ts, accounts_list_latest_update_id, \
             accounts_list_latest_update_ts, transfers_list_latest_update_id, transfers_list_latest_update_ts) \
         VALUES (1, 1, now(), 0, 1, now(), 1, now(), 1, now())";
    client.batch_execute(creditor).await.unwrap();
    insert(&client, 1, 20).await;
    client.batch_execute("VACUUM ANALYZE running_transfer").await.unwrap();
    let db =
        Db::new(Target::parse(database.url()).unwrap(), PoolOptions { size: 1, ..PoolOptions::default() }).unwrap();
    for _ in 0..PLANNED_AFTER {
        lock_and_save(&db).await;
    }
    insert(&client, 21, TRANSFERS).await;
    let before = entries_read(&db, &client).await;
    lock_and_save(&db).await;
    let read = entries_read(&db, &client).await - before;
    assert!((1..100).contains(&read), "{read} entries read for three transfers");
}
