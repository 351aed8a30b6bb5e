//! When flushers work, and how they share it.

use std::process::ExitCode;

use creditors_flusher::Options;
use domain::signal::Kind;

use crate::{
    signals::{C, finalize, flags, prepare, requests},
    world::{OUT, TRADE, World},
};

fn quit_early(types: &[&str]) -> Options {
    let types = types.iter().map(|name| (*name).to_owned()).collect();
    Options { quit_early: true, types, ..Options::default() }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_a_wake_up_call() {
    let world = World::new().await;
    let flusher = world.start(&[], Options::default());
    for request in 0..20 {
        // The period is an hour.
        world.insert([prepare(C, request)]).await;
        assert_eq!(requests(&world.take(OUT, 1).await), [request].into());
    }
    world.wait_for_rows(&[]).await;
    assert_eq!(flusher.stop().await.unwrap(), ExitCode::FAILURE);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_announces_is_found_all_the_same() {
    let world = World::new().await;
    let flusher = world.start(&[("FLUSH_PERIOD", "0.1")], Options::default());
    for update_id in 0..3 {
        let row = format!("INSERT INTO updated_flags_signal VALUES ({C}, 10, {update_id}, 0, now(), now())");
        world.client.batch_execute(&row).await.unwrap();
        assert_eq!(world.take(TRADE, 1).await.len(), 1);
    }
    world.wait_for_rows(&[]).await;
    flusher.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn flushers_that_race_send_nothing_twice() {
    const ROWS: i64 = 2_000;
    let world = World::new().await;
    let environment = [
        ("FLUSH_PROCESSES", "2"),
        ("APP_FLUSH_PREPARE_TRANSFERS_BURST_COUNT", "50"),
        ("APP_FLUSH_FINALIZE_TRANSFERS_BURST_COUNT", "7"),
    ];
    let flushers = [world.start(&environment, Options::default()), world.start(&environment, Options::default())];
    for part in 0..20 {
        let numbers = part * ROWS / 20..(part + 1) * ROWS / 20;
        world.insert(numbers.clone().map(|request| prepare(C, request))).await;
        world.insert(numbers.map(|request| finalize(10, request + ROWS))).await;
    }
    world.wait_for_rows(&[]).await;
    let taken = world.take(OUT, 4_000).await;
    assert_eq!(requests(&taken), (0..2 * ROWS).collect());
    assert_eq!(world.ready(OUT).await, 0);
    for flusher in flushers {
        flusher.stop().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quitting_early_flushes_everything_and_ends_with_1() {
    let world = World::new().await;
    world.insert((0..2_500).map(|request| prepare(C, request)).chain([flags(C, 1)])).await;
    let environment = [("APP_FLUSH_PREPARE_TRANSFERS_BURST_COUNT", "1000")];
    assert_eq!(world.start(&environment, quit_early(&[])).ended().await.unwrap(), ExitCode::FAILURE);
    assert_eq!(world.rows().await, [].into());
    assert_eq!(requests(&world.take(OUT, 2_500).await), (0..2_500).collect());
    assert_eq!(world.take(TRADE, 1).await.len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn only_the_types_asked_for_are_flushed() {
    let world = World::new().await;
    world.insert([prepare(C, 1), finalize(10, 1), flags(C, 1)]).await;
    let flusher = world.start(&[], quit_early(&["Nonsense", "FinalizeTransferSignal"]));
    flusher.ended().await.unwrap();
    assert_eq!(world.rows().await, [(Kind::PrepareTransfer, 1), (Kind::UpdatedFlags, 1)].into());
    world.start(&[], quit_early(&["Nonsense"])).ended().await.unwrap();
    assert_eq!(world.rows().await, [(Kind::PrepareTransfer, 1), (Kind::UpdatedFlags, 1)].into());
}
