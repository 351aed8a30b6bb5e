//! What must hold when many do the same thing at once.

use creditors_procedures::{
    accounts::{self, Creation as AccountCreation, Deletion, Error, config, display, exchange},
    client::Refused,
    creditors, transfers,
};
use domain::{
    DebtorId,
    account::{Peg, Policy as ExchangePolicy, Refused as Undeletable},
};
use futures::future::{join, join_all};

use super::{
    client::{named, payment, pin, policy, scheduled_for_deletion, trusted, uuid, with_pin},
    seed::{C, World, key},
    transfers::prepared,
};

#[tokio::test]
async fn no_wrong_pin_gets_lost() {
    let world = World::new().await;
    let policy = policy();
    world.set_pin("0123456789").await;
    let (right, wrong) = (pin("0123456789"), pin("9999"));
    let guess = async |pin| {
        let client = with_pin(&policy, Some(pin), world.now);
        match config::update(&world.db, client, key(404), &scheduled_for_deletion(1)).await {
            Err(Error::Refused(Refused::WrongPin)) => false,
            Err(Error::AccountDoesNotExist) => true,
            other => panic!("{other:?}"),
        }
    };
    // One fewer than what blocks a PIN of 10 digits.
    let guessed = join_all((0..11).map(|_| guess(&wrong))).await;
    assert!(guessed.iter().all(|right| !right));
    assert_eq!(world.rows("SELECT status, cfa, afa FROM pin_info").await, ["(1,11,11)"]);
    assert!(guess(&right).await);

    // Somebody who tries all PINs at once gets no more tries than somebody who tries them one after the other.
    let guessed = join_all((0..100).map(|n| guess(if n < 50 { &wrong } else { &right }))).await;
    let last_right = guessed.iter().rposition(|right| *right).map_or(0, |last| last + 1);
    assert!(guessed[last_right..].iter().all(|right| !right));
    let guessed = join_all((0..100).map(|_| guess(&wrong))).await;
    assert!(guessed.iter().all(|right| !right));
    assert_eq!(world.rows("SELECT status, cfa, afa, pin_length FROM pin_info").await, ["(2,12,0,0)"]);
    assert!(!guess(&right).await);
}

#[tokio::test]
async fn identical_payments_are_made_once() {
    let world = World::new().await;
    let (policy, right) = (policy(), pin("1234"));
    let clients = [trusted(&policy, world.now), with_pin(&policy, Some(&right), world.now)];
    for (number, client) in (1..).zip(clients) {
        let request = payment(key(5), number);
        let outcomes = join_all((0..64).map(|_| transfers::create(&world.db, client, &request))).await;
        let created = outcomes.iter().filter(|outcome| matches!(outcome, Ok(transfers::Creation::Created(_)))).count();
        let existed = outcomes.iter().filter(|outcome| matches!(outcome, Ok(transfers::Creation::Exists))).count();
        assert_eq!((created, existed), (1, 63));
        assert_eq!(world.number("SELECT count(*) FROM running_transfer").await, i64::try_from(number).unwrap());
        assert_eq!(world.number("SELECT count(*) FROM prepare_transfer_signal").await, i64::try_from(number).unwrap());
        world.set_pin("1234").await;
    }
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry WHERE object_type_hint = 1").await, 2);
    assert_eq!(world.counters().await, ["(0,2,2,2)"]);
}

#[tokio::test]
async fn a_payment_is_either_canceled_or_committed() {
    let world = World::new().await;
    let (mut canceled, mut committed) = (0, 0);
    for number in 1..=40 {
        let transfers::Creation::Created(transfer) = world.pay(&payment(key(5), number)).await else {
            panic!("a new transfer")
        };
        let prepared = [prepared(transfer.coordinator_request_id)];
        let cancel = transfers::cancel(&world.db, C, uuid(number), world.now);
        // Some come surely first.
        let outcome = match number % 4 {
            0 => {
                let outcome = cancel.await;
                world.apply(&prepared).await;
                outcome
            }
            1 => {
                world.apply(&prepared).await;
                cancel.await
            }
            2 => join(cancel, world.apply(&prepared)).await.0,
            _ => join(world.apply(&prepared), cancel).await.1,
        };
        let sent = format!(
            "SELECT committed_amount FROM finalize_transfer_signal WHERE coordinator_request_id = {}",
            transfer.coordinator_request_id
        );
        match outcome {
            Ok(row) => {
                canceled += 1;
                assert_eq!(row.transfer_id, None);
                assert_eq!(world.number(&sent).await, 0);
            }
            Err(transfers::Error::NotCancelable(_)) => {
                committed += 1;
                assert_eq!(world.number(&sent).await, 1000);
            }
            Err(other) => panic!("{other:?}"),
        }
    }
    assert!(canceled >= 10 && committed >= 10, "{canceled} canceled, {committed} committed");
    assert_eq!(
        world
            .number("SELECT count(*) FROM running_transfer WHERE error_code IS NOT NULL AND transfer_id IS NOT NULL")
            .await,
        0
    );
}

#[tokio::test]
async fn of_two_updates_one_wins() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    let id = world.open_account(key(1)).await.display.latest_update_id;
    for latest_update_id in id + 1..id + 20 {
        let request = |name: &str| display::Request { appearance: named(name), latest_update_id };
        let (a, b) = (request(&format!("a{latest_update_id}")), request(&format!("b{latest_update_id}")));
        let outcomes =
            join(display::update(&world.db, client, key(1), &a), display::update(&world.db, client, key(1), &b)).await;
        let winner = match outcomes {
            (Ok(shown), Err(Error::UpdateConflict)) | (Err(Error::UpdateConflict), Ok(shown)) => shown,
            other => panic!("{other:?}"),
        };
        assert_eq!(world.account(key(1)).await.display, winner);
    }
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 19);
}

#[tokio::test]
async fn a_name_is_given_to_one_account_only() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    let ids = [
        world.open_account(key(1)).await.display.latest_update_id,
        world.open_account(key(2)).await.display.latest_update_id,
    ];
    for round in 1..=10 {
        let request = |id| display::Request { appearance: named(&format!("Bank {round}")), latest_update_id: id };
        let next = async |account, id| {
            let id = world.account(key(account)).await.display.latest_update_id.max(id) + 1;
            display::update(&world.db, client, key(account), &request(id)).await
        };
        match join(Box::pin(next(1, ids[0])), Box::pin(next(2, ids[1]))).await {
            (Ok(_), Err(Error::NameConflict)) | (Err(Error::NameConflict), Ok(_)) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn a_peg_never_dangles() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    world.open_account(key(1)).await;
    for round in 0..20 {
        world.open_account(key(2)).await;
        let latest_update_id = world.account(key(1)).await.exchange.latest_update_id + 1;
        let peg = Peg { exchange_rate: 1.0, debtor_id: DebtorId::new(2) };
        let request = exchange::Request {
            policy: Some(ExchangePolicy { peg: Some(peg), ..ExchangePolicy::default() }),
            latest_update_id,
        };
        let update = exchange::update(&world.db, client, key(1), &request);
        let delete = accounts::delete(&world.db, client, key(2));
        let outcomes = if round % 2 == 0 {
            join(update, delete).await
        } else {
            let (deleted, updated) = join(delete, update).await;
            (updated, deleted)
        };
        match outcomes {
            (Ok(_), Err(Error::Undeletable(Undeletable::Pegged))) => {
                let request = exchange::Request {
                    policy: Some(ExchangePolicy::default()),
                    latest_update_id: latest_update_id + 1,
                };
                exchange::update(&world.db, client, key(1), &request).await.unwrap();
                accounts::delete(&world.db, client, key(2)).await.unwrap();
            }
            (Err(Error::PegDoesNotExist), Ok(Deletion::Deleted)) => {}
            other => panic!("{other:?}"),
        }
    }
}

#[tokio::test]
async fn accounts_are_created_once_and_the_log_has_no_gaps() {
    let world = World::new().await;
    let policy = policy();
    let client = trusted(&policy, world.now);
    let create = join_all((0..24).map(|n| accounts::create(&world.db, client, key(n % 3))));
    let log = async {
        for number in 1..=10 {
            world.pay(&payment(key(5), number)).await;
            world.add_to_logs().await;
        }
    };
    let (created, ()) = join(create, log).await;
    let new = created.iter().filter(|outcome| matches!(outcome, Ok(AccountCreation::Created(_)))).count();
    let old = created.iter().filter(|outcome| matches!(outcome, Ok(AccountCreation::Exists))).count();
    assert_eq!((new, old), (3, 21));
    world.add_to_logs().await;
    let gapless = "SELECT count(*) FROM log_entry, creditor WHERE TRUE \
        GROUP BY last_log_entry_id HAVING max(entry_id) = count(*) AND last_log_entry_id = count(*)";
    assert_eq!(world.number(gapless).await, 3 * 2 + 10 * 2);
    assert_eq!(world.rows("SELECT accounts_count, transfers_count FROM usage_stats").await, ["(3,10)"]);
}

#[tokio::test]
async fn nothing_is_left_of_a_deactivated_creditor() {
    for round in 0..4 {
        let world = World::new().await;
        let (policy, right) = (policy(), pin("1234"));
        world.open_account(key(5)).await;
        let client =
            if round % 2 == 0 { trusted(&policy, world.now) } else { with_pin(&policy, Some(&right), world.now) };
        let requests: Vec<_> = (1..=20).map(|number| payment(key(5), number)).collect();
        let pay = join_all(requests.iter().map(|request| transfers::create(&world.db, client, request)));
        let id = world.account(key(5)).await.data.config.latest_update_id;
        let wish = scheduled_for_deletion(id + 1);
        let configure = config::update(&world.db, client, key(5), &wish);
        let deactivate = world.db.retrying("test", async || {
            let mut tx = world.db.begin("test").await?;
            creditors::deactivate(&mut tx, C, world.now).await?;
            tx.commit().await?;
            Ok::<_, creditors::Error>(())
        });
        let (outcomes, (configured, deactivated)) = join(pay, join(configure, deactivate)).await;
        deactivated.unwrap();
        assert!(matches!(
            configured,
            Ok(_) | Err(Error::AccountDoesNotExist | Error::Refused(Refused::CreditorDoesNotExist))
        ));
        for outcome in outcomes {
            assert!(matches!(
                outcome,
                Ok(transfers::Creation::Created(_))
                    | Err(transfers::Error::CreditorDoesNotExist
                        | transfers::Error::Refused(Refused::CreditorDoesNotExist))
            ));
        }
        assert_eq!(world.number("SELECT count(*) FROM running_transfer").await, 0);
        assert_eq!(world.number("SELECT count(*) FROM account_data").await, 0);
    }
}
