//! Draining mode (smp §10).

use std::time::Duration;

use creditors_consumer::{Config, Draining};

use crate::world::World;

#[tokio::test]
async fn a_draining_consumer_steps_away_from_an_empty_queue_and_comes_back() {
    let world = World::new().await;
    let second = Duration::from_secs(1);
    let draining = Some(Draining { first: second, longest: second });
    let running = world.start_with(Config { draining, ..world.config() });
    world.wait_consumers(2).await;
    world.publish_transfers(1..=10).await;
    world.wait_stored(10).await;
    world.wait_consumers(0).await;
    assert!(world.readiness.is_ready());
    world.publish_transfers(11..=20).await;
    world.wait_stored(20).await;
    running.stop().await;
    world.assert_stored_once(20).await;
}

#[tokio::test]
async fn a_consumer_that_is_away_can_be_stopped() {
    let world = World::new().await;
    let hour = Duration::from_hours(1);
    // Idle for two seconds, as with every pause below 20 s; the pause lasts up to 19 s.
    let draining = Some(Draining { first: Duration::from_secs(19), longest: hour });
    let running = world.start_with(Config { draining, workers: 1, ..world.config() });
    world.wait_consumers(1).await;
    world.wait_consumers(0).await;
    running.stop().await;
}
