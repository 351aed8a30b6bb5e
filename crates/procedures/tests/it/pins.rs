use chrono::TimeDelta;
use creditors_procedures::{
    accounts::{self, config, display, exchange},
    client::{Client, Refused},
    pins::{self, Error},
};
use domain::pin::{ChangeRequest, NewPin, Pin, Salt, Status};
use persistence::pin_info;

use super::{
    client::{forbidding_policy, named, pin, policy, scheduled_for_deletion, trusted, with_pin},
    seed::{C, World, key},
};

fn change(status: Status, new_pin: Option<&Pin>, update_id: i64) -> ChangeRequest {
    let new_pin = new_pin.map(|pin| NewPin::new(pin, Salt::from_random([9; 6]), &policy().pin_secret));
    ChangeRequest::new(status, new_pin, update_id).unwrap()
}

#[tokio::test]
async fn a_pin_is_set_changed_and_removed() {
    let world = World::new().await;
    let policy = policy();
    let (old, new) = (pin("1234"), pin("0123456789"));
    let request = change(Status::On, Some(&old), 2);
    let info = pins::update(&world.db, with_pin(&policy, None, world.now), C, &request).await.unwrap();
    assert_eq!((info.status, info.latest_update_id, info.pin_length), (Status::On, 2, 4));
    let stored = pin_info::get(&mut world.db.conn().await.unwrap(), C).await.unwrap().unwrap();
    assert_eq!(format!("{stored:?}"), format!("{info:?}"));
    assert!(stored.pin_hmac.unwrap().matches(&info.pin_hmac.unwrap()));
    assert_eq!(
        world
            .rows("SELECT object_type, object_update_id, added_at = latest_update_ts FROM pending_log_entry, pin_info")
            .await,
        ["(PinInfo,2,t)"]
    );

    let to_new = |id| change(Status::On, Some(&new), id);
    let update = async |given, request: ChangeRequest| {
        pins::update(&world.db, with_pin(&policy, given, world.now), C, &request).await
    };
    assert!(matches!(update(Some(&new), to_new(2)).await, Err(Error::UpdateConflict)), "a repetition is a conflict");
    let failures = "SELECT cfa, afa FROM pin_info";
    assert_eq!(world.rows(failures).await, ["(0,0)"], "the update id is looked at before the PIN");
    assert!(matches!(update(Some(&new), to_new(3)).await, Err(Error::Refused(Refused::WrongPin))));
    assert!(matches!(update(None, to_new(3)).await, Err(Error::Refused(Refused::WrongPin))));
    assert_eq!(world.rows(failures).await, ["(1,1)"]);
    update(Some(&old), to_new(3)).await.unwrap();
    assert_eq!(world.rows(failures).await, ["(0,1)"], "accumulated failures stay");
    let off = update(Some(&new), change(Status::Off, None, 4)).await.unwrap();
    assert_eq!((off.status, off.pin_length), (Status::Off, 0));
    assert!(off.pin_hmac.is_none() && off.pin_salt.is_none());
    assert_eq!(world.counters().await, ["(0,0,3,0)"]);

    let none = forbidding_policy();
    let limited = pins::update(&world.db, trusted(&none, world.now), C, &to_new(5)).await;
    assert!(matches!(limited, Err(Error::Refused(Refused::UsageLimit))));
    let unknown = domain::CreditorId::new(77);
    let missing = pins::update(&world.db, trusted(&policy, world.now), unknown, &to_new(2)).await;
    assert!(matches!(missing, Err(Error::Refused(Refused::CreditorDoesNotExist))));
}

#[tokio::test]
async fn three_wrong_pins_block_until_the_pin_is_reset() {
    let world = World::new().await;
    let policy = policy();
    world.open_account(key(1)).await;
    world.set_pin("1234").await;
    let (right, wrong) = (pin("1234"), pin("9999"));
    let account = world.account(key(1)).await;
    let request = scheduled_for_deletion(account.data.config.latest_update_id + 1);
    let wrong_pin = |error: accounts::Error| matches!(error, accounts::Error::Refused(Refused::WrongPin));
    let client = |pin| with_pin(&policy, Some(pin), world.now);
    // All operations that ask for the PIN count in the same place, even for accounts that do not exist.
    let request_display =
        display::Request { appearance: named("x"), latest_update_id: account.display.latest_update_id + 1 };
    let request_exchange = exchange::Request { policy: None, latest_update_id: 1 };
    assert!(wrong_pin(config::update(&world.db, client(&wrong), key(1), &request).await.unwrap_err()));
    assert!(wrong_pin(display::update(&world.db, client(&wrong), key(404), &request_display).await.unwrap_err()));
    assert!(wrong_pin(exchange::update(&world.db, client(&wrong), key(1), &request_exchange).await.unwrap_err()));
    assert_eq!(
        world.rows("SELECT status, cfa, afa, pin_length, pin_hmac IS NULL, latest_update_id FROM pin_info").await,
        ["(2,3,0,0,t,2)"]
    );
    assert!(wrong_pin(config::update(&world.db, client(&right), key(1), &request).await.unwrap_err()));
    assert_eq!(world.number("SELECT cfa::bigint FROM pin_info").await, 3, "a blocked PIN does not count");
    let blocked = pins::update(&world.db, client(&right), C, &change(Status::On, Some(&right), 3)).await;
    assert!(matches!(blocked, Err(Error::Refused(Refused::WrongPin))));
    pins::update(&world.db, trusted(&policy, world.now), C, &change(Status::On, Some(&right), 3)).await.unwrap();
    config::update(&world.db, client(&right), key(1), &request).await.unwrap();
}

#[tokio::test]
async fn the_right_pin_forgives_even_if_the_request_is_refused() {
    let world = World::new().await;
    let policy = policy();
    world.set_pin("1234").await;
    let (right, wrong) = (pin("1234"), pin("9999"));
    let try_config = async |given: &Pin, now| {
        let client = Client { now, ..with_pin(&policy, Some(given), world.now) };
        config::update(&world.db, client, key(404), &scheduled_for_deletion(1)).await.unwrap_err()
    };
    let state = "SELECT cfa, afa FROM pin_info";
    try_config(&wrong, world.now).await;
    try_config(&wrong, world.now).await;
    assert_eq!(world.rows(state).await, ["(2,2)"]);
    assert!(matches!(try_config(&right, world.now).await, accounts::Error::AccountDoesNotExist));
    assert_eq!(world.rows(state).await, ["(0,2)"]);
    try_config(&wrong, world.now + TimeDelta::days(7)).await;
    assert_eq!(world.rows(state).await, ["(1,1)"], "old failures are forgotten");
}
