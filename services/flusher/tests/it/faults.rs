//! Connections that are lost.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use creditors_flusher::Options;
use domain::signal::Kind;
use tokio::time::sleep;

use crate::{
    proxy::{End, Proxy},
    signals::{C, member, prepare, requests},
    world::{OUT, World, until},
};

#[tokio::test(flavor = "multi_thread")]
async fn nothing_is_lost_with_the_connection_to_the_broker() {
    const ROWS: i64 = 5_000;
    let world = World::new().await;
    // A message is about 700 bytes: the wires break in the middle of batches.
    let proxy = Proxy::to(&world.url, vec![100_000, 900_000, 150_000, 1_000_000], End::Breaks).await;
    world.insert((0..ROWS).map(|request| prepare(C, request))).await;
    let url = proxy.url(&world.url);
    let options = Options { types: vec!["PrepareTransferSignal".to_owned()], ..Options::default() };
    let flusher = world.start(&[("PROTOCOL_BROKER_URL", &url)], options);
    let mut seen = BTreeSet::new();
    world
        .consume(OUT, async |delivery| {
            seen.insert(member(&delivery, "coordinator_request_id"));
            seen.len() < 5_000
        })
        .await;
    assert_eq!(seen, (0..ROWS).collect());
    world.wait_for_rows(&[]).await;
    assert_eq!(proxy.broken(), 4);
    flusher.stop().await.unwrap();
}

/// A broker that is frozen is given up after two heartbeats. Until then the rows are locked, and not any longer.
#[tokio::test(flavor = "multi_thread")]
async fn a_broker_that_falls_silent_is_given_up() {
    let world = World::new().await;
    let proxy = Proxy::to(&world.url, vec![20_000], End::FallsSilent).await;
    world.insert((0..100).map(|request| prepare(C, request))).await;
    let url = format!("{}?heartbeat=4", proxy.url(&world.url));
    let options = Options { types: vec!["PrepareTransferSignal".to_owned()], ..Options::default() };
    let flusher = world.start(&[("PROTOCOL_BROKER_URL", &url)], options);
    let mut seen = BTreeSet::new();
    world
        .consume(OUT, async |delivery| {
            seen.insert(member(&delivery, "coordinator_request_id"));
            seen.len() < 100
        })
        .await;
    world.wait_for_rows(&[]).await;
    assert_eq!(proxy.broken(), 1);
    flusher.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn rows_are_not_locked_while_the_broker_is_away() {
    let world = World::new().await;
    let flusher = world.start(&[("PROTOCOL_BROKER_URL", "amqp://127.0.0.1:1")], Options::default());
    world.insert([prepare(C, 1)]).await;
    let sessions = "SELECT FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%EXISTS%'";
    until("the flusher to look", async || !world.client.query(sessions, &[]).await.unwrap().is_empty()).await;
    // Another flusher finds the row free.
    let quit_early = Options { quit_early: true, ..Options::default() };
    world.start(&[], quit_early).ended().await.unwrap();
    assert_eq!(world.rows().await, [].into());
    flusher.stop().await.unwrap();
}

/// The broker may go away when rows are already being locked for it.
#[tokio::test(flavor = "multi_thread")]
async fn rows_are_given_back_at_once_when_the_broker_has_gone_away() {
    let world = World::new().await;
    let proxy = Proxy::to(&world.url, vec![], End::Breaks).await;
    world.insert([prepare(C, 1)]).await;
    // The flusher may look, but has to wait for the rows.
    let other = world.database.client().await;
    other.batch_execute("BEGIN; LOCK prepare_transfer_signal IN EXCLUSIVE MODE").await.unwrap();
    let flusher = world.start(&[("PROTOCOL_BROKER_URL", &proxy.url(&world.url))], Options::default());
    until("the flusher to claim", async || sessions(&world, "wait_event_type = 'Lock'").await == 1).await;
    proxy.close();
    sleep(Duration::from_millis(300)).await;
    let began = Instant::now();
    other.batch_execute("COMMIT").await.unwrap();
    until("the end of its transaction", async || sessions(&world, "xact_start IS NOT NULL").await == 0).await;
    assert!(began.elapsed() < Duration::from_secs(5), "{:?}", began.elapsed());
    assert_eq!(world.rows().await, [(Kind::PrepareTransfer, 1)].into());

    // Nothing is lost.
    world.start(&[], Options { quit_early: true, ..Options::default() }).ended().await.unwrap();
    assert_eq!(requests(&world.take(OUT, 1).await), [1].into());
    flusher.stop().await.unwrap();
}

/// How many sessions of flushers are like that.
async fn sessions(world: &World, condition: &str) -> i64 {
    let query = format!(
        "SELECT count(*) FROM pg_stat_activity \
         WHERE datname = current_database() AND application_name = 'creditors-flusher' AND {condition}"
    );
    world.client.query_one(&query, &[]).await.unwrap().get(0)
}

#[tokio::test(flavor = "multi_thread")]
async fn flushing_goes_on_after_the_database_has_closed_all_sessions() {
    let world = World::new().await;
    let flusher = world.start(&[("FLUSH_PERIOD", "0.2")], Options::default());
    world.insert([prepare(C, 1)]).await;
    assert_eq!(requests(&world.take(OUT, 1).await), [1].into());
    for request in 2..5 {
        let ended = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
                     WHERE datname = current_database() AND application_name = 'creditors-flusher'";
        assert!(!world.client.query(ended, &[]).await.unwrap().is_empty());
        world.insert([prepare(C, request)]).await;
        until("the message", async || {
            world.ready(OUT).await > 0 && requests(&world.take(OUT, 1).await).contains(&request)
        })
        .await;
        world.wait_for_rows(&[]).await;
    }
    flusher.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_that_cannot_be_removed_is_sent_again() {
    let world = World::new().await;
    world
        .client
        .batch_execute(
            "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'not now'; END $$; \
             CREATE TRIGGER refuse BEFORE DELETE ON prepare_transfer_signal EXECUTE FUNCTION refuse()",
        )
        .await
        .unwrap();
    let flusher = world.start(&[], Options::default());
    world.insert([prepare(C, 1)]).await;
    assert_eq!(requests(&world.take(OUT, 2).await), [1].into());
    assert_eq!(world.rows().await, [(Kind::PrepareTransfer, 1)].into());
    world.client.batch_execute("DROP TRIGGER refuse ON prepare_transfer_signal").await.unwrap();
    world.wait_for_rows(&[]).await;
    flusher.stop().await.unwrap();
}
