//! Notes about accounts.

use serde_json::json;

use super::bodies::{change, joined, logged, shown, update_id, with};
use crate::world::{PIN_REQUIRED, World};

const PATH: &str = "accounts/1/knowledge";

#[actix_web::test]
async fn a_change() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["knowledge"]) + 1;
    // The PIN is not asked for, and has no meaning here.
    world.set_pin("1234").await;
    let body = with(&change("knowledge", id), "pin", json!("0000"));
    let answer = world.send_with(&[PIN_REQUIRED], "PATCH", PATH, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = joined(
        shown("AccountKnowledge", "knowledge", id),
        json!({"interestRate": 11.5, "mine": [1, 1.0, null], "pin": "0000"}),
    );
    assert_eq!(answer.json(), expected);
    assert_eq!(world.read(PATH).await, expected);
    assert_eq!(world.pin_failures().await, "0,0");
    assert_eq!(world.pending_log().await, [logged("AccountKnowledge", "knowledge", id)]);
    assert_eq!(world.counters().await, ["1,0,2,0"]);
    let writers = "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM account_knowledge \
        UNION ALL SELECT xmin FROM pending_log_entry UNION ALL SELECT xmin FROM usage_stats) AS written";
    assert_eq!(world.rows(writers).await, ["1"]);
    // The notes are replaced as a whole.
    assert_eq!(world.status("PATCH", PATH, &json!({"latestUpdateId": id + 1})).await, 200);
    assert_eq!(world.read(PATH).await, shown("AccountKnowledge", "knowledge", id + 1));
}

#[actix_web::test]
async fn notes_stay_as_they_are() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["knowledge"]) + 1;
    let notes = r#""interestRate":"11.5","interestRateChangedAt":"2020-1-1 0:0","noteMaxBytes":5.9,"n":[1,-0,1.0,123456789012345678901234567890],"s":"\u0000ж","o":{"b":true,"a":null}"#;
    let body = format!(r#"{{"latestUpdateId":{id},{notes}}}"#);
    let answer = world.send_text("PATCH", PATH, &body).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    for answer in [answer, world.get(PATH).await] {
        for member in [
            r#""interestRate":"11.5""#,
            r#""interestRateChangedAt":"2020-1-1 0:0""#,
            r#""noteMaxBytes":5.9"#,
            r#""n":[1,"#,
            ",1.0,123456789012345678901234567890]",
            r#""s":"\u0000ж""#,
        ] {
            assert!(answer.body.contains(member), "{member}: {answer:?}");
        }
        assert_eq!(answer.json()["o"], json!({"a": null, "b": true}));
    }
    let text = |notes: &str| format!(r#"{{"latestUpdateId":{id},{notes}}}"#);
    // Orders of members, and spellings of numbers, make no difference.
    let same = notes.replace(r#"{"b":true,"a":null}"#, r#"{ "a" : null, "b" : true }"#).replace("1.0", "1e+0");
    assert_eq!(world.send_text("PATCH", PATH, &text(&same)).await.status, 200);
    for different in [notes.replace("\"11.5\"", "11.5"), notes.replace("true", "false"), format!("{notes},\"x\":null")]
    {
        assert_eq!(world.send_text("PATCH", PATH, &text(&different)).await.status, 409, "{different}");
    }
    assert_eq!(world.pending_log().await.len(), 1);
}

#[actix_web::test]
async fn limits_of_notes() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["knowledge"]) + 1;
    let noted = |text: String| json!({"latestUpdateId": id, "x": text});
    let too_long = world.send("PATCH", PATH, &noted("ж".repeat(3997))).await;
    let errors = json!({"json": {"_schema": ["The total length of the stored data exceeds 8000 bytes."]}});
    assert_eq!((too_long.status, &too_long.json()["errors"]), (422, &errors));
    let forbidden = world.send("PATCH", PATH, &json!({"latestUpdateId": id, "uri": ""})).await;
    let errors = json!({"json": {"_schema": ["Can not modify \"uri\"."]}});
    assert_eq!((forbidden.status, &forbidden.json()["errors"]), (422, &errors));
    assert_eq!(world.status("PATCH", PATH, &noted("ж".repeat(3996))).await, 200);
    assert_eq!(world.read(PATH).await["x"], "ж".repeat(3996));
}
