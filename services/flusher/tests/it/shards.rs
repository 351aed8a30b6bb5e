//! Messages of creditors of other shards (processing §14).

use creditors_flusher::Options;
use domain::signal::Kind;

use crate::{
    signals::{flags, member, prepare, requests},
    world::{OUT, TRADE, World},
};

/// Of the shard `0.1.#`, whose parent is `0.#` (smp §8).
const OURS: i64 = 1_234;
const OF_THE_PARENT: i64 = 1 << 32;
const OF_STRANGERS: i64 = 2;

const SHARD: [(&str, &str); 3] = [
    ("MIN_CREDITOR_ID", "1"),
    ("MAX_CREDITOR_ID", "0x7fffffffffffffff"),
    ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "0.1.#"),
];

#[tokio::test(flavor = "multi_thread")]
async fn left_overs_of_the_parent_shard_are_deleted_unsent() {
    let world = World::new().await;
    world.insert([prepare(OF_THE_PARENT, 1), prepare(OURS, 2), prepare(OF_THE_PARENT, 3)]).await;
    world.insert([flags(OF_THE_PARENT, 4)]).await;
    let environment = [&SHARD[..], &[("DELETE_PARENT_SHARD_RECORDS", "true")]].concat();
    let quit_early = Options { quit_early: true, ..Options::default() };
    world.start(&environment, quit_early).ended().await.unwrap();
    assert_eq!(world.rows().await, [].into());
    assert_eq!(requests(&world.take(OUT, 1).await), [2].into());
    assert_eq!((world.ready(OUT).await, world.ready(TRADE).await), (0, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stray_message_stops_the_flusher_after_its_neighbours_are_done() {
    let world = World::new().await;
    let flusher = world.start(&SHARD, Options::default());
    world.insert([prepare(OURS, 1), prepare(OF_THE_PARENT, 2), prepare(OURS, 3)]).await;
    let error = flusher.ended().await.unwrap_err();
    assert!(format!("{error:#}").contains("4294967296"), "{error:#}");
    assert_eq!(world.rows().await, [(Kind::PrepareTransfer, 1)].into());
    assert_eq!(requests(&world.take(OUT, 2).await), [1, 3].into());
    assert_eq!(world.ready(OUT).await, 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_are_strays_even_while_left_overs_are_deleted() {
    let world = World::new().await;
    world.insert([flags(OF_STRANGERS, 1), flags(OF_THE_PARENT, 2), flags(OURS, 3)]).await;
    let environment = [&SHARD[..], &[("DELETE_PARENT_SHARD_RECORDS", "true")]].concat();
    world.start(&environment, Options::default()).ended().await.unwrap_err();
    assert_eq!(world.rows().await, [(Kind::UpdatedFlags, 1)].into());
    assert_eq!(member(&world.take(TRADE, 1).await[0], "update_id"), 3);
    assert_eq!(world.ready(TRADE).await, 0);
}
