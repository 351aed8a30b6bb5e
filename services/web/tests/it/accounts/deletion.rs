//! Deleting accounts.

use serde_json::{Value, json};

use super::bodies::{change, update_id, with};
use crate::world::World;

impl World {
    async fn delete(&self, debtor_id: u64) -> u16 {
        let answer = self.send("DELETE", &format!("accounts/{debtor_id}/"), &Value::Null).await;
        assert_eq!(answer.status == 204, answer.body.is_empty(), "{answer:?}");
        answer.status
    }
}

#[actix_web::test]
async fn what_does_not_exist_is_deleted_already() {
    let world = World::new().await;
    assert_eq!(world.delete(1).await, 204);
    assert_eq!(world.rows("SELECT last_log_entry_id FROM creditor").await, ["0"]);
    assert_eq!(world.rows("SELECT accounts_count FROM usage_stats WHERE accounts_count <> 0").await, [""; 0]);
    world.sql("DELETE FROM pin_info; DELETE FROM usage_stats; DELETE FROM creditor").await;
    assert_eq!(world.delete(1).await, 204);
}

#[actix_web::test]
async fn deletion() {
    let world = World::with(&[("APP_MAX_CREDITOR_RECONFIGS", "1")]).await;
    let account = world.open_account(1).await;
    world.sql("UPDATE account_data SET ledger_last_entry_id = 42").await;
    world
        .sql(
            "INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, acquired_amount, principal, added_at) \
             VALUES (4294967296, 1, 42, 1, 1, 'epoch')",
        )
        .await;
    // The limit of changes does not matter.
    assert_eq!(world.delete(1).await, 204);
    assert_eq!(world.get("accounts/1/").await.status, 404);
    assert_eq!(world.rows("SELECT count(*) FROM account_data").await, ["0"]);
    assert_eq!(world.read("accounts/1/entries?prev=43").await["items"][0]["entryId"], 42);
    let creditor =
        "SELECT last_log_entry_id, accounts_list_latest_update_id, largest_historic_ledger_entry_id FROM creditor";
    assert_eq!(world.rows(creditor).await, ["10,3,42"]);
    let deletion_id: i64 = world.rows("SELECT max(object_update_id) FROM log_entry").await.concat().parse().unwrap();
    assert!(deletion_id > update_id(&account["knowledge"]));
    let uri = "/creditors/4294967296/accounts/1/";
    let deleted = |entry_id: i64, name: &str, part: &str| format!("{entry_id},{name},{uri}{part},{deletion_id},t");
    assert_eq!(
        world
            .rows(
                "SELECT entry_id, object_type, object_uri, object_update_id, is_deleted FROM log_entry \
                 WHERE entry_id > 2 ORDER BY 1"
            )
            .await,
        [
            "3,AccountsList,/creditors/4294967296/accounts-list,3,-".to_owned(),
            deleted(4, "Account", ""),
            deleted(5, "AccountConfig", "config"),
            deleted(6, "AccountInfo", "info"),
            deleted(7, "AccountLedger", "ledger"),
            deleted(8, "AccountDisplay", "display"),
            deleted(9, "AccountExchange", "exchange"),
            deleted(10, "AccountKnowledge", "knowledge"),
        ]
    );
    let ledger = "SELECT debtor_id, update_id, account_id = '', creation_date, principal, last_transfer_number \
        FROM updated_ledger_signal";
    assert_eq!(world.rows(ledger).await, [format!("1,{deletion_id},t,1970-01-01,0,0")]);
    let policy = "SELECT debtor_id, update_id, policy_name, min_principal, max_principal, peg_exchange_rate, \
        peg_debtor_id FROM updated_policy_signal";
    let limits = format!("{},{}", i64::MIN, i64::MAX);
    assert_eq!(world.rows(policy).await, [format!("1,{deletion_id},-,{limits},-,-")]);
    let flags = "SELECT debtor_id, update_id, config_flags FROM updated_flags_signal";
    assert_eq!(world.rows(flags).await, [format!("1,{deletion_id},0")]);
    assert_eq!(world.rows("SELECT count(*) FROM configure_account_signal").await, ["1"], "that of the creation");
    assert_eq!(world.counters().await, ["0,0,1,0"]);
    let writers = "SELECT count(DISTINCT xmin::text) FROM (SELECT xmin FROM creditor \
        UNION ALL SELECT xmin FROM log_entry WHERE entry_id > 2 UNION ALL SELECT xmin FROM usage_stats \
        UNION ALL SELECT xmin FROM updated_flags_signal) AS written";
    assert_eq!(world.rows(writers).await, ["1"]);
    assert_eq!(world.delete(1).await, 204);
    assert_eq!(world.counters().await, ["0,0,1,0"], "nothing was deleted");
}

#[actix_web::test]
async fn the_next_life_begins_after_the_last() {
    let world = World::new().await;
    world.open_account(1).await;
    world.sql("UPDATE account_data SET ledger_last_entry_id = 42").await;
    assert_eq!(world.delete(1).await, 204);
    let deletion_id: i64 = world.rows("SELECT max(object_update_id) FROM log_entry").await.concat().parse().unwrap();
    let account = world.open_account(1).await;
    assert_eq!(account["ledger"]["nextEntryId"], 44);
    for object in [&account, &account["config"], &account["info"], &account["ledger"], &account["display"]] {
        assert!(update_id(object) > deletion_id, "{object}");
    }
}

#[actix_web::test]
async fn accounts_in_use() {
    let world = World::new().await;
    world.open_account(1).await;
    // Accounts without a name are not in use.
    world.sql("UPDATE account_display SET debtor_name = 'Bank'").await;
    let steps = [
        ("config_flags = 1", 403),
        ("has_server_account = true, is_config_effectual = true", 403),
        ("has_server_account = false, config_flags = 2", 403),
        ("allow_unsafe_deletion = true", 204),
    ];
    for (change, expected) in steps {
        world.sql(&format!("UPDATE account_data SET {change}")).await;
        assert_eq!(world.delete(1).await, expected, "{change}");
        let left = if expected == 403 { ["1,0,1,0"] } else { ["0,0,1,0"] };
        assert_eq!(world.counters().await, left, "{change}");
    }
    world.open_account(1).await;
    world.sql("UPDATE account_display SET debtor_name = 'Bank'").await;
    world.sql("UPDATE account_data SET config_flags = 1, is_config_effectual = true").await;
    assert_eq!(world.delete(1).await, 204);
}

#[actix_web::test]
async fn pegs_hold_accounts() {
    let world = World::new().await;
    for debtor_id in [1, 2] {
        world.open_account(debtor_id).await;
    }
    let id = world.part_id("exchange").await;
    let pegged_to =
        |uri: &str, id| with(&change("exchange", id), "peg", json!({"exchangeRate": 0.0, "account": {"uri": uri}}));
    assert_eq!(world.status("PATCH", "accounts/1/exchange", &pegged_to("../2/", id + 1)).await, 200);
    assert_eq!(world.delete(2).await, 403);
    // A peg to itself is no obstacle.
    assert_eq!(world.status("PATCH", "accounts/1/exchange", &pegged_to("../1/", id + 2)).await, 200);
    assert_eq!(world.delete(2).await, 204);
    assert_eq!(world.delete(1).await, 204);
}
