//! Taking rows out of the outbox.

use creditors_flusher::Options;
use domain::signal::Kind;
use persistence::{
    Db,
    outbox::{self, Claimed, RowId, Wanted},
};

use crate::{
    signals::{C, finalize, flags, prepare, request_of},
    world::{World, until},
};

async fn claim(db: &Db, kind: Kind, wanted: Wanted) -> (persistence::Tx, Vec<Claimed>) {
    let tx = db.begin("test").await.unwrap();
    let rows = outbox::claim(tx.share(), kind, wanted).await.unwrap();
    (tx, rows)
}

fn all(limit: i64) -> Wanted {
    Wanted { limit, ..Wanted::default() }
}

#[tokio::test]
async fn a_table_is_taken_part_by_part() {
    let world = World::bare().await;
    world.insert((0..25).map(|request| prepare(C, request))).await;
    let (mut after, mut seen) = (RowId::START, Vec::new());
    for expected in [10, 10, 5, 0] {
        let (tx, rows) = claim(&world.db, Kind::PrepareTransfer, Wanted { after, ..all(10) }).await;
        assert_eq!(rows.len(), expected);
        assert!(rows.iter().all(|row| row.row_id > after));
        after = rows.iter().map(|row| row.row_id).max().unwrap_or(after);
        seen.extend(rows.iter().map(|row| request_of(&row.signal)));
        tx.rollback().await.unwrap();
    }
    seen.sort_unstable();
    assert_eq!(seen, (0..25).collect::<Vec<_>>());
}

#[tokio::test]
async fn what_another_has_taken_or_is_to_be_skipped_is_not_taken() {
    let world = World::bare().await;
    world.insert((0..10).map(|request| finalize(request % 2, request))).await;
    let (first, taken) = claim(&world.db, Kind::FinalizeTransfer, Wanted { skip: vec![0], ..all(3) }).await;
    assert_eq!(taken.len(), 3);
    assert!(taken.iter().all(|row| row.destination == 1 && row.signal.account().debtor_id.get() == 1));
    let (second, others) = claim(&world.db, Kind::FinalizeTransfer, all(100)).await;
    assert_eq!(others.len(), 7);
    assert!(others.iter().all(|row| !taken.contains(row)));
    drop((first, second));
}

#[tokio::test]
async fn exactly_what_is_settled_is_removed() {
    let world = World::bare().await;
    world.insert((0..5).map(|update| flags(C + update % 2, update))).await;
    let (mut tx, rows) = claim(&world.db, Kind::UpdatedFlags, Wanted { skip: vec![C], ..all(100) }).await;
    assert_eq!(rows.iter().map(|row| row.destination).collect::<Vec<_>>(), [C + 1; 2]);
    let row_ids: Vec<RowId> = rows.iter().map(|row| row.row_id).collect();
    outbox::settle(&mut tx, Kind::UpdatedFlags, row_ids.clone()).await.unwrap();
    outbox::settle(&mut tx, Kind::UpdatedFlags, vec![]).await.unwrap();
    let error = outbox::settle(&mut tx, Kind::UpdatedFlags, row_ids).await.unwrap_err();
    assert!(matches!(error, persistence::Error::Inconsistent { table: "updated_flags_signal", .. }), "{error}");
    tx.commit().await.unwrap();
    assert_eq!(world.rows().await, [(Kind::UpdatedFlags, 3)].into());
}

#[tokio::test]
async fn a_look_tells_what_is_waiting() {
    let world = World::bare().await;
    let mut conn = world.db.conn().await.unwrap();
    assert_eq!(outbox::waiting(&mut conn, &Kind::ALL).await.unwrap(), []);
    world.insert([flags(C, 1), prepare(C, 1), prepare(C, 2)]).await;
    assert_eq!(outbox::waiting(&mut conn, &Kind::ALL).await.unwrap(), [Kind::PrepareTransfer, Kind::UpdatedFlags]);
    let some = [Kind::UpdatedFlags, Kind::UpdatedLedger];
    assert_eq!(outbox::waiting(&mut conn, &some).await.unwrap(), [Kind::UpdatedFlags]);
    let depths = outbox::depths(&mut conn).await.unwrap();
    assert_eq!(depths.len(), 7);
    let prepare = depths[&Kind::PrepareTransfer];
    assert_eq!((prepare.rows, prepare.oldest), (2, Some(crate::signals::now())));
    assert_eq!((depths[&Kind::RejectedConfig].rows, depths[&Kind::RejectedConfig].oldest), (0, None));
}

/// The whole point of the order by place: a drained part of a table is not read again and again.
#[tokio::test]
async fn tables_are_read_in_the_order_of_places() {
    let world = World::bare().await;
    world.client.batch_execute("SET enable_seqscan = off").await.unwrap();
    let statement = "EXPLAIN SELECT ctid FROM prepare_transfer_signal WHERE ctid > '(0,0)' AND debtor_id <> ALL('{}') \
                     LIMIT 10 FOR UPDATE SKIP LOCKED";
    let plan: Vec<String> =
        world.client.query(statement, &[]).await.unwrap().into_iter().map(|row| row.get(0)).collect();
    assert!(plan.iter().any(|line| line.contains("Tid Range Scan")), "{plan:?}");
}

/// A table that many rows have gone through is made short again, without waiting for the server's next round.
#[tokio::test(flavor = "multi_thread")]
async fn drained_tables_are_short() {
    let world = World::bare().await;
    world.client.batch_execute("ALTER TABLE updated_flags_signal SET (autovacuum_enabled = off)").await.unwrap();
    world.insert((0..12_000).map(|update| flags(C, update))).await;
    let flusher = world.start(&[], Options::default());
    let blocks = "SELECT pg_relation_size('updated_flags_signal') / current_setting('block_size')::bigint";
    until("an empty table", async || world.client.query_one(blocks, &[]).await.unwrap().get::<_, i64>(0) == 0).await;
    world.wait_for_rows(&[]).await;
    flusher.stop().await.unwrap();
}
