//! Creditors and transfers, as far as no transcript can tell (webapi §12.1, §12.2, §12.6).

use futures::future::join_all;
use serde_json::{Value, json};

use crate::{
    app::{Answer, JSON},
    world::{PIN_REQUIRED, World},
};

/// Of the two valid ids, only one belongs to a shard with a longer routing key.
const TWO_IDS: [(&str, &str); 2] = [("MIN_CREDITOR_ID", "4294967296"), ("MAX_CREDITOR_ID", "4294967297")];

async fn reserve_any(world: &World) -> Answer {
    world.web.send_body("POST", "/creditors/.creditor-reserve", &[JSON], b"{}").await
}

#[actix_web::test]
async fn random_ids_are_found_until_none_is_left() {
    let world = World::with(&TWO_IDS).await;
    let first = reserve_any(&world).await;
    assert_eq!((first.status, &first.json()["creditorId"]), (200, &json!("4294967297")));
    let second = reserve_any(&world).await;
    assert_eq!(second.status, 500);
    assert!(second.json()["message"].is_string(), "{second:?}");
    assert_eq!(world.rows("SELECT count(*) FROM creditor").await, ["2"]);
}

#[actix_web::test]
async fn random_ids_of_other_shards_are_not_reserved() {
    let foreign = [("MIN_CREDITOR_ID", "4294967297"), ("MAX_CREDITOR_ID", "4294967297")];
    for routing_key in ["0.#", "1.#"] {
        let more = [&foreign[..], &[("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", routing_key)]].concat();
        let world = World::with(&more).await;
        let is_own = world.web.send("GET", "/creditors/4294967297/wallet", &[("X-Swpt-User-Id", "creditors:1")]).await;
        let answer = reserve_any(&world).await;
        // 403: the id is valid, but somebody else's. 404: it is not valid.
        match is_own.status {
            403 => assert_eq!(answer.status, 200),
            404 => {
                assert_eq!(answer.status, 500);
                assert!(answer.json()["message"].is_string(), "{answer:?}");
                assert_eq!(world.rows("SELECT count(*) FROM creditor WHERE creditor_id = 4294967297").await, ["0"]);
            }
            status => panic!("{status}"),
        }
    }
}

#[actix_web::test]
async fn creditors_of_other_shards_are_not_listed_but_passed_over() {
    let world = World::new().await;
    for id in 4_294_967_297_i64..4_294_967_304 {
        let path = format!("/creditors/{id}/activate");
        assert_eq!(world.web.send_body("POST", &path, &[JSON], b"{}").await.status, 200);
    }
    let mut listed = Vec::new();
    for routing_key in ["0.#", "1.#"] {
        let shard = world.again(&[("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", routing_key), ("APP_CREDITORS_PER_PAGE", "1")]);
        let mut next = Some("/creditors/9223372036854775808/enumerate".to_owned());
        let mut pages = 0;
        while let Some(path) = next {
            let page = shard.send("GET", &path, &[]).await.json();
            let uris = page["items"].as_array().unwrap().iter().map(|item| item["uri"].as_str().unwrap().to_owned());
            listed.extend(uris);
            next = page["next"].as_str().map(str::to_owned);
            pages += 1;
        }
        assert_eq!(pages, 8, "pages are counted before foreign creditors are dropped");
    }
    listed.sort();
    let all: Vec<_> = (4_294_967_296_i64..4_294_967_304).map(|id| format!("/creditors/{id}/")).collect();
    assert_eq!(listed, all);
}

#[actix_web::test]
async fn of_simultaneous_activations_one_succeeds() {
    let world = World::new().await;
    let send = || world.web.send_body("POST", "/creditors/4294967297/activate", &[JSON], b"{}");
    let mut statuses: Vec<_> =
        join_all((0..16).map(|_| send())).await.into_iter().map(|answer| answer.status).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [vec![200], vec![409; 15]].concat());
    assert_eq!(world.rows("SELECT count(*) FROM pin_info WHERE creditor_id = 4294967297").await, ["1"]);
}

fn payment() -> Value {
    json!({
        "type": "TransferCreationRequest", "transferUuid": "123e4567-e89b-12d3-a456-426655440000", "amount": 1000,
        "recipient": {"uri": "swpt:1/a"},
    })
}

#[actix_web::test]
async fn a_payment_with_a_wrong_pin_is_not_made_but_the_attempt_counts() {
    let world = World::new().await;
    world.set_pin("1234").await;
    let mut payment = payment();
    payment["pin"] = json!("4321");
    let answer = world.send_with(&[PIN_REQUIRED], "POST", "transfers/", &payment).await;
    assert_eq!((answer.status, world.pin_failures().await.as_str()), (403, "1,1"));
    assert_eq!(world.rows("SELECT count(*) FROM running_transfer").await, ["0"]);
    payment["pin"] = json!("1234");
    let answer = world.send_with(&[PIN_REQUIRED], "POST", "transfers/", &payment).await;
    assert_eq!((answer.status, world.pin_failures().await.as_str()), (201, "0,1"));
}

#[actix_web::test]
async fn prepared_transfers_cannot_be_canceled() {
    let world = World::new().await;
    assert_eq!(world.status("POST", "transfers/", &payment()).await, 201);
    world.sql("UPDATE running_transfer SET transfer_id = 5").await;
    let path = "transfers/123e4567-e89b-12d3-a456-426655440000";
    assert_eq!(world.status("POST", path, &json!({})).await, 403);
    assert!(world.read(path).await.get("result").is_none());
}

#[actix_web::test]
async fn former_creditors_have_only_a_log() {
    let world = World::new().await;
    let answer = world.web.send("POST", "/creditors/4294967296/deactivate", &[]).await;
    assert_eq!((answer.status, answer.body.as_str()), (204, ""));
    let expected =
        [("", 403), ("wallet", 404), ("pin", 404), ("accounts-list", 404), ("transfers-list", 404), ("log", 200)];
    for (path, status) in expected {
        assert_eq!(world.get(path).await.status, status, "{path}");
    }
    assert_eq!(world.status("POST", "transfers/", &payment()).await, 404);
    assert_eq!(world.web.send("GET", "/creditors/4294967297/log", &[]).await.status, 404);
}

/// What needs nothing to be said needs no body either (webapi §4.1).
#[actix_web::test]
async fn requests_without_a_body() {
    let world = World::new().await;
    assert_eq!(world.status("POST", "transfers/", &payment()).await, 201);
    for path in [
        "4294967297/reserve",
        "4294967298/activate",
        "4294967296/transfers/123e4567-e89b-12d3-a456-426655440000",
        ".creditor-reserve",
    ] {
        let answer = world.web.send("POST", &format!("/creditors/{path}"), &[]).await;
        assert_eq!(answer.status, 200, "{path}: {}", answer.body);
    }
}

#[actix_web::test]
async fn a_new_life_goes_on_with_the_old_log() {
    let world = World::new().await;
    world
        .sql(
            "INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type, object_uri) \
             VALUES (4294967297, 41, 'epoch', 'X', '/x')",
        )
        .await;
    let send = async |path: &str, body: &Value| {
        let path = format!("/creditors/4294967297/{path}");
        world.web.send_body("POST", &path, &[JSON], body.to_string().as_bytes()).await
    };
    let reservation = send("reserve", &json!({})).await.json()["reservationId"].clone();
    assert_eq!(send("activate", &json!({"reservationId": reservation})).await.status, 200);
    assert_eq!(send("accounts/", &json!({"uri": "swpt:1"})).await.status, 201);
    let page = world.web.send("GET", "/creditors/4294967297/log?prev=40", &[]).await.json();
    let ids: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["entryId"].clone()).collect();
    assert_eq!(ids, [41, 43, 44]);
    assert_eq!(page["forthcoming"], "?prev=44");
}
