//! When the database or the broker does not do what it should (smp §2, 7' and 7'').

use std::time::{Duration, Instant};

use testkit::environment;
use tokio_postgres::NoTls;

use amqp::topology;
use creditors_consumer::Config;
use runtime::tasks;

use crate::world::{DEAD_LETTERS, QUEUE, World, text, until};

/// The transfers with this note are those that the database refuses.
const POISON: &str = "poison";

async fn refuse_poison(world: &World) {
    world.sql("ALTER TABLE committed_transfer ADD CONSTRAINT no_poison CHECK (transfer_note <> 'poison')").await;
}

#[tokio::test]
async fn messages_that_the_database_refuses_are_put_aside_alone() {
    let world = World::new().await;
    refuse_poison(&world).await;
    let mut dead_letters = world.dead_letters().await;
    let poisonous = [7, 8, 30];
    let messages: Vec<_> =
        (1..=40)
            .map(|number| {
                if poisonous.contains(&number) { world.transfer_saying(number, POISON) } else { world.transfer(number) }
            })
            .map(|message| world.message(&message))
            .collect();
    world.publish(&messages).await;
    let running = world.start();
    let taken = dead_letters.take(3).await;
    for (delivery, place) in taken.iter().zip([6, 7, 29]) {
        let reason = text(delivery, "x-dead-letter-reason");
        assert!(reason.starts_with("database: ") && reason.contains("no_poison"), "{reason}");
        assert_eq!(delivery.body, messages[place].body);
    }

    // Alone in its batch.
    world.publish(&[world.message(&world.transfer_saying(41, POISON))]).await;
    dead_letters.take(1).await;
    assert!(world.readiness.is_ready());
    running.stop().await;
    world.assert_stored_once(37).await;
    world.assert_all_acknowledged().await;
    dead_letters.assert_no_more().await;
}

/// A connection to another database of the same server.
async fn server() -> tokio_postgres::Client {
    let url = environment::get(environment::POSTGRES_URL).unwrap();
    let (client, connection) = tokio_postgres::connect(&url, NoTls).await.unwrap();
    tasks::spawn("connection", connection);
    client
}

fn name(world: &World) -> String {
    let (_, name) = world.database.url().rsplit_once('/').unwrap();
    name.split('?').next().unwrap().to_owned()
}

/// Ends all sessions of the test's database.
async fn hang_up(server: &tokio_postgres::Client, name: &str) {
    let query = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = $1";
    server.query_one(query, &[&name]).await.unwrap();
}

#[tokio::test]
async fn a_database_that_goes_away_is_waited_for() {
    let world = World::new().await;
    let (server, name) = (server().await, name(&world));
    let running = world.start();
    world.publish_transfers(1..=50).await;
    world.wait_stored(50).await;

    server.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
    hang_up(&server, &name).await;
    world.publish_transfers(51..=100).await;
    world.wait_unmet(&["workers"]).await;
    // Everything is back in the queue, and nobody takes it. What one of the workers has returned the other one never got.
    world.wait_consumers(0).await;
    world.wait_ready(50).await;
    let counts = world.delivery_counts().await;
    assert!(!counts.is_empty() && counts.iter().all(|count| *count == 1), "{counts:?}");

    server.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
    world.wait_stored(100).await;
    world.wait_unmet(&[]).await;
    world.wait_consumers(2).await;
    running.stop().await;
    world.assert_stored_once(100).await;
    world.assert_all_acknowledged().await;
}

/// What has been taken from the queue must not wait for long with a consumer that can do nothing with it.
#[tokio::test]
async fn consuming_pauses_as_soon_as_the_database_is_away() {
    let world = World::new().await;
    let (server, name) = (server().await, name(&world));
    let running = world.start();
    let mut quickest = Duration::MAX;
    // One of several, because machines that run tests are busy.
    for number in 1..=3 {
        world.wait_unmet(&[]).await;
        world.wait_consumers(2).await;
        server.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
        hang_up(&server, &name).await;
        world.publish_transfers(number..=number).await;
        let began = Instant::now();
        world.wait_unmet(&["workers"]).await;
        world.wait_consumers(0).await;
        quickest = quickest.min(began.elapsed());
        server.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS true")).await.unwrap();
        world.wait_stored(number).await;
    }
    assert!(quickest < Duration::from_secs(1), "{quickest:?}");
    running.stop().await;
    world.assert_stored_once(3).await;
}

/// It answers, but cannot do the work: to resume would be to have the same messages delivered over and over.
#[tokio::test]
async fn a_database_that_cannot_write_does_not_cause_redeliveries() {
    let world = World::new().await;
    let (server, name) = (server().await, name(&world));
    let running = world.start();
    world.wait_consumers(2).await;
    server.batch_execute(&format!("ALTER DATABASE {name} SET default_transaction_read_only = on")).await.unwrap();
    hang_up(&server, &name).await;
    world.publish_transfers(1..=20).await;
    world.wait_unmet(&["workers"]).await;
    world.wait_consumers(0).await;

    let rollbacks = async || -> i64 {
        let query = "SELECT xact_rollback FROM pg_stat_database WHERE datname = $1";
        server.query_one(query, &[&name]).await.unwrap().get(0)
    };
    let before = rollbacks().await;
    until("several attempts", async || rollbacks().await >= before + 3).await;
    assert_eq!(world.ready(QUEUE).await, 20);
    let counts = world.delivery_counts().await;
    assert!(!counts.is_empty() && counts.iter().all(|count| *count == 1), "{counts:?}");

    server.batch_execute(&format!("ALTER DATABASE {name} RESET default_transaction_read_only")).await.unwrap();
    hang_up(&server, &name).await;
    world.wait_stored(20).await;
    running.stop().await;
    world.assert_stored_once(20).await;
    world.assert_all_acknowledged().await;
}

#[tokio::test]
async fn a_consumer_that_waits_for_the_database_can_be_stopped() {
    let world = World::new().await;
    let (server, name) = (server().await, name(&world));
    let running = world.start();
    server.batch_execute(&format!("ALTER DATABASE {name} ALLOW_CONNECTIONS false")).await.unwrap();
    hang_up(&server, &name).await;
    world.publish_transfers(1..=5).await;
    world.wait_consumers(0).await;
    running.stop().await;
    world.wait_ready(5).await;
}

#[tokio::test]
async fn without_a_place_for_dead_letters_nothing_is_lost() {
    let world = World::without_dead_letters().await;
    let mut bad = world.message(&world.transfer(1_000));
    bad.properties.message_type = Some("Nonsense".to_owned());
    // A single worker keeps their order: after the effect of the last one, all are dealt with.
    world.publish(&[bad, world.message(&world.transfer(1))]).await;
    let running = world.start_with(Config { workers: 1, ..world.config() });
    world.wait_unmet(&["workers"]).await;
    world.wait_consumers(0).await;
    world.wait_ready(2).await;

    world.declare_dead_letters().await;
    until("the dead letter", async || {
        topology::queue_status(&world.url, DEAD_LETTERS).await.unwrap().unwrap().ready == 1
    })
    .await;
    world.wait_unmet(&[]).await;
    world.publish_transfers(2..=2).await;
    world.wait_stored(2).await;
    running.stop().await;
    world.assert_stored_once(2).await;
    world.assert_all_acknowledged().await;
}

#[tokio::test]
async fn a_lost_connection_to_the_broker_is_made_anew() {
    let world = World::new().await;
    let running = world.start();
    world.publish_transfers(1..=1_000).await;
    // The connections of the test, too.
    until("connections to close", async || world.broker.api().close_connections().await.unwrap() >= 2).await;
    world.publish_transfers(1_001..=2_000).await;
    world.wait_stored(2_000).await;
    world.wait_unmet(&[]).await;
    running.stop().await;
    world.drain().await;
    world.assert_stored_once(2_000).await;
}
