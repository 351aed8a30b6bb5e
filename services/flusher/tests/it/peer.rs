//! A flusher of the peer implementation at the same tables, as during a rolling update (operations §12).

use std::collections::BTreeSet;

use creditors_flusher::Options;
use tokio_postgres::Client;

use crate::{
    signals::{C, prepare, requests},
    world::{OUT, World},
};

/// What it does to a chunk of keys: lock what is free, publish, wait, remove exactly that (processing §14).
const CHUNK: i64 = 50;

/// One chunk; returns what was published.
async fn flush_chunk(client: &mut Client, keys: &[i64]) -> Vec<i64> {
    let tx = client.build_transaction().isolation_level(tokio_postgres::IsolationLevel::RepeatableRead);
    let tx = tx.start().await.unwrap();
    let lock = "SELECT coordinator_request_id FROM prepare_transfer_signal \
                WHERE creditor_id = $1 AND coordinator_request_id = ANY($2) FOR UPDATE SKIP LOCKED";
    let Ok(rows) = tx.query(lock, &[&C, &keys]).await else {
        // A row was removed since the transaction began: the peer begins the chunk again.
        return vec![];
    };
    let locked: Vec<i64> = rows.iter().map(|row| row.get(0)).collect();
    // Time for the other flusher to come across these rows.
    tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    let remove = "DELETE FROM prepare_transfer_signal WHERE creditor_id = $1 AND coordinator_request_id = ANY($2)";
    assert_eq!(tx.execute(remove, &[&C, &locked]).await.unwrap(), u64::try_from(locked.len()).unwrap());
    tx.commit().await.unwrap();
    locked
}

#[tokio::test(flavor = "multi_thread")]
async fn old_and_new_flushers_share_the_rows() {
    const ROWS: i64 = 3_000;
    let world = World::new().await;
    world.insert((0..ROWS).map(|request| prepare(C, request))).await;
    let mut client = world.database.client().await;
    let mut by_peer = BTreeSet::new();
    // So that it surely has a share.
    by_peer.extend(flush_chunk(&mut client, &(0..CHUNK).collect::<Vec<_>>()).await);
    let environment = [("APP_FLUSH_PREPARE_TRANSFERS_BURST_COUNT", "20")];
    let flusher = world.start(&environment, Options::default());
    for chunk in 1..ROWS / CHUNK {
        // From both ends, so that they meet.
        let first = ROWS - chunk * CHUNK;
        by_peer.extend(flush_chunk(&mut client, &(first..first + CHUNK).collect::<Vec<_>>()).await);
    }
    world.wait_for_rows(&[]).await;
    let ours = usize::try_from(ROWS).unwrap() - by_peer.len();
    let by_us = requests(&world.take(OUT, ours).await);
    assert_eq!(world.ready(OUT).await, 0, "nothing was sent by both");
    assert!(by_us.is_disjoint(&by_peer));
    assert_eq!(&by_us | &by_peer, (0..ROWS).collect());
    flusher.stop().await.unwrap();
}
