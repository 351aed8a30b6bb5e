//! Running transfers (webapi §12.6).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    accounts::bodies::{with, without},
    world::{NOW, PIN_REQUIRED, World},
};

const UUID: &str = "123e4567-e89b-12d3-a456-426655440000";
const PATH: &str = "transfers/123e4567-e89b-12d3-a456-426655440000";

fn payment() -> Value {
    json!({
        "type": "TransferCreationRequest", "transferUuid": UUID, "amount": 1000, "noteFormat": "f", "note": "ж",
        "recipient": {"type": "AccountIdentity", "uri": "swpt:5/!YWJj"},
        "options": {
            "type": "TransferOptions", "deadline": "2024-01-02T03:05:05.178901Z", "lockedAmount": 7,
            "finalInterestRateTimestamp": "2024-02-01T00:00:00Z",
        },
    })
}

impl World {
    /// Initiates a payment; the status.
    async fn pay(&self, payment: &Value) -> u16 {
        self.status("POST", "transfers/", payment).await
    }
}

#[actix_web::test]
async fn a_new_transfer() {
    let world = World::new().await;
    let answer = world.send("POST", "transfers/", &payment()).await;
    let location = format!("http://example.com/creditors/4294967296/{PATH}");
    assert_eq!((answer.status, answer.header("location")), (201, Some(location.as_str())));
    let expected = json!({
        "type": "Transfer", "uri": format!("/creditors/4294967296/{PATH}"), "transferUuid": UUID, "amount": 1000,
        "transfersList": {"uri": "/creditors/4294967296/transfers-list"}, "noteFormat": "f", "note": "ж",
        "recipient": {"type": "AccountIdentity", "uri": "swpt:5/!YWJj"},
        "options": {
            "type": "TransferOptions", "deadline": "2024-01-02T03:05:05.178901+00:00", "lockedAmount": 7,
            "finalInterestRateTimestamp": "2024-02-01T00:00:00+00:00",
        },
        "initiatedAt": NOW, "checkupAt": "2024-01-02T03:04:25.678901+00:00", "latestUpdateId": 1, "latestUpdateAt": NOW,
    });
    assert_eq!(answer.json(), expected);
    assert_eq!(world.read(PATH).await, expected);
    // The recipient is decoded; fractions of seconds are cut off.
    let signal = "SELECT debtor_id, recipient, locked_amount, max_commit_delay, \
        final_interest_rate_ts = '2024-02-01T00:00:00Z', inserted_at = '2024-01-02T03:04:05.678901Z', \
        coordinator_request_id = (SELECT coordinator_request_id FROM running_transfer) FROM prepare_transfer_signal";
    assert_eq!(world.rows(signal).await, ["5,abc,7,59,t,t,t"]);
    let logged = "SELECT object_type_hint, transfer_uuid, object_update_id, is_deleted, object_type, object_uri, \
        added_at = '2024-01-02T03:04:05.678901Z' FROM pending_log_entry";
    assert_eq!(world.rows(logged).await, [format!("1,{UUID},1,-,-,-,t")]);
    let writers = "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM running_transfer \
        UNION ALL SELECT xmin FROM pending_log_entry UNION ALL SELECT xmin FROM usage_stats \
        UNION ALL SELECT xmin FROM prepare_transfer_signal) AS written";
    assert_eq!(world.rows(writers).await, ["1"], "one transaction");
}

#[actix_web::test]
async fn deadlines() {
    let world = World::new().await;
    let cases = [
        ("2024-01-02T03:04:05.678901Z", 0),
        ("2024-01-02T03:04:06.678900Z", 0),
        ("2024-01-02T03:04:06.678901Z", 1),
        ("1999-01-01T00:00:00Z", 0),
        ("9999-12-31T23:59:59Z", 2_147_483_647),
    ];
    for (number, (deadline, delay)) in cases.into_iter().enumerate() {
        let uuid = format!("123e4567-e89b-12d3-a456-{number:012}");
        let payment = with(&with(&payment(), "options", json!({"deadline": deadline})), "transferUuid", json!(uuid));
        assert_eq!(world.pay(&payment).await, 201, "{deadline}");
        let newest =
            "SELECT max_commit_delay FROM prepare_transfer_signal ORDER BY coordinator_request_id DESC LIMIT 1";
        assert_eq!(world.rows(newest).await, [delay.to_string()], "{deadline}");
    }
    assert_eq!(world.pay(&without(&payment(), "options")).await, 201);
    let endless = "SELECT count(*) FROM prepare_transfer_signal WHERE max_commit_delay = 2147483647 \
        AND final_interest_rate_ts = '9999-12-31T23:59:59Z'";
    assert_eq!(world.rows(endless).await, ["2"]);
}

#[actix_web::test]
async fn repetitions() {
    let world = World::new().await;
    assert_eq!(world.pay(&payment()).await, 201);
    let options = |name: &str, value: Value| {
        let base = payment();
        with(&base, "options", with(&base["options"], name, value))
    };
    let same = [
        payment(),
        without(&payment(), "type"),
        with(&payment(), "transferUuid", json!(UUID.to_uppercase())),
        with(&payment(), "amount", json!("1000")),
        with(&payment(), "pin", json!("9999")),
        options("deadline", json!("2024-01-02T05:05:05.178901+02:00")),
        options("type", json!("anything")),
    ];
    for body in same {
        assert_eq!(world.pay(&body).await, 303, "{body}");
    }
    let recipient = |uri: &str| with(&payment(), "recipient", json!({"uri": uri}));
    let different = [
        with(&payment(), "amount", json!(1001)),
        recipient("swpt:5/b"),
        // The same account in other words.
        recipient("swpt:05/!YWJj"),
        recipient("swpt:5/abc"),
        recipient("swpt:1/!YWJj"),
        with(&payment(), "noteFormat", json!("")),
        with(&payment(), "note", json!("")),
        without(&payment(), "options"),
        options("deadline", json!("2024-01-02T03:05:05.178902Z")),
        options("lockedAmount", json!(8)),
        options("finalInterestRateTimestamp", json!("2024-02-01T00:00:01Z")),
    ];
    for body in different {
        let answer = world.send("POST", "transfers/", &body).await;
        assert_eq!(answer.json(), json!({"code": 409, "status": "Conflict"}), "{body}");
    }
    assert_eq!(world.rows("SELECT count(*) FROM prepare_transfer_signal").await, ["1"]);
    assert_eq!(world.counters().await, ["0,1,0,1"], "neither are counted");
}

#[actix_web::test]
async fn the_order_of_checks() {
    let world = World::with(&[("APP_MAX_CREDITOR_TRANSFERS", "1")]).await;
    world.set_pin("1234").await;
    let attempt = async |body: &Value| world.send_with(&[PIN_REQUIRED], "POST", "transfers/", body).await.status;
    let right = with(&payment(), "pin", json!("1234"));
    let wrong = with(&payment(), "pin", json!("9999"));
    assert_eq!(attempt(&right).await, 201);
    // The recipient comes before the limit, and the limit before the PIN and before what exists already.
    assert_eq!(attempt(&with(&wrong, "recipient", json!({"uri": "bad"}))).await, 422);
    assert_eq!(attempt(&right).await, 403);
    assert_eq!(attempt(&wrong).await, 403);
    assert_eq!(world.pin_failures().await, "0,0");
    world.sql("UPDATE usage_stats SET transfers_count = 0").await;
    // The PIN comes before what exists already.
    assert_eq!(attempt(&wrong).await, 403);
    assert_eq!(world.pin_failures().await, "1,1");
    assert_eq!(attempt(&without(&right, "pin")).await, 403);
    assert_eq!(world.pin_failures().await, "1,1", "no PIN is not a wrong PIN");
    assert_eq!(attempt(&with(&right, "amount", json!(1))).await, 409);
    assert_eq!(world.pin_failures().await, "0,1", "a right PIN counts even though the rest was wrong");
    assert_eq!(attempt(&right).await, 303);
    // Creditors that are not active have no PIN.
    world.sql("DELETE FROM pin_info; UPDATE creditor SET status_flags = 3").await;
    assert_eq!(attempt(&right).await, 404);
    assert_eq!(world.pay(&right).await, 404);
}

#[actix_web::test]
async fn limits() {
    for limit in ["APP_MAX_CREDITOR_TRANSFERS", "APP_MAX_CREDITOR_INITIATIONS"] {
        let world = World::with(&[(limit, "1")]).await;
        assert_eq!(world.pay(&payment()).await, 201);
        assert_eq!(world.pay(&payment()).await, 403, "{limit}");
        assert_eq!(world.status("DELETE", PATH, &Value::Null).await, 204);
        // What is gone does not count as a transfer anymore, but was initiated.
        let again = if limit == "APP_MAX_CREDITOR_TRANSFERS" { 201 } else { 403 };
        assert_eq!(world.pay(&payment()).await, again, "{limit}");
        world.wait(TimeDelta::hours(169));
        assert_eq!(world.status("DELETE", PATH, &Value::Null).await, 204);
        assert_eq!(world.pay(&payment()).await, 201, "{limit}: for how long initiations are counted");
    }
}

#[actix_web::test]
async fn when_to_look_again() {
    let world = World::with(&[("APP_TRANSFERS_FINALIZATION_APPROX_SECONDS", "20")]).await;
    assert_eq!(world.pay(&payment()).await, 201);
    let steps = [
        (0, "2024-01-02T03:04:25.678901+00:00"),
        (5, "2024-01-02T03:04:30.678901+00:00"),
        (15, "2024-01-02T03:04:45.678901+00:00"),
        (100, "2024-01-02T03:08:05.678901+00:00"),
    ];
    for (wait, expected) in steps {
        world.wait(TimeDelta::seconds(wait));
        assert_eq!(world.read(PATH).await["checkupAt"], expected, "{wait}");
    }
    assert_eq!(world.status("POST", PATH, &json!({})).await, 200);
    assert_eq!(world.read(PATH).await.get("checkupAt"), None);
}

#[actix_web::test]
async fn cancellation() {
    let world = World::new().await;
    world.made_up();
    assert_eq!(world.status("POST", PATH, &json!({})).await, 404);
    assert_eq!(world.pay(&payment()).await, 201);
    world.sql("DELETE FROM pending_log_entry; DELETE FROM prepare_transfer_signal").await;
    world.wait(TimeDelta::seconds(1));
    let later = "2024-01-02T03:04:06.678901+00:00";
    let answer = world.send("POST", PATH, &json!({"type": "TransferCancelationRequest"})).await;
    let canceled = answer.json();
    let result = json!({
        "type": "TransferResult", "finalizedAt": later, "committedAmount": 0,
        "error": {"type": "TransferError", "errorCode": "CANCELED_BY_THE_SENDER"},
    });
    assert_eq!((answer.status, &canceled["result"], &canceled["latestUpdateId"]), (200, &result, &json!(2)));
    assert_eq!(canceled["latestUpdateAt"], later);
    let logged = "SELECT object_type_hint, transfer_uuid, object_update_id, is_deleted, data_error_code, \
        data_finalized_at = '2024-01-02T03:04:06.678901Z', added_at = data_finalized_at FROM pending_log_entry";
    assert_eq!(world.rows(logged).await, [format!("1,{UUID},2,-,CANCELED_BY_THE_SENDER,t,t")]);
    world.wait(TimeDelta::seconds(1));
    let again = world.send("POST", PATH, &json!({})).await;
    assert_eq!((again.status, again.json()), (200, canceled), "it is canceled once");
    assert_eq!(world.rows(logged).await.len(), 1);
    for signal in ["prepare_transfer_signal", "finalize_transfer_signal"] {
        assert_eq!(world.rows(&format!("SELECT count(*) FROM {signal}")).await, ["0"], "nobody is told");
    }
    // Whatever became of it: once prepared, it is too late.
    for rest in ["finalized_at = NULL, error_code = NULL", "finalized_at = '2024-01-03Z', error_code = NULL"] {
        world.sql(&format!("UPDATE running_transfer SET transfer_id = 5, {rest}")).await;
        assert_eq!(world.status("POST", PATH, &json!({})).await, 403, "{rest}");
    }
}

#[actix_web::test]
async fn deletion() {
    let world = World::new().await;
    assert_eq!(world.status("DELETE", PATH, &Value::Null).await, 204);
    assert_eq!(world.pay(&payment()).await, 201);
    world.sql("DELETE FROM pending_log_entry").await;
    world.wait(TimeDelta::seconds(1));
    assert_eq!(world.status("DELETE", PATH, &Value::Null).await, 204);
    assert_eq!(world.get(PATH).await.status, 404);
    let logged = "SELECT object_type_hint, transfer_uuid, object_update_id, is_deleted, \
        added_at = '2024-01-02T03:04:06.678901Z' FROM pending_log_entry";
    assert_eq!(world.rows(logged).await, [format!("1,{UUID},-,t,t")]);
    assert_eq!(world.counters().await, ["0,0,0,1"]);
    assert_eq!(world.status("DELETE", PATH, &Value::Null).await, 204);
    assert_eq!(world.counters().await, ["0,0,0,1"], "nothing was deleted");
    assert_eq!(world.rows(logged).await.len(), 1);
    assert_eq!(world.pay(&payment()).await, 201, "the id is free again");
}

#[actix_web::test]
async fn results() {
    let world = World::new().await;
    world.made_up();
    assert_eq!(world.pay(&payment()).await, 201);
    let cases = [
        ("NULL", "NULL", json!({"committedAmount": 1000})),
        ("'X'", "5", json!({"committedAmount": 0, "error": {"type": "TransferError", "errorCode": "X"}})),
        (
            "'INSUFFICIENT_AVAILABLE_AMOUNT'",
            "5",
            json!({"committedAmount": 0, "error": {
                "type": "TransferError", "errorCode": "INSUFFICIENT_AVAILABLE_AMOUNT", "totalLockedAmount": 5,
            }}),
        ),
        (
            "'INSUFFICIENT_AVAILABLE_AMOUNT'",
            "NULL",
            json!({"committedAmount": 0, "error": {
                "type": "TransferError", "errorCode": "INSUFFICIENT_AVAILABLE_AMOUNT", "totalLockedAmount": 0,
            }}),
        ),
    ];
    for (code, locked, mut expected) in cases {
        let change = format!("finalized_at = '2024-01-03Z', error_code = {code}, total_locked_amount = {locked}");
        world.sql(&format!("UPDATE running_transfer SET {change}")).await;
        expected["type"] = json!("TransferResult");
        expected["finalizedAt"] = json!("2024-01-03T00:00:00+00:00");
        assert_eq!(world.read(PATH).await["result"], expected);
    }
}

#[actix_web::test]
async fn pages() {
    let world = World::with(&[("APP_TRANSFERS_PER_PAGE", "2")]).await;
    let page = async |query: &str| {
        let page = world.read(&format!("transfers/{query}")).await;
        let expected = format!("/creditors/4294967296/transfers/{}", if query.is_empty() { "?" } else { query });
        assert_eq!((&page["type"], &page["uri"]), (&json!("ObjectReferencesPage"), &json!(expected)));
        let uris: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["uri"].clone()).collect();
        (json!(uris), page.get("next").cloned().unwrap_or_default())
    };
    assert_eq!(page("").await, (json!([]), Value::Null));
    let uuid = |first: &str| format!("{first}-e89b-12d3-a456-426655440000");
    let ids = ["ffffffff", "00000000", "80000000"].map(uuid);
    for id in &ids {
        assert_eq!(world.pay(&with(&payment(), "transferUuid", json!(id))).await, 201);
    }
    let next = format!("?prev={}", ids[2]);
    assert_eq!(page("").await, (json!([ids[1], ids[2]]), json!(next)));
    assert_eq!(page(&next).await, (json!([ids[0]]), Value::Null));
    // In other words, and for one that does not exist.
    for query in [format!("?prev={}", ids[2].replace('-', "").to_uppercase()), next.replace("80000000", "90000000")] {
        assert_eq!(page(&query).await, (json!([ids[0]]), Value::Null), "{query}");
    }
    assert_eq!(page(&format!("?prev={}", ids[1])).await.1, json!(format!("?prev={}", ids[0])), "full, but the last");
    for query in ["?prev=", "?prev=x", "?prev=%7B"] {
        let answer = world.get(&format!("transfers/{query}")).await;
        let expected = json!({"query": {"prev": ["Not a valid UUID."]}});
        assert_eq!((answer.status, &answer.json()["errors"]), (422, &expected), "{query}");
    }
    let unknown = world.web.send("GET", "/creditors/4294967299/transfers/", &[]).await.json();
    assert_eq!(unknown["items"], json!([]));
}
