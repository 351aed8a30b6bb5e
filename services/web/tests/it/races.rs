//! What must hold when many do the same thing at once.

use std::collections::BTreeMap;

use domain::{
    AccountKey, CreditorId, DebtorId,
    incoming::{Incoming, PreparedTransfer},
    sharding::{Realm, Shard},
};
use futures::future::{join, join_all, join3};
use persistence::{Db, Tx};
use procedures::{incoming, log_additions};
use serde_json::{Value, json};

use crate::{
    accounts::bodies::{CHANGEABLE, GUARDED, change, update_id, with, without},
    app::{Answer, Header},
    world::{C, PIN_REQUIRED, World},
};

const UUID: &str = "123e4567-e89b-12d3-a456-426655440000";

fn payment(uuid: &str, pin: &str) -> Value {
    json!({
        "type": "TransferCreationRequest", "transferUuid": uuid, "amount": 1000, "recipient": {"uri": "swpt:5/bob"},
        "note": "x", "pin": pin,
    })
}

/// How many answers have each of the statuses.
fn tally(answers: &[Answer]) -> BTreeMap<u16, usize> {
    answers.iter().fold(BTreeMap::new(), |mut tally, answer| {
        *tally.entry(answer.status).or_default() += 1;
        tally
    })
}

impl World {
    async fn number(&self, query: &str) -> i64 {
        self.rows(query).await.concat().parse().unwrap()
    }
}

#[actix_web::test]
async fn of_identical_payments_one_is_made() {
    let world = World::new().await;
    world.set_pin("1234").await;
    let modes: [(&[Header<'_>], &str); 2] = [(&[], UUID), (&[PIN_REQUIRED], "123e4567-e89b-12d3-a456-426655440001")];
    for (number, (headers, uuid)) in (1..).zip(modes) {
        let payment = payment(uuid, "1234");
        let answers = join_all((0..64).map(|_| world.send_with(headers, "POST", "transfers/", &payment))).await;
        assert_eq!(tally(&answers), BTreeMap::from([(201, 1), (303, 63)]));
        let location = format!("http://example.com/creditors/4294967296/transfers/{uuid}");
        assert!(answers.iter().all(|answer| answer.header("location") == Some(&location)), "{answers:?}");
        assert_eq!(world.number("SELECT count(*) FROM running_transfer").await, number);
        assert_eq!(world.number("SELECT count(*) FROM prepare_transfer_signal").await, number);
        assert_eq!(world.number("SELECT count(*) FROM pending_log_entry WHERE object_type_hint = 1").await, number);
        assert_eq!(world.counters().await, [format!("0,{number},0,{number}")]);
    }
}

/// Requests with that PIN, each of another kind.
async fn guess(world: &World, number: usize, pin: &str) -> Answer {
    let (method, path, body) = match number % 5 {
        0 => ("POST", "transfers/".to_owned(), payment(UUID, pin)),
        1 => ("PATCH", "pin".to_owned(), json!({"status": "off", "latestUpdateId": 2, "pin": pin})),
        part => {
            let part = GUARDED[part - 2];
            ("PATCH", format!("accounts/1/{part}"), with(&change(part, 1), "pin", json!(pin)))
        }
    };
    world.send_with(&[PIN_REQUIRED], method, &path, &body).await
}

#[actix_web::test]
async fn guessing_faster_gives_no_more_guesses() {
    let world = World::new().await;
    world.open_account(1).await;
    // After so many wrong PINs in a row, PINs of these lengths are blocked.
    for (right, most) in [("1234", 3), ("1234567890", 12)] {
        world.sql("UPDATE pin_info SET cfa = 0, afa = 0").await;
        world.set_pin(right).await;
        let answers = join_all((0..most - 1).map(|number| guess(&world, number, "9876"))).await;
        assert_eq!(tally(&answers), BTreeMap::from([(403, most - 1)]));
        assert_eq!(world.pin_failures().await, format!("{0},{0}", most - 1), "every one is counted");

        let answers = join_all((0..100).map(|number| guess(&world, number, "9876"))).await;
        assert_eq!(tally(&answers), BTreeMap::from([(403, 100)]));
        let state = "SELECT status, cfa, afa, pin_length, pin_hmac FROM pin_info";
        assert_eq!(world.rows(state).await, [format!("2,{most},0,0,-")], "none is counted after the one that blocks");
        for number in 0..5 {
            assert_eq!(guess(&world, number, right).await.status, 403);
        }
    }
    assert_eq!(world.number("SELECT count(*) FROM running_transfer").await, 0);
}

#[actix_web::test]
async fn a_right_pin_among_wrong_ones_does_not_hide_them() {
    let world = World::new().await;
    world.open_account(1).await;
    world.set_pin("1234").await;
    let guesses = (0..100).map(|number| guess(&world, number * 5, if number % 10 == 9 { "1234" } else { "9876" }));
    let answers = join_all(guesses).await;
    assert!(answers.iter().all(|answer| matches!(answer.status, 201 | 303 | 403)), "{:?}", tally(&answers));
    // However they were interleaved: a right PIN ends a row of wrong ones, but not their sum, of which 10 block.
    assert_eq!(world.rows("SELECT status, afa, pin_length FROM pin_info").await, ["2,0,0"]);
    assert_eq!(guess(&world, 0, "1234").await.status, 403);
}

async fn begin(database: &Db) -> Tx {
    database.begin("test").await.unwrap()
}

/// What the consumer does with a PreparedTransfer.
async fn prepare(world: &World, database: &Db, coordinator_request_id: i64, transfer_id: i64) {
    let message = Incoming::PreparedTransfer(PreparedTransfer {
        account: AccountKey::new(C, DebtorId::new(5)),
        transfer_id,
        coordinator_id: C,
        coordinator_request_id,
        locked_amount: 0,
        recipient: "bob".to_owned(),
    });
    let shard = Shard::new(CreditorId::new(i64::MIN), CreditorId::new(i64::MAX), Realm::EVERYTHING);
    let context = incoming::Context { shard, log_retention: chrono::TimeDelta::days(30) };
    let mut tx = begin(database).await;
    incoming::apply(&mut tx, &[message], &context, world.now()).await.unwrap();
    tx.commit().await.unwrap();
}

#[actix_web::test]
async fn a_payment_is_either_canceled_or_committed() {
    let world = World::new().await;
    let database = world.connect();
    let mut outcomes = BTreeMap::new();
    for number in 1..=30 {
        let uuid = format!("123e4567-e89b-12d3-a456-{number:012}");
        assert_eq!(world.status("POST", "transfers/", &payment(&uuid, "1234")).await, 201);
        let row = format!("FROM running_transfer WHERE transfer_uuid = '{uuid}'");
        let request_id = world.number(&format!("SELECT coordinator_request_id {row}")).await;
        let path = format!("transfers/{uuid}");
        let cancel = async || world.send("POST", &path, &json!({"type": "TransferCancelationRequest"})).await;
        let prepare = prepare(&world, &database, request_id, number);
        // Some come surely first.
        let answer = match number % 3 {
            0 => {
                let answer = cancel().await;
                prepare.await;
                answer
            }
            1 => {
                prepare.await;
                cancel().await
            }
            _ => Box::pin(join(prepare, cancel())).await.1,
        };
        *outcomes.entry(answer.status).or_insert(0) += 1;
        let committed = format!(
            "SELECT committed_amount FROM finalize_transfer_signal WHERE coordinator_request_id = {request_id}"
        );
        let state = world.rows(&format!("SELECT transfer_id, error_code, finalized_at IS NOT NULL {row}")).await;
        match answer.status {
            200 => {
                assert_eq!(answer.json()["result"]["error"]["errorCode"], "CANCELED_BY_THE_SENDER");
                assert_eq!(state, ["-,CANCELED_BY_THE_SENDER,t"]);
                assert_eq!(world.rows(&committed).await, ["0"]);
            }
            403 => {
                assert_eq!(state, [format!("{number},-,f")]);
                assert_eq!(world.rows(&committed).await, ["1000"]);
            }
            status => panic!("{status}"),
        }
        // Whatever was said, it stays so.
        assert_eq!(cancel().await.status, answer.status);
    }
    assert!(outcomes[&200] >= 10 && outcomes[&403] >= 10, "{outcomes:?}");
}

#[actix_web::test]
async fn of_changes_with_the_same_update_id_one_wins() {
    let world = World::new().await;
    let account = world.open_account(1).await;
    for part in CHANGEABLE {
        let path = format!("accounts/1/{part}");
        let id = update_id(&account[part]);
        for latest_update_id in id + 1..=id + 6 {
            let bodies: Vec<_> = (0..4).map(|number| different(part, latest_update_id, number)).collect();
            let answers = join_all(bodies.iter().map(|body| world.send("PATCH", &path, body))).await;
            assert_eq!(tally(&answers), BTreeMap::from([(200, 1), (409, 3)]), "{part}");
            let winner = answers.iter().find(|answer| answer.status == 200).unwrap();
            assert_eq!(world.read(&path).await, winner.json(), "{part}");
        }
        let logged = format!("SELECT count(*) FROM pending_log_entry WHERE object_uri LIKE '%/{part}'");
        assert_eq!(world.number(&logged).await, 6, "{part}");
    }
    for latest_update_id in 2..=6 {
        let body = |pin| json!({"status": "on", "newPin": pin, "latestUpdateId": latest_update_id});
        let bodies = ["1111", "2222", "3333"].map(body);
        let answers = join_all(bodies.iter().map(|body| world.send("PATCH", "pin", body))).await;
        assert_eq!(tally(&answers), BTreeMap::from([(200, 1), (409, 2)]));
    }
    assert_eq!(update_id(&world.read("pin").await), 6);
}

/// One of many changes.
fn different(part: &str, latest_update_id: i64, number: usize) -> Value {
    let body = change(part, latest_update_id);
    match part {
        "config" => with(&body, "configData", json!(format!("{latest_update_id}/{number}"))),
        "display" => with(&body, "debtorName", json!(format!("{latest_update_id}/{number}"))),
        "exchange" => with(&without(&body, "peg"), "policy", json!(format!("{latest_update_id}/{number}"))),
        _ => with(&body, "mine", json!([latest_update_id, number])),
    }
}

#[actix_web::test]
async fn logs_have_no_gaps_and_update_ids_grow() {
    let world = World::new().await;
    let database = world.connect();
    let open_and_close = async || {
        for _ in 0..12 {
            let opened = world.send("POST", "accounts/", &json!({"uri": "swpt:1"})).await;
            assert!(matches!(opened.status, 201 | 303), "{opened:?}");
            let account = world.get("accounts/1/").await;
            if account.status == 200 {
                // Accounts without a name can always be deleted.
                let change = change("knowledge", update_id(&account.json()["knowledge"]) + 1);
                let changed = world.send("PATCH", "accounts/1/knowledge", &change).await;
                assert!(matches!(changed.status, 200 | 404 | 409), "{changed:?}");
            }
            let closed = world.send("DELETE", "accounts/1/", &Value::Null).await;
            assert_eq!(closed.status, 204, "{closed:?}");
        }
    };
    let fill_the_log = async || {
        for _ in 0..12 {
            let mut tx = begin(&database).await;
            log_additions::run(&mut tx, i64::MIN, 100).await.unwrap();
            tx.commit().await.unwrap();
        }
    };
    Box::pin(join3(open_and_close(), open_and_close(), fill_the_log())).await;
    fill_the_log().await;
    assert_eq!(world.number("SELECT count(*) FROM pending_log_entry").await, 0);

    let entries =
        "SELECT entry_id, object_type, object_update_id, coalesce(is_deleted, false) FROM log_entry ORDER BY 1";
    let entries = world.rows(entries).await;
    let (mut newest, mut lists, mut alive) = (0, 1, false);
    for (expected_id, entry) in (1_i64..).zip(&entries) {
        let [entry_id, object_type, object_update_id, is_deleted] =
            entry.split(',').collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(entry_id.parse(), Ok(expected_id));
        let object_update_id: i64 = object_update_id.parse().unwrap();
        match object_type {
            "AccountsList" => {
                assert_eq!(object_update_id, lists + 1);
                lists += 1;
            }
            "Account" => {
                assert!(object_update_id > newest, "{entry}: not above {newest}");
                newest = object_update_id;
                assert_eq!(is_deleted == "t", alive, "{entry}: opening and closing take turns");
                alive = !alive;
            }
            _ => {}
        }
    }
    assert!(!alive, "every life has ended");
    let last = world.number("SELECT last_log_entry_id FROM creditor").await;
    assert_eq!(Ok(last), i64::try_from(entries.len()));
    assert_eq!(world.counters().await.concat().split(',').next(), Some("0"), "all accounts are deleted");
    // The pages of the log tell the same.
    let mut seen = 0;
    loop {
        let page = world.read(&format!("log?prev={seen}")).await;
        for item in page["items"].as_array().unwrap() {
            seen += 1;
            assert_eq!(item["entryId"], seen);
        }
        if page.get("next").is_none() {
            assert_eq!(page["forthcoming"], format!("?prev={last}"));
            break;
        }
    }
    assert_eq!(seen, last);
}
