//! What makes the peer implementation fail or go wrong (webapi §18): one test per row of the table.

use serde_json::{Value, json};

use crate::{
    accounts::bodies::{change, update_id, with},
    app::{Answer, JSON},
    world::World,
};

fn payment() -> Value {
    json!({"transferUuid": "123e4567-e89b-12d3-a456-426655440000", "recipient": {"uri": "swpt:1/a"}, "amount": 1})
}

fn payment_with(options: Value) -> Value {
    with(&payment(), "options", options)
}

/// The errors of a refused body.
fn errors(answer: &Answer) -> Value {
    assert_eq!(answer.status, 422, "{answer:?}");
    answer.json()["errors"]["json"].clone()
}

#[actix_web::test]
async fn users_with_more_than_64_bits() {
    let world = World::new().await;
    for number in ["18446744073709551616", "99999999999999999999999999999999999999999999"] {
        let user = format!("creditors:{number}");
        for path in ["/creditors/4294967296/wallet", "/creditors/.wallet", "/creditors/.list"] {
            let answer = world.web.send("GET", path, &[("X-Swpt-User-Id", &user)]).await;
            assert_eq!(answer.json(), json!({"code": 403, "status": "Forbidden"}));
        }
    }
}

#[actix_web::test]
async fn transfers_that_are_no_objects() {
    let world = World::new().await;
    for body in ["null", "[]", "1", "\"x\"", "true", "[{}]"] {
        let answer = world.send_text("POST", "transfers/", body).await;
        assert_eq!(errors(&answer), json!({"_schema": ["Invalid input type."]}), "{body}");
    }
}

#[actix_web::test]
async fn deep_nesting_and_long_integers() {
    let world = World::new().await;
    let account = world.open_account(1).await;
    let deep = |depth: usize| format!("{{\"x\":{}1{}}}", "[".repeat(depth), "]".repeat(depth));
    for path in ["transfers/", "accounts/", "account-lookup"] {
        assert_eq!(world.send_text("POST", path, &deep(5000)).await.status, 400, "{path}");
    }
    let nines = "9".repeat(5000);
    let body = payment().to_string().replace("\"amount\":1", &format!("\"amount\":{nines}"));
    assert!(errors(&world.send_text("POST", "transfers/", &body).await)["amount"].is_array());
    // Notes may hold numbers of any length.
    let id = update_id(&account["knowledge"]) + 1;
    let body = format!("{{\"latestUpdateId\":{id},\"x\":{nines}}}");
    let answer = world.send_text("PATCH", "accounts/1/knowledge", &body).await;
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains(&format!("\"x\":{nines}")));
    assert!(world.get("accounts/1/knowledge").await.body.contains(&format!("\"x\":{nines}")));
}

#[actix_web::test]
async fn oversized_chunked_bodies() {
    let world = World::new().await;
    let chunk = format!("5001\r\n{}\r\n", "x".repeat(0x5001));
    let request = format!(
        "POST /creditors/4294967296/transfers/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n{chunk}0\r\n\r\n"
    );
    let answer = world.web.send_raw(request.as_bytes()).await;
    assert_eq!(answer.json(), json!({"code": 413, "status": "Request Entity Too Large"}));
}

#[actix_web::test]
async fn characters_that_no_column_can_hold() {
    let world = World::new().await;
    let account = world.open_account(1).await;
    let next = |part: &str| update_id(&account[part]) + 1;
    // Where the character goes; the path of the field that is complained about.
    let cases = [
        ("POST", "transfers/", with(&payment(), "note", json!("?")), "/note"),
        ("POST", "transfers/", with(&payment(), "noteFormat", json!("?")), "/noteFormat"),
        ("POST", "transfers/", with(&payment(), "recipient", json!({"uri": "swpt:1/?"})), "/recipient/uri"),
        ("POST", "transfers/", payment_with(json!({"type": "?"})), "/options/type"),
        ("POST", "accounts/", json!({"uri": "swpt:1?"}), "/uri"),
        ("POST", "debtor-lookup", json!({"uri": "swpt:1?"}), "/uri"),
        (
            "PATCH",
            "accounts/1/config",
            with(&change("config", next("config")), "configData", json!("?")),
            "/configData",
        ),
        (
            "PATCH",
            "accounts/1/display",
            with(&change("display", next("display")), "debtorName", json!("?")),
            "/debtorName",
        ),
        ("PATCH", "accounts/1/display", with(&change("display", next("display")), "unit", json!("?")), "/unit"),
        ("PATCH", "accounts/1/exchange", with(&change("exchange", next("exchange")), "policy", json!("?")), "/policy"),
        ("PATCH", "pin", json!({"status": "on", "newPin": "12?4", "latestUpdateId": 2}), "/newPin"),
    ];
    for (method, path, body, field) in cases {
        let nul = world.send_text(method, path, &body.to_string().replace('?', "\\u0000")).await;
        assert!(errors(&nul).pointer(field).is_some_and(Value::is_array), "{method} {path}: {nul:?}");
        for surrogate in ["\\ud800", "\\udc00"] {
            let lone = world.send_text(method, path, &body.to_string().replace('?', surrogate)).await;
            assert_eq!(lone.json()["errors"], json!({"json": ["Invalid JSON body."]}), "{method} {path}: {lone:?}");
        }
    }
    // Notes may hold U+0000, but no halves of characters.
    let id = next("knowledge");
    let note = |text: &str| format!("{{\"latestUpdateId\":{id},\"x\":\"{text}\",\"{text}\":1}}");
    assert_eq!(world.send_text("PATCH", "accounts/1/knowledge", &note("\\ud800")).await.status, 400);
    let answer = world.send_text("PATCH", "accounts/1/knowledge", &note("a\\u0000")).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let shown = world.get("accounts/1/knowledge").await.body;
    assert!(shown.contains(r#""x":"a\u0000""#) && shown.contains(r#""a\u0000":1"#), "{shown}");
    // Ids in the activation are compared, not stored.
    let activation = r#"{"reservationId":"\u0000"}"#.as_bytes();
    let answer = world.web.send_body("POST", "/creditors/4294967296/activate", &[JSON], activation).await;
    assert!(matches!(answer.status, 409 | 422), "{answer:?}");
}

#[actix_web::test]
async fn deadlines_without_an_offset() {
    let world = World::new().await;
    let answer = world.send("POST", "transfers/", &payment_with(json!({"deadline": "2024-01-02T03:04:05"}))).await;
    assert_eq!(errors(&answer), json!({"options": {"deadline": ["Not a valid datetime."]}}));
    let accepted = payment_with(json!({"finalInterestRateTimestamp": "2024-01-02T03:04:05"}));
    let answer = world.send("POST", "transfers/", &accepted).await;
    let shown = &answer.json()["options"]["finalInterestRateTimestamp"];
    assert_eq!((answer.status, shown), (201, &json!("2024-01-02T03:04:05+00:00")));
}

#[actix_web::test]
async fn instants_that_cannot_be_shown() {
    let world = World::new().await;
    for field in ["deadline", "finalInterestRateTimestamp"] {
        for instant in ["0001-01-01T00:00:00+01:00", "9999-12-31T23:59:59-01:00", "9999-12-31T23:59:59.999999-00:01"] {
            let answer = world.send("POST", "transfers/", &payment_with(json!({field: instant}))).await;
            assert_eq!(errors(&answer), json!({"options": {field: ["Not a valid datetime."]}}), "{instant}");
        }
        for (number, instant) in ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.999999Z"].into_iter().enumerate() {
            let uuid = format!("123e4567-e89b-12d3-{number:04}-{:0>12}", field.len());
            let body = with(&payment_with(json!({field: instant})), "transferUuid", json!(uuid));
            assert_eq!(world.status("POST", "transfers/", &body).await, 201, "{field} {instant}");
            let shown = world.read(&format!("transfers/{uuid}")).await;
            assert_eq!(shown["options"][field], instant.replace('Z', "+00:00"));
        }
    }
}

#[actix_web::test]
async fn amounts_beyond_four_byte_floats() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["config"]) + 1;
    let body = |amount: &str| change("config", id).to_string().replace("1.1", amount);
    for amount in ["3.4028236e38", "1e39", "1e300"] {
        let answer = world.send_text("PATCH", "accounts/1/config", &body(amount)).await;
        assert!(errors(&answer)["negligibleAmount"].is_array(), "{amount}: {answer:?}");
    }
    let answer = world.send_text("PATCH", "accounts/1/config", &body("1e-50")).await;
    assert_eq!((answer.status, &answer.json()["negligibleAmount"]), (200, &json!(0.0)));
    assert_eq!(world.rows("SELECT negligible_amount FROM account_data").await, ["0"]);
}

#[actix_web::test]
async fn final_newlines() {
    let world = World::new().await;
    let account = world.open_account(1).await;
    let pattern = json!(["String does not match expected pattern."]);
    let unrecognized = json!(["The URI can not be recognized."]);
    let config = change("config", update_id(&account["config"]) + 1);
    let cases = [
        ("PATCH", "accounts/1/config", with(&config, "pin", json!("1234\n")), "/pin", &pattern),
        ("POST", "transfers/", with(&payment(), "noteFormat", json!("a\n")), "/noteFormat", &pattern),
        ("POST", "transfers/", with(&payment(), "pin", json!("1234\n")), "/pin", &pattern),
        (
            "POST",
            "transfers/",
            with(&payment(), "recipient", json!({"uri": "swpt:1/a\n"})),
            "/recipient/uri",
            &unrecognized,
        ),
        ("PATCH", "pin", json!({"status": "off\n", "latestUpdateId": 2}), "/status", &pattern),
        ("PATCH", "pin", json!({"status": "on", "newPin": "1234\n", "latestUpdateId": 2}), "/newPin", &pattern),
        ("POST", "accounts/", json!({"uri": "swpt:2\n"}), "/uri", &unrecognized),
        ("POST", "debtor-lookup", json!({"uri": "swpt:1\n"}), "/uri", &unrecognized),
        ("POST", "account-lookup", json!({"uri": "swpt:1/a\n"}), "/uri", &unrecognized),
        ("POST", "account-lookup", json!({"uri": "swpt:1/!YQ==\n"}), "/uri", &unrecognized),
    ];
    for (method, path, body, field, expected) in cases {
        let answer = world.send(method, path, &body).await;
        assert_eq!(errors(&answer).pointer(field), Some(expected), "{body}");
    }
    let answer = world.get("accounts/?prev=1%0A").await;
    assert_eq!((answer.status, &answer.json()["errors"]), (422, &json!({"query": {"prev": pattern}})));
}

#[actix_web::test]
async fn foreign_digits() {
    let world = World::new().await;
    let unrecognized = json!({"uri": ["The URI can not be recognized."]});
    for (path, uri) in [
        ("accounts/", "swpt:\u{661}\u{662}"),
        ("debtor-lookup", "swpt:\u{ff11}"),
        ("account-lookup", "swpt:\u{661}/a"),
        ("account-lookup", "swpt:1\u{967}/a"),
    ] {
        let answer = world.send("POST", path, &json!({"uri": uri})).await;
        assert_eq!(errors(&answer), unrecognized, "{path} {uri}");
    }
    let body = with(&payment(), "recipient", json!({"uri": "swpt:\u{661}/a"}));
    let answer = world.send("POST", "transfers/", &body).await;
    assert_eq!(errors(&answer), json!({"recipient": unrecognized}));
}

#[actix_web::test]
async fn reservations_of_former_creditors() {
    let world = World::new().await;
    let reservation = world.rows("SELECT reservation_id FROM creditor").await.concat();
    let body = json!({"reservationId": reservation});
    let before = world.send("POST", "activate", &body).await;
    assert_eq!(before.status, 200, "{before:?}");
    assert_eq!(world.status("POST", "deactivate", &json!({})).await, 204);
    let after = world.send("POST", "activate", &body).await;
    assert_eq!((after.status, after.json()), (200, before.json()));
    assert_eq!(world.get("wallet").await.status, 404, "it stays what it is");
    assert_eq!(world.rows("SELECT status_flags FROM creditor").await, ["3"]);
    assert_eq!(world.status("POST", "activate", &json!({"reservationId": format!("0{reservation}")})).await, 409);
}
