//! Creditors and what they are allowed (rows 1, 2, 4, 25).

use serde_json::{Value, json};

use super::world::{C, World};

#[tokio::test]
async fn row_01_a_creditor_is_reserved_once_and_activated_with_its_reservation() {
    let world = World::new("01").await;
    let web = world.web().await;
    let (status, reservation) = web.send("POST", &format!("{C}/reserve"), json!({})).await;
    assert_eq!(status, 200, "{reservation}");
    assert_eq!(web.status("POST", &format!("{C}/reserve"), json!({})).await, 409);
    let is_active = async || web.status("GET", &format!("{C}/"), Value::Null).await == 200;
    assert!(!is_active().await);
    let activate = async |id: &Value| web.send("POST", &format!("{C}/activate"), json!({"reservationId": id})).await;
    let (status, body) = activate(&json!("-123")).await;
    assert_eq!((status, &body["errors"]["json"]["reservationId"]), (422, &json!(["Invalid ID."])));
    assert!(!is_active().await);
    assert_eq!(activate(&reservation["reservationId"]).await.0, 200);
    assert!(is_active().await);
    assert_eq!(web.status("POST", &format!("{C}/reserve"), json!({})).await, 409);
    world.end().await;
}

#[tokio::test]
async fn row_02_unknown_creditors_open_no_accounts() {
    let world = World::new("02").await;
    let web = world.web().await;
    assert_eq!(web.status("POST", &format!("{C}/accounts/"), json!({"uri": "swpt:1"})).await, 404);
    assert_eq!(world.count("account").await, 0);
    world.end().await;
}

#[tokio::test]
async fn row_04_deactivated_creditors_have_nothing() {
    let world = World::new("04").await;
    let web = world.web().await;
    web.add_creditor().await;
    web.open_account().await;
    let enumerate = format!("{C}/enumerate");
    assert_eq!(web.get(&enumerate).await["items"], json!([{"uri": format!("/creditors/{C}/")}]));
    assert_eq!(web.status("POST", &format!("{C}/deactivate"), json!({})).await, 204);
    assert_eq!((world.count("account").await, world.count("pin_info").await), (0, 0));
    assert_eq!(web.get(&enumerate).await["items"], json!([]));
    assert_eq!(web.status("GET", &format!("{C}/"), Value::Null).await, 403);
    world.end().await;
}

#[tokio::test]
async fn row_25_limits_forbid_and_forget() {
    // A maximum of 0 forbids without any row.
    let maxima =
        [("APP_MAX_CREDITOR_ACCOUNTS", "0"), ("APP_MAX_CREDITOR_TRANSFERS", "0"), ("APP_MAX_CREDITOR_RECONFIGS", "0")];
    let world = World::with("25", &maxima).await;
    let web = world.web().await;
    web.add_creditor().await;
    let transfer = json!({
        "transferUuid": "123e4567-e89b-12d3-a456-426655440000", "recipient": {"uri": "swpt:1/1111"}, "amount": 1,
        "note": "",
    });
    for (method, path, body) in [
        ("POST", "accounts/", json!({"uri": "swpt:1"})),
        ("POST", "transfers/", transfer),
        ("PATCH", "pin", json!({"status": "off", "latestUpdateId": 2})),
    ] {
        assert_eq!(web.status(method, &format!("{C}/{path}"), body).await, 403, "{path}");
    }
    assert_eq!(world.count("usage_stats").await, 0);

    // What is counted is forgotten after so many hours: after none at once, after many not.
    for (hours, expected) in [("0", [200, 200, 200]), ("10000", [200, 403, 403])] {
        let settings = [("APP_MAX_CREDITOR_RECONFIGS", "1"), ("APP_CREDITOR_DOS_STATS_CLEAR_HOURS", hours)];
        let world = World::with(&format!("25-{hours}"), &settings).await;
        let web = world.web().await;
        web.add_creditor().await;
        let mut statuses = vec![];
        for update_id in 2..5 {
            let body = json!({"status": "off", "latestUpdateId": update_id});
            statuses.push(web.status("PATCH", &format!("{C}/pin"), body).await);
        }
        assert_eq!(statuses, expected, "{hours} hours");
        world.end().await;
    }
}
