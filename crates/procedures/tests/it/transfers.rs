use chrono::TimeDelta;
use creditors_procedures::{
    client::{Policy, Refused},
    transfers::{self, Creation, Deletion, Error},
};
use domain::{
    AccountKey, CreditorId, DebtorId,
    incoming::{Incoming, PreparedTransfer},
    usage::Limits,
};
use persistence::running_transfer;

use super::{
    client::{LIMITS, forbidding_policy, payment, pin, policy, trusted, uuid, with_pin},
    seed::{C, World, key},
};

/// processing §18 row 20.
#[tokio::test]
async fn a_transfer_is_initiated_once() {
    let world = World::new().await;
    let mut request = payment(key(5), 1);
    request.deadline = Some(world.now + TimeDelta::milliseconds(1_000_900));
    request.locked_amount = 7;
    let Creation::Created(created) = world.pay(&request).await else { panic!("a new transfer") };
    let mut conn = world.db.conn().await.unwrap();
    assert_eq!(running_transfer::get(&mut conn, C, uuid(1)).await.unwrap().unwrap(), *created);
    assert_eq!(
        world
            .rows("SELECT max_commit_delay, s.recipient, s.locked_amount, s.debtor_id, s.inserted_at = t.initiated_at, s.final_interest_rate_ts = t.final_interest_rate_ts FROM prepare_transfer_signal AS s JOIN running_transfer AS t USING (creditor_id, coordinator_request_id)")
            .await,
        ["(1000,bob,7,5,t,t)"]
    );
    assert_eq!(
        world
            .rows("SELECT object_type_hint, object_update_id, is_deleted, object_type, added_at = latest_update_ts FROM pending_log_entry JOIN running_transfer USING (creditor_id, transfer_uuid)")
            .await,
        ["(1,1,,,t)"]
    );
    assert_eq!(world.counters().await, ["(0,1,0,1)"]);
    // The PIN was locked by the same transaction, although it was the first to use its connection.
    assert_eq!(world.rows("SELECT i.xmax = t.xmin FROM pin_info AS i, running_transfer AS t").await, ["(t)"]);

    assert_eq!(world.pay(&request).await, Creation::Exists);
    request.amount += 1;
    let policy = policy();
    let conflict = transfers::create(&world.db, trusted(&policy, world.now), &request).await;
    assert!(matches!(conflict, Err(Error::TransferConflict)));
    assert_eq!(world.number("SELECT count(*) FROM prepare_transfer_signal").await, 1);
    assert_eq!(world.counters().await, ["(0,1,0,1)"]);
}

#[tokio::test]
async fn only_active_creditors_initiate_transfers() {
    let world = World::new().await;
    let policy = policy();
    let nobody = payment(AccountKey::new(CreditorId::new(77), DebtorId::new(5)), 1);
    let refused = transfers::create(&world.db, trusted(&policy, world.now), &nobody).await;
    assert!(matches!(refused, Err(Error::CreditorDoesNotExist)));
    let refused = transfers::create(&world.db, with_pin(&policy, None, world.now), &nobody).await;
    assert!(matches!(refused, Err(Error::Refused(Refused::CreditorDoesNotExist))));
    let mut tx = world.db.begin("test").await.unwrap();
    creditors_procedures::creditors::deactivate(&mut tx, C, world.now).await.unwrap();
    tx.commit().await.unwrap();
    let refused = transfers::create(&world.db, trusted(&policy, world.now), &payment(key(5), 1)).await;
    assert!(matches!(refused, Err(Error::CreditorDoesNotExist)));
    assert_eq!(world.number("SELECT count(*) FROM running_transfer").await, 0);
}

#[tokio::test]
async fn a_creditor_may_not_initiate_too_many() {
    let world = World::new().await;
    let policy = Policy { limits: Limits { transfers: 2, initiations: 3, ..LIMITS }, ..policy() };
    let create = async |n, now| transfers::create(&world.db, trusted(&policy, now), &payment(key(5), n)).await;
    let delete = async |n| transfers::delete(&world.db, trusted(&policy, world.now), C, uuid(n)).await.unwrap();
    create(1, world.now).await.unwrap();
    create(2, world.now).await.unwrap();
    let refused = create(3, world.now).await;
    assert!(matches!(refused, Err(Error::Refused(Refused::UsageLimit))));
    assert!(matches!(create(1, world.now).await, Err(Error::Refused(Refused::UsageLimit))), "even if it exists");
    assert_eq!(delete(1).await, Deletion::Deleted);
    assert_eq!(delete(1).await, Deletion::Absent);
    create(3, world.now).await.unwrap();
    assert_eq!(delete(2).await, Deletion::Deleted);
    assert_eq!(world.counters().await, ["(0,1,0,3)"]);
    let later = world.now + TimeDelta::hours(167);
    assert!(matches!(create(4, later).await, Err(Error::Refused(Refused::UsageLimit))), "too many in one week");
    create(4, later + TimeDelta::hours(1)).await.unwrap();
    assert_eq!(world.counters().await, ["(0,2,0,1)"]);
    assert_eq!(
        world.number("SELECT count(*) FROM pending_log_entry WHERE is_deleted AND object_update_id IS NULL").await,
        2
    );
}

#[tokio::test]
async fn a_wrong_pin_counts_whatever_becomes_of_the_request() {
    let world = World::new().await;
    let (policy, none) = (policy(), forbidding_policy());
    world.set_pin("1234").await;
    let (right, wrong) = (pin("1234"), pin("4321"));
    let failures = "SELECT cfa, afa, status FROM pin_info";
    let pay = async |pin, n| transfers::create(&world.db, with_pin(&policy, pin, world.now), &payment(key(5), n)).await;
    assert!(matches!(pay(None, 1).await, Err(Error::Refused(Refused::WrongPin))));
    assert_eq!(world.rows(failures).await, ["(0,0,1)"], "no PIN is not counted");
    let limited = transfers::create(&world.db, with_pin(&none, Some(&wrong), world.now), &payment(key(5), 1)).await;
    assert!(matches!(limited, Err(Error::Refused(Refused::UsageLimit))));
    assert_eq!(world.rows(failures).await, ["(0,0,1)"], "the limit comes first");
    assert!(matches!(pay(Some(&wrong), 1).await, Err(Error::Refused(Refused::WrongPin))));
    assert_eq!(world.rows(failures).await, ["(1,1,1)"]);
    assert_eq!(world.number("SELECT count(*) FROM running_transfer").await, 0);
    pay(Some(&right), 1).await.unwrap();
    assert_eq!(world.rows(failures).await, ["(0,1,1)"]);

    assert!(matches!(pay(Some(&wrong), 1).await, Err(Error::Refused(Refused::WrongPin))));
    let mut other = payment(key(5), 1);
    other.amount = 5;
    let conflict = transfers::create(&world.db, with_pin(&policy, Some(&right), world.now), &other).await;
    assert!(matches!(conflict, Err(Error::TransferConflict)));
    assert_eq!(world.rows(failures).await, ["(0,2,1)"], "the right PIN was seen, though the request was refused");
    assert_eq!(world.counters().await, ["(0,1,1,1)"]);
}

#[tokio::test]
async fn a_transfer_is_canceled_unless_it_was_prepared() {
    let world = World::new().await;
    let missing = transfers::cancel(&world.db, C, uuid(1), world.now).await;
    assert!(matches!(missing, Err(Error::TransferDoesNotExist)));
    world.pay(&payment(key(5), 1)).await;
    let later = world.now + TimeDelta::seconds(5);
    let canceled = transfers::cancel(&world.db, C, uuid(1), later).await.unwrap();
    assert_eq!(canceled.error_code.as_deref(), Some("CANCELED_BY_THE_SENDER"));
    assert_eq!((canceled.finalized_at, canceled.latest_update_id), (Some(later), 2));
    let again = transfers::cancel(&world.db, C, uuid(1), later + TimeDelta::seconds(5)).await.unwrap();
    assert_eq!(again, canceled);
    assert_eq!(
        world
            .rows("SELECT object_update_id, data_error_code, data_finalized_at = finalized_at FROM pending_log_entry JOIN running_transfer USING (creditor_id, transfer_uuid) ORDER BY 1")
            .await,
        ["(1,,)", "(2,CANCELED_BY_THE_SENDER,t)"]
    );
    assert_eq!(world.number("SELECT count(*) FROM finalize_transfer_signal").await, 0);

    // processing §18 row 24
    let Creation::Created(transfer) = world.pay(&payment(key(5), 2)).await else { panic!("a new transfer") };
    world.apply(&[prepared(transfer.coordinator_request_id)]).await;
    let refused = transfers::cancel(&world.db, C, uuid(2), later).await;
    assert!(matches!(refused, Err(Error::NotCancelable(_))));
}

pub(crate) fn prepared(coordinator_request_id: i64) -> Incoming {
    Incoming::PreparedTransfer(PreparedTransfer {
        account: key(5),
        transfer_id: 71,
        coordinator_id: C,
        coordinator_request_id,
        locked_amount: 0,
        recipient: "bob".to_owned(),
    })
}
