//! What is checked before parts of accounts are changed, and in which order.

use futures::future::join_all;
use serde_json::json;

use super::bodies::{CHANGEABLE, GUARDED, change, with, without};
use crate::{
    app::{JSON, Web},
    world::{PIN_REQUIRED, World},
};

const MISSING: &str = "accounts/404";

impl World {
    /// The status of an answer to a change by somebody who has to give the PIN.
    async fn guarded(&self, path: &str, body: &serde_json::Value) -> u16 {
        self.send_with(&[PIN_REQUIRED], "PATCH", path, body).await.status
    }
}

#[actix_web::test]
async fn bodies_come_before_limits() {
    let world = World::with(&[("APP_MAX_CREDITOR_RECONFIGS", "0")]).await;
    world.set_pin("1234").await;
    let mistakes = json!({"type": ["Invalid type."], "latestUpdateId": ["Not a valid integer."]});
    for part in CHANGEABLE {
        let path = format!("{MISSING}/{part}");
        let wrong = with(&with(&change(part, 2), "type", json!("x")), "latestUpdateId", json!("x"));
        let answer = world.send("PATCH", &path, &wrong).await;
        assert_eq!((answer.status, &answer.json()["errors"]["json"]), (422, &mistakes), "{part}");
        assert_eq!(world.guarded(&path, &without(&change(part, 2), "latestUpdateId")).await, 422, "{part}");
    }
    assert_eq!(world.pin_failures().await, "0,0");
}

#[actix_web::test]
async fn limits_come_before_pins_and_accounts() {
    let world = World::with(&[("APP_MAX_CREDITOR_RECONFIGS", "1")]).await;
    world.open_account(1).await;
    world.set_pin("1234").await;
    for part in CHANGEABLE {
        let answer = world.send("PATCH", &format!("{MISSING}/{part}"), &change(part, 2)).await;
        assert_eq!((answer.status, answer.json()), (403, json!({"code": 403, "status": "Forbidden"})), "{part}");
        let path = format!("accounts/1/{part}");
        let good = change(part, world.part_id(part).await + 1);
        assert_eq!(world.status("PATCH", &path, &good).await, 403, "{part}");
    }
    for part in GUARDED {
        let wrong = with(&change(part, 2), "pin", json!("0000"));
        assert_eq!(world.guarded(&format!("accounts/1/{part}"), &wrong).await, 403, "{part}");
    }
    assert_eq!(world.pin_failures().await, "0,0");
    assert_eq!(world.counters().await, ["1,0,1,0"]);
    assert_eq!(world.pending_log().await, [""; 0]);
}

#[actix_web::test]
async fn pins_come_before_accounts() {
    for part in GUARDED {
        let world = World::new().await;
        for debtor_id in [1, 2] {
            world.open_account(debtor_id).await;
        }
        world.set_pin("1234").await;
        let id = world.part_id(part).await;
        let (path, missing) = (format!("accounts/1/{part}"), format!("{MISSING}/{part}"));
        let with_pin = |pin: &str, id| with(&change(part, id), "pin", json!(pin));
        let steps = [
            // No PIN: refused, but not counted.
            (&path, change(part, id + 1), 403, "0,0"),
            (&path, with_pin("0000", id + 1), 403, "1,1"),
            (&missing, with_pin("0000", id + 1), 403, "2,2"),
            // The right PIN counts even though the request is refused.
            (&missing, with_pin("1234", id + 1), 404, "0,2"),
            (&path, with_pin("0000", id + 2), 403, "1,3"),
            (&path, with_pin("1234", id + 2), 409, "0,3"),
            (&path, with_pin("0000", id + 1), 403, "1,4"),
            (&path, with_pin("1234", id + 1), 200, "0,4"),
            // Again, which changes nothing.
            (&path, with_pin("0000", id + 1), 403, "1,5"),
            (&path, with_pin("1234", id + 1), 200, "0,5"),
        ];
        for (path, body, status, failures) in steps {
            assert_eq!(world.guarded(path, &body).await, status, "{part} {body}");
            assert_eq!(world.pin_failures().await, failures, "{part} {body}");
        }
        assert_eq!(world.counters().await, ["2,0,4,0"], "{part}: repetitions are counted, refusals are not");
        assert_eq!(world.pending_log().await.len(), 1, "{part}");
    }
}

#[actix_web::test]
async fn too_many_wrong_pins() {
    let world = World::new().await;
    world.open_account(1).await;
    world.set_pin("1234").await;
    let id = world.part_id("config").await;
    let with_pin = |pin: &str| with(&change("config", id + 1), "pin", json!(pin));
    for _ in 0..3 {
        assert_eq!(world.guarded("accounts/1/config", &with_pin("0000")).await, 403);
    }
    let row = "SELECT status, cfa, afa, pin_length, pin_hmac, pin_salt, latest_update_id FROM pin_info";
    assert_eq!(world.rows(row).await, ["2,3,0,0,-,-,1"]);
    assert_eq!(world.guarded("accounts/1/config", &with_pin("1234")).await, 403);
    assert_eq!(world.rows(row).await, ["2,3,0,0,-,-,1"]);
    // Who has proved otherwise who it is need not give the PIN; what is given must be one.
    assert_eq!(world.status("PATCH", "accounts/1/config", &with_pin("0000")).await, 200);
    assert_eq!(world.status("PATCH", "accounts/1/config", &with_pin("x")).await, 422);
}

#[actix_web::test]
async fn pins_that_are_off() {
    let world = World::new().await;
    world.open_account(1).await;
    world.sql("UPDATE pin_info SET cfa = 2, afa = 2").await;
    let id = world.part_id("config").await;
    let body = with(&change("config", id + 1), "pin", json!("0000"));
    assert_eq!(world.guarded("accounts/1/config", &body).await, 200);
    assert_eq!(world.pin_failures().await, "0,2");
}

#[actix_web::test]
async fn creditors_without_a_pin() {
    let world = World::new().await;
    world.open_account(1).await;
    world.sql("DELETE FROM pin_info").await;
    for part in GUARDED {
        let body = change(part, world.part_id(part).await + 2);
        assert_eq!(world.guarded(&format!("accounts/1/{part}"), &body).await, 404, "{part}");
        assert_eq!(world.status("PATCH", &format!("accounts/1/{part}"), &body).await, 409, "{part}");
    }
}

#[actix_web::test]
async fn update_ids() {
    let world = World::new().await;
    for debtor_id in [1, 2] {
        world.open_account(debtor_id).await;
    }
    let conflict = json!({
        "code": 409, "status": "Conflict", "errors": {"json": {"latestUpdateId": ["Incorrect value."]}},
    });
    for part in CHANGEABLE {
        let path = format!("accounts/1/{part}");
        let id = world.part_id(part).await;
        for wrong in [1, id - 1, id, id + 2, i64::MAX] {
            let answer = world.send("PATCH", &path, &change(part, wrong)).await;
            assert_eq!((answer.status, answer.json()), (409, conflict.clone()), "{part} {wrong}");
        }
        let first = world.send("PATCH", &path, &change(part, id + 1)).await;
        assert_eq!((first.status, first.json()), (200, world.read(&path).await), "{part}");
        world.wait(chrono::TimeDelta::hours(1));
        let again = world.send("PATCH", &path, &change(part, id + 1)).await;
        assert_eq!((again.status, again.json()), (200, first.json()), "{part}");
        let other = world.send("PATCH", &path, &change(part, id)).await;
        assert_eq!(other.status, 409, "{part}");
        assert_eq!(world.status("PATCH", &format!("{MISSING}/{part}"), &change(part, 2)).await, 404, "{part}");
        let sequence = format!("SELECT last_value >= {} FROM object_update_id_seq", id + 1);
        assert_eq!(world.rows(&sequence).await, ["t"], "{part}");
    }
    assert_eq!(world.pending_log().await.len(), CHANGEABLE.len());
    assert_eq!(world.counters().await, ["2,0,10,0"]);
}

#[actix_web::test]
async fn the_database_is_away() {
    let web = Web::start(&[]);
    let base = "/creditors/4294967296/accounts/";
    let debtor = json!({"uri": "swpt:1"});
    let reads = ["", "1/", "1/config", "1/display", "1/exchange", "1/knowledge", "1/info", "1/ledger"];
    let more = ["1/entries?prev=1", "1/transfers/18444-999"];
    let mut requests: Vec<_> =
        reads.iter().chain(&more).map(|path| ("GET", format!("{base}{path}"), json!(null))).collect();
    requests.extend(CHANGEABLE.map(|part| ("PATCH", format!("{base}1/{part}"), change(part, 2))));
    requests.push(("DELETE", format!("{base}1/"), json!(null)));
    requests.push(("POST", base.to_owned(), debtor.clone()));
    requests.push(("POST", "/creditors/4294967296/debtor-lookup".to_owned(), debtor));
    for (method, path, body) in requests {
        let answer = web.send_body(method, &path, &[JSON], body.to_string().as_bytes()).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")), "{method} {path}");
        assert_eq!(answer.json(), json!({"code": 503, "status": "Service Unavailable"}), "{method} {path}");
    }
}

#[actix_web::test]
async fn everybody_at_once() {
    let world = World::new().await;
    let debtor = json!({"uri": "swpt:1"});
    let mut statuses = join_all((0..8).map(|_| world.status("POST", "accounts/", &debtor))).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 303, 303, 303, 303, 303, 303, 303]);
    assert_eq!(world.counters().await, ["1,0,1,0"]);

    // Eight wishes for the next state: one is fulfilled.
    let id = world.part_id("config").await + 1;
    let bodies: Vec<_> = (0..8).map(|n| with(&change("config", id), "configData", json!(format!("{n}")))).collect();
    let mut statuses = join_all(bodies.iter().map(|body| world.status("PATCH", "accounts/1/config", body))).await;
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 409, 409, 409, 409, 409, 409, 409]);
    assert_eq!(world.pending_log().await.len(), 1);

    let path = "accounts/1/";
    assert_eq!(join_all((0..8).map(|_| world.status("DELETE", path, &json!(null)))).await, [204; 8]);
    assert_eq!(world.counters().await, ["0,0,2,0"]);
    assert_eq!(world.rows("SELECT last_log_entry_id FROM creditor").await, ["10"]);
}
