//! Reading tables block by block (processing §13.1).

use creditors_persistence::{
    Db, PoolOptions, Target,
    scan::{self, Row as _, ScannedLogEntry, Size, Table},
};
use testkit::TestDatabase;

fn open(url: &str) -> Db {
    Db::new(Target::parse(url).unwrap(), PoolOptions::default()).unwrap()
}

async fn insert(database: &TestDatabase, entries: i64) {
    let insert = format!(
        "INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint) \
         SELECT 1, i, 'epoch', 2 FROM generate_series(1, {entries}) AS i"
    );
    database.client().await.batch_execute(&insert).await.unwrap();
}

#[tokio::test]
async fn every_row_is_read_once_and_in_order() {
    let database = TestDatabase::create().await;
    insert(&database, 1_000).await;
    let db = open(database.url());
    let mut conn = db.conn().await.unwrap();
    let blocks = scan::size(&mut conn, Table::LogEntries).await.unwrap().blocks;
    assert!((4..100).contains(&blocks), "{blocks}");
    let mut read = Vec::new();
    for from in (0..blocks + 3).step_by(3) {
        let rows = ScannedLogEntry::read(&mut conn, from..from + 3).await.unwrap();
        assert!(rows.iter().all(|row| (from..from + 3).contains(&row.block())));
        assert!(rows.is_sorted_by_key(scan::Row::block));
        read.extend(rows);
    }
    assert_eq!(read.len(), 1_000);
    assert!(ScannedLogEntry::read(&mut conn, u32::MAX - 1..u32::MAX).await.unwrap().is_empty());
}

#[tokio::test]
async fn the_first_block_with_rows_is_found() {
    let database = TestDatabase::create().await;
    insert(&database, 1_000).await;
    let client = database.client().await;
    client.batch_execute("DELETE FROM log_entry WHERE ctid < '(2,0)' OR ctid >= '(4,0)'").await.unwrap();
    let db = open(database.url());
    let mut conn = db.conn().await.unwrap();
    for (blocks, first) in [(0..u32::MAX, Some(2)), (0..2, None), (1..3, Some(2)), (3..4, Some(3)), (4..1_000, None)] {
        let found = scan::first_block(&mut conn, Table::LogEntries, blocks.clone()).await.unwrap();
        assert_eq!(found, first, "{blocks:?}");
    }
}

/// Tables of the same name in other schemas do not count (database §1).
#[tokio::test]
async fn sizes_are_those_of_the_search_path() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let names: Vec<String> = ["creditor", "account_data", "log_entry", "ledger_entry", "committed_transfer"]
        .map(|name| format!("CREATE TABLE decoy.{name} AS SELECT generate_series(1, 5000) AS n; ANALYZE decoy.{name};"))
        .into();
    client.batch_execute(&format!("CREATE SCHEMA decoy; {}", names.concat())).await.unwrap();
    let (ours, decoy) = (open(database.url()), open(&format!("{}?options=-csearch_path%3Ddecoy", database.url())));
    for table in Table::ALL {
        let size = scan::size(&mut ours.conn().await.unwrap(), table).await.unwrap();
        assert_eq!(size, Size::default(), "{table:?} was never analysed, and is empty");
        let size = scan::size(&mut decoy.conn().await.unwrap(), table).await.unwrap();
        assert!((size.rows - 5_000.0).abs() < 1.0 && size.pages > 10, "{table:?}: {size:?}");
        assert_eq!(i64::from(size.blocks), i64::from(size.pages), "{table:?}");
    }
}

/// Every table is scanned without an index and without a sequential scan, whatever its statistics say.
#[tokio::test]
async fn ranges_of_blocks_are_read_as_such() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    client.batch_execute("SET enable_seqscan = off").await.unwrap();
    for table in ["creditor", "account_data", "log_entry", "ledger_entry", "committed_transfer"] {
        let explain = format!("EXPLAIN SELECT creditor_id FROM {table} WHERE ctid >= '(0,0)' AND ctid < '(40,0)'");
        let plan: String = client.query(&explain, &[]).await.unwrap()[0].get(0);
        assert!(plan.starts_with("Tid Range Scan"), "{plan}");
    }
}
