//! Creating, listing and looking up accounts.

use serde_json::{Value, json};

use super::bodies::update_id;
use crate::world::{NOW, World};

const BASE: &str = "http://example.com/creditors/4294967296/";

fn uri(text: &str) -> Value {
    json!({"type": "DebtorIdentity", "uri": text})
}

#[actix_web::test]
async fn creation() {
    let world = World::new().await;
    let answer = world.send("POST", "accounts/", &uri("swpt:18446744073709551615")).await;
    let location = format!("{BASE}accounts/18446744073709551615/");
    assert_eq!((answer.status, answer.header("location")), (201, Some(location.as_str())));
    let account = answer.json();
    assert_eq!(account, world.read("accounts/18446744073709551615/").await);
    assert_eq!((&account["type"], &account["createdAt"]), (&json!("Account"), &json!(NOW)));
    assert_eq!(account["debtor"], uri("swpt:18446744073709551615"));

    // One transaction has written everything.
    let writers = "SELECT count(DISTINCT xmin::text) FROM ( \
        SELECT xmin FROM account UNION ALL SELECT xmin FROM account_data UNION ALL SELECT xmin FROM account_display \
        UNION ALL SELECT xmin FROM account_exchange UNION ALL SELECT xmin FROM account_knowledge \
        UNION ALL SELECT xmin FROM creditor UNION ALL SELECT xmin FROM log_entry UNION ALL SELECT xmin FROM usage_stats \
        UNION ALL SELECT xmin FROM configure_account_signal) AS written";
    assert_eq!(world.rows(writers).await, ["1"]);
    assert_eq!(
        world
            .rows("SELECT entry_id, object_type, object_uri, object_update_id, is_deleted FROM log_entry ORDER BY 1")
            .await,
        [
            format!("1,Account,/creditors/4294967296/accounts/18446744073709551615/,{},-", update_id(&account)),
            "2,AccountsList,/creditors/4294967296/accounts-list,2,-".to_owned(),
        ]
    );
    assert_eq!(world.rows("SELECT last_log_entry_id, accounts_list_latest_update_id FROM creditor").await, ["2,2"]);
    let signal = "SELECT debtor_id, seqnum, negligible_amount, config_flags, config_data = '', \
        ts = '2024-01-02T03:04:05.678901Z' FROM configure_account_signal";
    assert_eq!(world.rows(signal).await, ["-1,0,1e+30,0,t,t"]);
    assert_eq!(world.counters().await, ["1,0,1,0"]);
}

#[actix_web::test]
async fn an_account_is_created_once() {
    let world = World::new().await;
    world.open_account(1).await;
    let again = world.send("POST", "accounts/", &uri("swpt:001")).await;
    let location = format!("{BASE}accounts/1/");
    assert_eq!((again.status, again.header("location"), again.body.as_str()), (303, Some(location.as_str()), ""));
    assert_eq!(world.rows("SELECT last_log_entry_id FROM creditor").await, ["2"]);
    assert_eq!(world.rows("SELECT count(*) FROM configure_account_signal").await, ["1"]);
    assert_eq!(world.counters().await, ["1,0,1,0"], "it is not counted");
}

#[actix_web::test]
async fn debtors_must_be_recognized() {
    let world = World::with(&[("APP_MAX_CREDITOR_ACCOUNTS", "0")]).await;
    let error = json!({"json": {"uri": ["The URI can not be recognized."]}});
    for path in ["accounts/", "debtor-lookup"] {
        for wrong in ["swpt:", "swpt:x", "swpt:18446744073709551616", "swpt:1/a", "SWPT:1", "swpt:1\n", " swpt:1"] {
            let answer = world.send("POST", path, &uri(wrong)).await;
            assert_eq!((answer.status, &answer.json()["errors"]), (422, &error), "{path} {wrong}");
        }
        let missing = world.send("POST", path, &json!({})).await;
        let expected = json!({"json": {"uri": ["Missing data for required field."]}});
        assert_eq!((missing.status, &missing.json()["errors"]), (422, &expected), "{path}");
    }
    // Limits are looked at later.
    assert_eq!(world.status("POST", "accounts/", &uri("swpt:1")).await, 403);
}

#[actix_web::test]
async fn limits_of_creation() {
    for limit in ["APP_MAX_CREDITOR_ACCOUNTS", "APP_MAX_CREDITOR_RECONFIGS"] {
        let world = World::with(&[(limit, "1")]).await;
        world.open_account(1).await;
        assert_eq!(world.status("POST", "accounts/", &uri("swpt:2")).await, 403, "{limit}");
        assert_eq!(world.status("POST", "accounts/", &uri("swpt:1")).await, 403, "{limit}: whether it exists or not");
        world.sql("DELETE FROM pin_info; UPDATE creditor SET status_flags = 3").await;
        assert_eq!(world.status("POST", "accounts/", &uri("swpt:2")).await, 403, "{limit}: whoever asks");
        assert_eq!(world.rows("SELECT count(*) FROM account").await, ["1"]);
        assert_eq!(world.counters().await, ["1,0,1,0"]);
    }
}

#[actix_web::test]
async fn changes_are_counted_for_a_while() {
    let limits = [("APP_MAX_CREDITOR_RECONFIGS", "1"), ("APP_CREDITOR_DOS_STATS_CLEAR_HOURS", "1.5")];
    let world = World::with(&limits).await;
    world.open_account(1).await;
    // It is 03:04; the count ends at 05:00.
    world.wait(chrono::TimeDelta::minutes(115));
    assert_eq!(world.status("POST", "accounts/", &uri("swpt:2")).await, 403);
    world.wait(chrono::TimeDelta::minutes(1));
    assert_eq!(world.status("POST", "accounts/", &uri("swpt:2")).await, 201);
    assert_eq!(world.status("POST", "accounts/", &uri("swpt:3")).await, 403);
}

#[actix_web::test]
async fn only_active_creditors_create_accounts() {
    let world = World::new().await;
    world.open_account(1).await;
    for status in [0, 3] {
        world.sql(&format!("UPDATE creditor SET status_flags = {status}")).await;
        for debtor in ["swpt:1", "swpt:2"] {
            assert_eq!(world.status("POST", "accounts/", &uri(debtor)).await, 404, "{status} {debtor}");
        }
    }
    assert_eq!(world.counters().await, ["1,0,1,0"]);
}

#[actix_web::test]
async fn pages() {
    let world = World::with(&[("APP_ACCOUNTS_PER_PAGE", "2")]).await;
    let page = async |query: &str| {
        let page = world.read(&format!("accounts/{query}")).await;
        assert_eq!(page["type"], "ObjectReferencesPage");
        let expected = format!("/creditors/4294967296/accounts/{}", if query.is_empty() { "?" } else { query });
        assert_eq!(page["uri"], expected);
        let uris: Vec<_> = page["items"].as_array().unwrap().iter().map(|item| item["uri"].clone()).collect();
        (json!(uris), page.get("next").cloned().unwrap_or_default())
    };
    assert_eq!(page("").await, (json!([]), Value::Null));
    for debtor_id in [7, u64::MAX, 0, 1 << 63] {
        world.open_account(debtor_id).await;
    }
    // The order is that of signed numbers.
    let second = "?prev=18446744073709551615";
    assert_eq!(page("").await, (json!(["9223372036854775808/", "18446744073709551615/"]), json!(second)));
    assert_eq!(page(second).await, (json!(["0/", "7/"]), json!("?prev=7")), "a full page may not be the last one");
    assert_eq!(page("?prev=7").await, (json!([]), Value::Null));
    assert_eq!(page("?prev=00&x=%20").await, (json!(["7/"]), Value::Null));
    assert_eq!(page("?prev=9223372036854775807").await, (json!([]), Value::Null));
    for (query, problem) in [
        ("?prev=", "String does not match expected pattern."),
        ("?prev=%20", "String does not match expected pattern."),
        ("?prev=-1", "Invalid value."),
        ("?prev=x", "Invalid value."),
        ("?prev=18446744073709551616", "Invalid value."),
    ] {
        let answer = world.get(&format!("accounts/{query}")).await;
        assert_eq!((answer.status, &answer.json()["errors"]), (422, &json!({"query": {"prev": [problem]}})), "{query}");
    }
}

#[actix_web::test]
async fn lookup() {
    let world = World::new().await;
    let found = async |debtor: &str| {
        let answer = world.send("POST", "debtor-lookup", &uri(debtor)).await;
        (answer.status, answer.header("location").map(str::to_owned), answer.body)
    };
    assert_eq!(found("swpt:1").await, (204, None, String::new()));
    world.open_account(1).await;
    assert_eq!(found("swpt:01").await, (303, Some(format!("{BASE}accounts/1/")), String::new()));
    assert_eq!(found("swpt:2").await, (204, None, String::new()));
}
