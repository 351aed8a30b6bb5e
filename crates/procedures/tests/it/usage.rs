//! The database counts as `domain` says (database §7).

use domain::usage::{Counters, EventCount, Hour};
use persistence::{
    admission,
    usage_stats::{self, Clock, Event},
};

use super::seed::{C, World};

const EVENTS: [Event; 5] =
    [Event::AccountCreated, Event::AccountDeleted, Event::Reconfigured, Event::TransferCreated, Event::TransferDeleted];

/// What `domain` makes of an event.
fn expected(row: Counters, event: Event, Clock { hour, clear_hours }: Clock) -> Counters {
    match event {
        Event::AccountCreated => row.register_account_creation(hour, clear_hours),
        Event::AccountDeleted => row.change_accounts(-1),
        Event::Reconfigured => row.register_reconfig(hour, clear_hours),
        Event::TransferCreated => row.register_transfer_creation(hour, clear_hours),
        Event::TransferDeleted => row.change_transfers(-1),
    }
}

#[tokio::test]
async fn the_database_counts_like_the_rules() {
    let world = World::new().await;
    let (least, most) = (i16::MIN, i16::MAX);
    let rows = [
        None,
        Some((0, 0, 0, 0, 0, 0)),
        Some((3, 4, 5, 1000, 6, 1000)),
        Some((3, 4, 5, 1001, 6, 1001)),
        Some((most, most, most, 2000, most, 2000)),
        Some((least, least, most, 1000, most, 1000)),
    ];
    for row in rows {
        for event in EVENTS {
            for clear_hours in [0, 168, i32::MAX, -5] {
                let clock = Clock { hour: Hour(1000), clear_hours };
                check(&world, row, event, clock).await;
            }
        }
    }
}

async fn check(world: &World, row: Option<(i16, i16, i16, i32, i16, i32)>, event: Event, clock: Clock) {
    world.sql("DELETE FROM usage_stats").await;
    let mut before = Counters::default();
    if let Some((accounts, transfers, reconfigs, reconfigs_reset, initiations, initiations_reset)) = row {
        let values = format!(
            "{}, {accounts}, {transfers}, {reconfigs}, {reconfigs_reset}, {initiations}, {initiations_reset}",
            C.get()
        );
        world.sql(&format!("INSERT INTO usage_stats VALUES ({values})")).await;
        before = Counters {
            accounts,
            transfers,
            reconfigs: EventCount { count: reconfigs, reset_at: reconfigs_reset },
            initiations: EventCount { count: initiations, reset_at: initiations_reset },
        };
    }
    let mut tx = world.db.begin("test").await.unwrap();
    usage_stats::register(&mut tx, C, event, clock);
    tx.flush().await.unwrap();
    let after = admission::to_pin(tx.share(), C).await.unwrap().usage;
    tx.commit().await.unwrap();
    assert_eq!(after, expected(before, event, clock), "{row:?} {event:?} {clock:?}");
}

#[tokio::test]
async fn nothing_is_counted_for_unknown_creditors() {
    let world = World::new().await;
    let clock = Clock { hour: Hour(1000), clear_hours: 168 };
    let mut tx = world.db.begin("test").await.unwrap();
    for event in EVENTS {
        usage_stats::register(&mut tx, domain::CreditorId::new(77), event, clock);
    }
    tx.commit().await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM usage_stats").await, 0);
}
