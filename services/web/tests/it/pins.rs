//! Changing PINs, and what is seen of them (webapi §9, §12.2).

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::{
    app::{JSON, Web},
    world::{NOW, PIN_REQUIRED, World},
};

/// Everything in the row but the secret.
const ROW: &str =
    "SELECT status, cfa, afa, pin_length, pin_hmac IS NULL, pin_salt IS NULL, latest_update_id FROM pin_info";

fn change(status: &str, latest_update_id: i64) -> Value {
    json!({"type": "PinInfo", "status": status, "latestUpdateId": latest_update_id})
}

fn new_pin(status: &str, pin: &str, latest_update_id: i64) -> Value {
    let mut body = change(status, latest_update_id);
    body["newPin"] = json!(pin);
    body
}

fn proved(mut body: Value, pin: &str) -> Value {
    body["pin"] = json!(pin);
    body
}

impl World {
    async fn change_pin(&self, body: &Value) -> u16 {
        self.send_with(&[PIN_REQUIRED], "PATCH", "pin", body).await.status
    }

    async fn pin_is_required(&self) -> Value {
        self.send_with(&[PIN_REQUIRED], "GET", "wallet", &Value::Null).await.json()["requirePin"].clone()
    }
}

#[actix_web::test]
async fn a_change() {
    let world = World::new().await;
    assert_eq!(world.pin_is_required().await, json!(false));
    let answer = world.send("PATCH", "pin", &new_pin("on", "1234", 2)).await;
    let expected = json!({
        "type": "PinInfo", "uri": "/creditors/4294967296/pin", "status": "on", "latestUpdateId": 2, "latestUpdateAt": NOW,
        "wallet": {"uri": "/creditors/4294967296/wallet"},
    });
    assert_eq!((answer.status, answer.json()), (200, expected.clone()));
    assert_eq!(world.read("pin").await, expected);
    assert_eq!(world.rows(ROW).await, ["1,0,0,4,f,f,2"]);
    assert_eq!(world.rows("SELECT pin_salt ~ '^[A-Za-z0-9+/]{8}$' FROM pin_info").await, ["t"]);
    assert_eq!(world.pending_log().await, ["PinInfo,/creditors/4294967296/pin,2,-,-,2024-01-02 03:04:05.678901"]);
    assert_eq!(world.counters().await, ["0,0,1,0"]);
    assert_eq!(world.pin_is_required().await, json!(true));
    assert_eq!(world.read("wallet").await["requirePin"], json!(false), "not in PIN reset mode");
    let writers = "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM pin_info \
        UNION ALL SELECT xmin FROM pending_log_entry UNION ALL SELECT xmin FROM usage_stats) AS written";
    assert_eq!(world.rows(writers).await, ["1"]);
}

#[actix_web::test]
async fn pins_that_are_stored_and_removed() {
    let world = World::new().await;
    // A new PIN is stored even if it is not asked for.
    assert_eq!(world.change_pin(&new_pin("off", "1234", 2)).await, 200);
    assert_eq!(world.rows(ROW).await, ["0,0,0,4,f,f,2"]);
    assert_eq!(world.change_pin(&change("off", 3)).await, 200, "no PIN is asked for while it is off");
    assert_eq!(world.rows(ROW).await, ["0,0,0,0,t,t,3"]);
    assert_eq!(world.change_pin(&new_pin("blocked", "123456", 4)).await, 200);
    assert_eq!(world.rows(ROW).await, ["2,0,0,6,f,f,4"]);
    assert_eq!(world.pin_is_required().await, json!(true));
    assert_eq!(world.change_pin(&proved(change("off", 5), "123456")).await, 403, "blocked is blocked");
    assert_eq!(world.status("PATCH", "pin", &change("off", 5)).await, 200, "but for PIN reset mode");
    // Every PIN gets a salt of its own.
    assert_eq!(world.change_pin(&new_pin("off", "1234", 6)).await, 200);
    let secret = world.rows("SELECT pin_salt, pin_hmac FROM pin_info").await;
    assert_eq!(world.change_pin(&new_pin("off", "1234", 7)).await, 200);
    assert_ne!(world.rows("SELECT pin_salt, pin_hmac FROM pin_info").await, secret);
}

#[actix_web::test]
async fn what_is_counted() {
    let world = World::new().await;
    assert_eq!(world.change_pin(&new_pin("on", "1234", 2)).await, 200);
    let wrong = proved(new_pin("on", "5678", 3), "9999");
    assert_eq!(world.change_pin(&wrong).await, 403);
    assert_eq!(world.change_pin(&new_pin("on", "5678", 3)).await, 403, "no PIN");
    assert_eq!(world.change_pin(&proved(new_pin("on", "5678", 4), "9999")).await, 409, "the id comes first");
    assert_eq!(world.rows(ROW).await, ["1,1,1,4,f,f,2"]);
    // A new PIN begins with no wrong ones in a row; their sum stays.
    assert_eq!(world.change_pin(&proved(new_pin("on", "5678", 3), "1234")).await, 200);
    assert_eq!(world.rows(ROW).await, ["1,0,1,4,f,f,3"]);
    let logged = world.pending_log().await.len();
    for _ in 0..3 {
        assert_eq!(world.change_pin(&proved(change("off", 4), "1234")).await, 403);
    }
    // What blocks a PIN is no change of the client's.
    assert_eq!(world.rows(ROW).await, ["2,3,0,0,t,t,3"]);
    assert_eq!(world.pending_log().await.len(), logged);
    let info = world.read("pin").await;
    assert_eq!((&info["status"], &info["latestUpdateId"]), (&json!("blocked"), &json!(3)));
}

#[actix_web::test]
async fn wrong_pins_are_forgotten_after_a_while() {
    let world = World::with(&[("APP_PIN_FAILURES_RESET_DAYS", "7")]).await;
    assert_eq!(world.change_pin(&new_pin("on", "1234", 2)).await, 200);
    let attempts = [("9999", 0, "1,1"), ("1234", 0, "0,1"), ("9999", 6, "1,2"), ("1234", 0, "0,2"), ("9999", 1, "1,1")];
    for (pin, days, failures) in attempts {
        world.wait(TimeDelta::days(days));
        let body = proved(
            json!({
                "transferUuid": "123e4567-e89b-12d3-a456-426655440000", "recipient": {"uri": "swpt:1/a"}, "amount": 1,
            }),
            pin,
        );
        world.send_with(&[PIN_REQUIRED], "POST", "transfers/", &body).await;
        assert_eq!(world.pin_failures().await, failures, "{pin} after {days} days");
    }
}

/// The status of a payment with PIN 1234. Whether it is known already does not matter.
async fn pay(web: &Web) -> u16 {
    let body = json!({
        "transferUuid": "123e4567-e89b-12d3-a456-426655440000", "recipient": {"uri": "swpt:1/a"}, "amount": 1, "pin": "1234",
    });
    let body = body.to_string();
    web.send_body("POST", "/creditors/4294967296/transfers/", &[JSON, PIN_REQUIRED], body.as_bytes()).await.status
}

#[actix_web::test]
async fn a_new_secret_takes_over_the_pins_of_the_previous_one() {
    let world = World::with(&[("PIN_PROTECTION_SECRET", "old")]).await;
    assert_eq!(world.change_pin(&new_pin("on", "1234", 2)).await, 200);
    let secret = "SELECT pin_hmac, pin_salt FROM pin_info";
    let (before, log) = (world.rows(secret).await, world.pending_log().await);
    let new = ("PIN_PROTECTION_SECRET", "new");
    let (only_new, both) = (world.again(&[new]), world.again(&[new, ("PIN_PROTECTION_SECRET_PREVIOUS", "old")]));
    assert_eq!(pay(&only_new).await, 403);
    assert_eq!((world.rows(secret).await, world.pin_failures().await), (before.clone(), "1,1".to_owned()));
    assert_eq!(pay(&both).await, 201);
    assert_ne!(world.rows(secret).await, before);
    // No object has changed but the payment.
    assert_eq!(world.rows(ROW).await, ["1,0,1,4,f,f,2"]);
    assert_eq!(world.pending_log().await.len(), log.len() + 1);
    // From now on, the previous secret is not needed any more, and does not help.
    assert_eq!((pay(&only_new).await, pay(&both).await, pay(&world.web).await), (303, 303, 403));
}

#[actix_web::test]
async fn limits_come_first() {
    let world = World::with(&[("APP_MAX_CREDITOR_RECONFIGS", "1")]).await;
    assert_eq!(world.change_pin(&new_pin("on", "1234", 2)).await, 200);
    assert_eq!(world.change_pin(&proved(change("off", 9), "9999")).await, 403);
    assert_eq!(world.pin_failures().await, "0,0", "the attempt is not counted");
    world.sql("DELETE FROM pin_info").await;
    assert_eq!(world.change_pin(&change("off", 2)).await, 403);
    world.sql("DELETE FROM usage_stats").await;
    assert_eq!(world.change_pin(&change("off", 2)).await, 404, "without a PIN");
    assert_eq!(world.get("pin").await.status, 404);
}

#[actix_web::test]
async fn answers_do_not_tell_how_wrong_a_pin_is() {
    let world = World::new().await;
    world.set_pin("1234567890").await;
    let answer_to = async |pin: &str| {
        let headers = [PIN_REQUIRED, ("X-Request-Id", "a")];
        let answer = world.send_with(&headers, "PATCH", "pin", &proved(change("off", 2), pin)).await;
        assert_eq!(answer.status, 403, "{pin}");
        format!("{answer:?}").replace(answer.header("date").unwrap(), "now")
    };
    let mut answers = Vec::new();
    for wrong in ["0000000000", "1000000000", "1234567891", "1234", "0234567890"] {
        answers.push(answer_to(wrong).await);
    }
    // Nor whether there is a PIN at all: a blocked one is none.
    world.sql("UPDATE pin_info SET status = 2, pin_length = 0, pin_salt = NULL, pin_hmac = NULL").await;
    answers.push(answer_to("1234567890").await);
    answers.dedup();
    assert_eq!(answers.len(), 1, "{answers:#?}");
}
