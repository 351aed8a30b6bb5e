//! Accounts that are opened, follow their servers, and are deleted (rows 3, 5 to 11, 13, 15).

use chrono::TimeDelta;
use domain::{AccountKey, DebtorId, Timestamp, incoming::Incoming};
use serde_json::{Value, json};

use super::{
    messages::{ACCOUNT, date, purge, refusal, update, updated},
    world::{World, account_path},
};

/// When the account's configuration was made.
pub(super) async fn config_ts(world: &World) -> Timestamp {
    let text =
        world.rows("SELECT to_char(last_config_ts, 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"Z\"') FROM account_data").await;
    text.concat().parse().unwrap()
}

#[tokio::test]
async fn row_03_a_new_account_is_logged_at_once() {
    let world = World::new("03").await;
    let web = world.web().await;
    web.add_creditor().await;
    web.open_account().await;
    let log = "SELECT entry_id, object_type FROM log_entry ORDER BY 1";
    for _ in 0..2 {
        assert_eq!(world.rows(log).await, ["1,Account", "2,AccountsList"]);
        assert_eq!((world.count("pending_log_entry").await, world.count("pending_ledger_update").await), (0, 0));
        assert_eq!(world.count("ledger_entry").await, 0);
        world.update_ledgers().await;
        world.add_to_logs().await;
    }
    world.end().await;
}

#[tokio::test]
async fn row_05_an_account_without_a_name_is_deleted_at_once() {
    let world = World::new("05").await;
    let web = world.web().await;
    web.add_creditor().await;
    web.open_account().await;
    assert_eq!(web.status("DELETE", &account_path(), Value::Null).await, 204);
    assert_eq!(world.count("account").await, 0);
    world.end().await;
}

#[tokio::test]
async fn row_06_an_account_with_a_name_is_deleted_when_it_is_safe() {
    let mut world = World::new("06").await;
    let _consumer = world.consume();
    let web = world.web().await;
    web.add_creditor().await;
    assert_eq!(web.status("DELETE", &account_path(), Value::Null).await, 204, "it does not exist anyway");
    web.open_account().await;
    assert_eq!(web.change("display", json!({"debtorName": "Test Debtor"})).await.0, 200);
    world.tell(&[updated(update(world.now, config_ts(&world).await))]).await;
    assert_eq!(world.count("updated_ledger_signal").await, 1);
    assert_eq!(web.status("DELETE", &account_path(), Value::Null).await, 403);
    assert_eq!(web.change("config", json!({"scheduledForDeletion": true})).await.0, 200);
    assert_eq!(world.rows("SELECT config_flags FROM updated_flags_signal").await, ["1"]);
    assert_eq!(web.status("DELETE", &account_path(), Value::Null).await, 403);

    let effectual = domain::incoming::AccountUpdate {
        last_change_seqnum: 2,
        last_config_seqnum: 1,
        config_flags: 1,
        ..update(world.now, config_ts(&world).await)
    };
    world.tell(&[updated(effectual)]).await;
    assert_eq!(world.count("updated_ledger_signal").await, 1);
    assert_eq!(web.status("DELETE", &account_path(), Value::Null).await, 403);
    world.tell(&[purge(ACCOUNT, "2026-01-01")]).await;
    assert_eq!(web.status("DELETE", &account_path(), Value::Null).await, 204);

    let ledgers = "SELECT account_id, creation_date, principal, last_transfer_number FROM updated_ledger_signal \
                   ORDER BY update_id";
    assert_eq!(world.rows(ledgers).await, ["account-1,2026-01-01,0,0", ",1970-01-01,0,0"]);
    let policies = "SELECT policy_name, min_principal, max_principal, peg_exchange_rate, peg_debtor_id \
                    FROM updated_policy_signal";
    assert_eq!(world.rows(policies).await, [format!("-,{},{},-,-", i64::MIN, i64::MAX)]);
    assert_eq!(world.rows("SELECT config_flags FROM updated_flags_signal ORDER BY update_id").await, ["1", "0"]);
    world.end().await;
}

const LEDGER: &str = "SELECT ledger_principal, ledger_last_entry_id, ledger_last_transfer_number FROM account_data";
const INFO_ID: &str = "SELECT info_latest_update_id FROM account_data";
const ALL: &str = "SELECT * FROM account_data";

/// A ledger that has come far, with a server account that does not know it.
async fn with_old_ledger(world: &World) {
    let web = world.web().await;
    web.add_creditor().await;
    web.open_account().await;
    world
        .sql(
            "UPDATE account_data SET ledger_principal = 1001, ledger_last_entry_id = 88, \
                 ledger_last_transfer_number = 888, last_heartbeat_ts = last_heartbeat_ts - interval '1 day'",
        )
        .await;
}

#[tokio::test]
async fn rows_07_to_10_and_15_an_account_follows_its_server() {
    let mut world = World::new("07").await;
    let _consumer = world.consume();
    with_old_ledger(&world).await;
    let before = world.rows(ALL).await;
    let ts = world.now - TimeDelta::seconds(5);
    let config_ts = config_ts(&world).await;
    let base = domain::incoming::AccountUpdate { ts, ..update(world.now, config_ts) };
    world.tell(&[updated(domain::incoming::AccountUpdate { ttl: 0, ..base.clone() })]).await;
    assert_eq!(world.rows(ALL).await, before, "not even the heartbeat");

    let ledger_id = world.number("SELECT ledger_latest_update_id FROM account_data").await;
    world.tell(&[updated(domain::incoming::AccountUpdate { ttl: 10_000, ..base.clone() })]).await;
    assert_eq!(world.rows(LEDGER).await, ["0,89,0"]);
    let state = "SELECT is_config_effectual, last_heartbeat_ts > now() - interval '1 hour', ledger_latest_update_id \
                 FROM account_data";
    assert_eq!(world.rows(state).await, [format!("t,t,{}", ledger_id + 1)]);
    let signals = "SELECT s.principal, s.last_transfer_number, update_id = ledger_latest_update_id, \
                       ts = ledger_latest_update_ts FROM updated_ledger_signal AS s JOIN account_data USING (debtor_id)";
    assert_eq!(world.rows(signals).await, ["0,0,t,t"]);
    let entries = "SELECT entry_id, acquired_amount, principal, transfer_number FROM ledger_entry";
    assert_eq!(world.rows(entries).await, ["89,-1001,0,-"]);
    assert_eq!(world.count("pending_ledger_update").await, 1, "row 15");

    let before = world.rows(ALL).await;
    world.tell(&[updated(base.clone())]).await;
    assert_eq!(world.rows(ALL).await, before, "row 8: the same again");
    assert_eq!(world.count("updated_ledger_signal").await, 1);

    let info_id = world.number(INFO_ID).await;
    let (ineffectual, effectual) = (
        domain::incoming::AccountUpdate { last_change_seqnum: 2, config_flags: 1, ..base.clone() },
        domain::incoming::AccountUpdate { last_change_seqnum: 3, ..base.clone() },
    );
    for (message, expected) in [
        (Incoming::RejectedConfig(refusal(config_ts)), ("NO", info_id + 1)),
        (updated(ineffectual), ("NO", info_id + 1)),
        (updated(effectual), ("-", info_id + 2)),
    ] {
        world.tell(&[message]).await;
        let (error, id) = expected;
        let found = world.rows("SELECT config_error, info_latest_update_id FROM account_data").await;
        assert_eq!(found, [format!("{error},{id}")], "row 9");
    }

    let successor = domain::incoming::AccountUpdate { creation_date: date("2026-01-03"), ..base };
    world.tell(&[updated(successor)]).await;
    assert_eq!(world.rows(LEDGER).await, ["0,89,0"], "row 10");
    assert_eq!(world.count("updated_ledger_signal").await, 2);
    world.add_to_logs().await;
    let log = "SELECT object_type, object_type_hint, count(*) FROM log_entry GROUP BY 1, 2 ORDER BY 1, 2";
    assert_eq!(world.rows(log).await, ["Account,-,1", "AccountInfo,-,3", "AccountsList,-,1", "-,4,2"]);
}

#[tokio::test]
async fn row_11_accounts_that_nobody_holds_are_to_be_deleted() {
    let mut world = World::new("11").await;
    let _consumer = world.consume();
    let base = update(world.now, world.now);
    let unknown = domain::incoming::AccountUpdate { negligible_amount: 2.0, ..base };
    world.tell(&[updated(unknown.clone())]).await;
    let sent = "SELECT negligible_amount > 1e22, config_flags & 1 FROM configure_account_signal";
    assert_eq!(world.rows(sent).await, ["t,1"]);
    let discarded = domain::incoming::AccountUpdate { negligible_amount: 1e30, config_flags: 1, ..unknown };
    world.tell(&[updated(discarded)]).await;
    assert_eq!(world.rows(sent).await, ["t,1"]);
    world.end().await;
}

#[tokio::test]
async fn row_13_server_accounts_are_purged() {
    let mut world = World::new("13").await;
    let _consumer = world.consume();
    let web = world.web().await;
    web.add_creditor().await;
    web.open_account().await;
    world.tell(&[updated(update(world.now, config_ts(&world).await))]).await;
    let another = AccountKey::new(ACCOUNT.creditor_id, DebtorId::new(1));
    let before = world.rows(ALL).await;
    world.tell(&[purge(another, "2026-01-01"), purge(ACCOUNT, "2025-12-31")]).await;
    assert_eq!(world.rows(ALL).await, before);
    world.tell(&[purge(ACCOUNT, "2026-01-01")]).await;
    let state = "SELECT has_server_account, principal, interest FROM account_data";
    assert_eq!(world.rows(state).await, ["f,0,0"]);
    let after = world.rows(ALL).await;
    world.tell(&[purge(ACCOUNT, "2026-01-01")]).await;
    assert_eq!(world.rows(ALL).await, after);
    let told = "SELECT object_type, is_deleted, object_type_hint FROM pending_log_entry ORDER BY pending_entry_id";
    assert_eq!(world.rows(told).await, ["AccountInfo,-,-", "-,-,4", "AccountInfo,-,-"]);
    world.end().await;
}
