//! Configuring accounts.

use chrono::{TimeDelta, Utc};
use runtime::Clock as _;
use serde_json::json;

use super::bodies::{change, joined, logged, shown, update_id, with, without};
use crate::world::World;

const PATH: &str = "accounts/1/config";

#[actix_web::test]
async fn a_change() {
    let world = World::new().await;
    let account = world.open_account(1).await;
    world.sql("UPDATE account_data SET config_flags = 6, is_config_effectual = true, config_error = 'X'").await;
    let id = update_id(&account["config"]) + 1;
    let answer = world.send("PATCH", PATH, &change("config", id)).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    let expected = joined(
        shown("AccountConfig", "config", id),
        json!({"scheduledForDeletion": true, "negligibleAmount": 1.1, "allowUnsafeDeletion": false, "configData": "ж"}),
    );
    assert_eq!(answer.json(), expected);
    assert!(answer.body.contains(r#""negligibleAmount":1.1,"#), "{answer:?}");
    assert_eq!(world.read(PATH).await, expected);
    // The other flags, and the error, stay. The time never goes back.
    let row = "SELECT config_flags, negligible_amount, config_data, is_config_effectual, config_error, \
        last_config_seqnum, last_config_ts = '2024-01-02T03:04:05.678901Z' FROM account_data";
    assert_eq!(world.rows(row).await, ["7,1.1,ж,f,X,1,t"]);
    let signals = "SELECT debtor_id, seqnum, config_flags, negligible_amount, config_data, \
        ts = '2024-01-02T03:04:05.678901Z' FROM configure_account_signal WHERE seqnum = 1";
    assert_eq!(world.rows(signals).await, ["1,1,7,1.1,ж,t"]);
    let flags =
        "SELECT debtor_id, update_id, config_flags, ts = '2024-01-02T03:04:05.678901Z' FROM updated_flags_signal";
    assert_eq!(world.rows(flags).await, [format!("1,{id},7,t")]);
    assert_eq!(world.pending_log().await, [logged("AccountConfig", "config", id)]);
    assert_eq!(world.counters().await, ["1,0,2,0"]);
    let writers = "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM account_data \
        UNION ALL SELECT xmin FROM pending_log_entry UNION ALL SELECT xmin FROM usage_stats \
        UNION ALL SELECT xmin FROM updated_flags_signal \
        UNION ALL SELECT xmin FROM configure_account_signal WHERE seqnum = 1) AS written";
    assert_eq!(world.rows(writers).await, ["1"]);
}

#[actix_web::test]
async fn time_and_numbers_of_configurations() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["config"]);
    world.sql("UPDATE account_data SET last_config_seqnum = 2147483647").await;
    world.clock.set(world.clock.now() - TimeDelta::hours(1));
    assert_eq!(world.status("PATCH", PATH, &change("config", id + 1)).await, 200);
    let row = "SELECT last_config_seqnum, last_config_ts = '2024-01-02T03:04:05.678901Z' FROM account_data";
    assert_eq!(world.rows(row).await, ["-2147483648,t"]);
    let object = world.read(PATH).await;
    let at: chrono::DateTime<Utc> = object["latestUpdateAt"].as_str().unwrap().parse().unwrap();
    assert_eq!(at, world.clock.now(), "the object is as old as it is");
}

#[actix_web::test]
async fn an_account_that_was_safe_to_delete() {
    let world = World::new().await;
    let account = world.open_account(1).await;
    world.sql("UPDATE account_data SET config_flags = 1, is_config_effectual = true").await;
    assert_eq!(world.read("accounts/1/info").await["safeToDelete"], true);
    let (config_id, info_id) = (update_id(&account["config"]) + 1, update_id(&account["info"]) + 1);
    assert_eq!(world.status("PATCH", PATH, &change("config", config_id)).await, 200);
    let info = world.read("accounts/1/info").await;
    assert_eq!((&info["safeToDelete"], update_id(&info)), (&json!(false), info_id));
    assert_eq!(
        world.pending_log().await,
        [logged("AccountConfig", "config", config_id), logged("AccountInfo", "info", info_id)]
    );
}

#[actix_web::test]
async fn what_counts_as_the_same() {
    let world = World::new().await;
    let id = update_id(&world.open_account(1).await["config"]) + 1;
    assert_eq!(world.status("PATCH", PATH, &change("config", id)).await, 200);
    let same = [
        with(&change("config", id), "negligibleAmount", json!("1.1000000001")),
        with(&change("config", id), "scheduledForDeletion", json!("yes")),
        without(&change("config", id), "type"),
    ];
    for body in same {
        assert_eq!(world.status("PATCH", PATH, &body).await, 200, "{body}");
    }
    let different = [
        with(&change("config", id), "negligibleAmount", json!(1.2)),
        with(&change("config", id), "scheduledForDeletion", json!(false)),
        with(&change("config", id), "allowUnsafeDeletion", json!(true)),
        without(&change("config", id), "configData"),
    ];
    for body in different {
        assert_eq!(world.status("PATCH", PATH, &body).await, 409, "{body}");
        assert_eq!(world.pending_log().await.len(), 1);
    }
}

#[actix_web::test]
async fn small_and_large_amounts() {
    let world = World::new().await;
    let mut id = update_id(&world.open_account(1).await["config"]);
    for (amount, text) in [("-0.0", "0.0"), ("1e-50", "0.0"), ("1e+0", "1.0"), ("3.4028235e38", "3.4028235e+38")] {
        id += 1;
        let body = change("config", id).to_string().replace("1.1", amount);
        let answer = world.send_text("PATCH", PATH, &body).await;
        assert_eq!(answer.status, 200, "{amount}: {answer:?}");
        assert!(answer.body.contains(&format!("\"negligibleAmount\":{text},")), "{amount}: {answer:?}");
        assert_eq!(answer.json(), world.read(PATH).await, "{amount}");
    }
    for amount in ["1e39", "-1", "1e400"] {
        let body = change("config", id + 1).to_string().replace("1.1", amount);
        let answer = world.send_text("PATCH", PATH, &body).await;
        assert_eq!(answer.status, 422, "{amount}: {answer:?}");
        assert!(answer.json()["errors"]["json"]["negligibleAmount"].is_array(), "{answer:?}");
    }
}
