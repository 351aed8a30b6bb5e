//! Messages that the broker does not take.

use std::collections::BTreeSet;

use amqp::Header;
use creditors_flusher::Options;
use domain::signal::Kind;

use crate::{
    signals::{C, finalize, flags, member, prepare, requests},
    world::{OUT, World, until},
};

const TEN_KEY: &str = "00.00.00.00.00.00.00.0a";
const ELEVEN_KEY: &str = "00.00.00.00.00.00.00.0b";

#[tokio::test(flavor = "multi_thread")]
async fn a_returned_message_is_kept_and_sent_when_somebody_wants_it() {
    let world = World::bare().await;
    world.queue("ten", &[]).await;
    world.bind("creditors_out", "ten", TEN_KEY).await;
    let flusher = world.start(&[], Options::default());
    world.insert((0..30).map(|request| finalize(if request % 10 == 0 { 11 } else { 10 }, request))).await;
    let taken = world.take("ten", 27).await;
    assert_eq!(requests(&taken), (0..30).filter(|request| request % 10 != 0).collect());
    world.wait_for_rows(&[(Kind::FinalizeTransfer, 3)]).await;

    // A neighbour that comes later is not held up either.
    world.insert([finalize(10, 100)]).await;
    assert_eq!(requests(&world.take("ten", 1).await), [100].into());

    world.queue("eleven", &[]).await;
    world.bind("creditors_out", "eleven", ELEVEN_KEY).await;
    assert_eq!(requests(&world.take("eleven", 3).await), [0, 10, 20].into());
    world.wait_for_rows(&[]).await;
    assert_eq!((world.ready("ten").await, world.ready("eleven").await), (0, 0));
    flusher.stop().await.unwrap();
}

/// There is a limit to the destinations that are remembered, but none to those that may be out of reach.
#[tokio::test(flavor = "multi_thread")]
async fn a_crowd_out_of_reach_holds_up_nobody_behind_it() {
    const CROWD: i64 = 1_700;
    let world = World::bare().await;
    world.queue("ten", &[]).await;
    world.bind("creditors_out", "ten", TEN_KEY).await;
    // Those that cannot be remembered fill several batches.
    world.insert((0..CROWD).map(|request| finalize(1_000 + request, request)).chain([finalize(10, CROWD)])).await;
    let flusher = world.start(&[("APP_FLUSH_FINALIZE_TRANSFERS_BURST_COUNT", "200")], Options::default());
    assert_eq!(requests(&world.take("ten", 1).await), [CROWD].into());
    world.wait_for_rows(&[(Kind::FinalizeTransfer, CROWD)]).await;

    // Nor are those that come later.
    world.insert([finalize(10, CROWD + 1)]).await;
    assert_eq!(requests(&world.take("ten", 1).await), [CROWD + 1].into());
    flusher.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_queue_holds_up_nobody_else() {
    let world = World::bare().await;
    let full = [("x-max-length", Header::Int(1)), ("x-overflow", Header::from("reject-publish"))];
    world.queue("ten", &full).await;
    world.bind("creditors_out", "ten", TEN_KEY).await;
    world.queue("eleven", &[]).await;
    world.bind("creditors_out", "eleven", ELEVEN_KEY).await;
    let flusher = world.start(&[], Options::default());
    world.insert((0..20).map(|request| finalize(10 + request % 2, request))).await;
    let odd: BTreeSet<i64> = (0..20).filter(|request| request % 2 == 1).collect();
    assert_eq!(requests(&world.take("eleven", 10).await), odd);
    until("a message to be refused", async || world.rows().await.get(&Kind::FinalizeTransfer) < Some(&10)).await;
    let left = world.rows().await;
    assert!(left.get(&Kind::FinalizeTransfer).is_some_and(|rows| *rows > 0), "{left:?}");

    // As room is made, everything arrives.
    let mut seen = BTreeSet::new();
    world
        .consume("ten", async |delivery| {
            seen.insert(member(&delivery, "coordinator_request_id"));
            seen.len() < 10
        })
        .await;
    assert_eq!(seen, (0..20).filter(|request| request % 2 == 0).collect());
    world.wait_for_rows(&[]).await;
    flusher.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_nobody_wants_is_dropped_unless_it_must_not_get_lost() {
    let world = World::bare().await;
    let flusher = world.start(&[], Options::default());
    world.insert([prepare(C, 1), finalize(10, 1), flags(C, 1)]).await;
    world.wait_for_rows(&[(Kind::FinalizeTransfer, 1)]).await;
    flusher.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_exchange_does_not_disturb_payments() {
    let world = World::with_exchanges(&["creditors_out"]).await;
    world.bound_queue(OUT, "creditors_out").await;
    let flusher = world.start(&[], Options::default());
    for request in 0..50 {
        world.insert([flags(C, request), prepare(C, request)]).await;
        assert_eq!(requests(&world.take(OUT, 1).await), [request].into());
    }
    // No message was sent twice, as it would have been had its connection been lost.
    world.wait_for_rows(&[(Kind::UpdatedFlags, 50)]).await;
    assert_eq!(world.ready(OUT).await, 0);

    world.exchange("to_trade").await;
    world.wait_for_rows(&[]).await;
    flusher.stop().await.unwrap();
}
