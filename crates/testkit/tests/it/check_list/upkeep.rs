//! What is done beside the payments: logs, scanners, the content of shards (rows 26 to 30).

use super::world::{C, World};

/// A creditor with these flags, created or deactivated so many days ago.
async fn add_creditor(world: &World, id: i64, flags: i32, days: i32) {
    let date = if flags == 3 { format!("current_date - {days}") } else { "NULL".to_owned() };
    world
        .sql(&format!(
            "INSERT INTO creditor (creditor_id, status_flags, created_at, last_log_entry_id, creditor_latest_update_id, \
                 creditor_latest_update_ts, accounts_list_latest_update_id, accounts_list_latest_update_ts, \
                 transfers_list_latest_update_id, transfers_list_latest_update_ts, deactivation_date) \
             VALUES ({id}, {flags}, now() - {days} * interval '1 day', 0, 1, now(), 1, now(), 1, now(), {date})"
        ))
        .await;
}

#[tokio::test]
async fn row_26_log_entries_of_nobody_are_dropped() {
    let world = World::new("26").await;
    let pending =
        format!("INSERT INTO pending_log_entry (creditor_id, added_at, object_type_hint) VALUES ({C}, now(), 2)");
    world.sql(&pending).await;
    world.add_to_logs().await;
    assert_eq!((world.count("pending_log_entry").await, world.count("log_entry").await), (0, 0));
    world.end().await;
}

#[tokio::test]
async fn row_27_overdue_creditors_are_removed() {
    let days = [("APP_INACTIVE_CREDITOR_RETENTION_DAYS", "14"), ("APP_DEACTIVATED_CREDITOR_RETENTION_DAYS", "1826")];
    let world = World::with("27", &days).await;
    for (id, flags, days) in [(1, 3, 3000), (2, 3, 3000), (3, 0, 30), (4, 3, 10), (5, 0, 1), (6, 1, 3000)] {
        add_creditor(&world, C + id, flags, days).await;
    }
    world.sql("ANALYZE creditor").await;
    world.quietly(&["scan_creditors", "--days", "0.000001", "--quit-early"]).await;
    let left = world.rows(&format!("SELECT creditor_id - {C} FROM creditor ORDER BY 1")).await;
    assert_eq!(left, ["4", "5", "6"]);
    world.end().await;
}

#[tokio::test]
async fn row_28_creditors_of_the_sibling_shard_are_removed() {
    let settings = [
        ("MIN_CREDITOR_ID", "1"),
        ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "1.#"),
        ("DELETE_PARENT_SHARD_RECORDS", "true"),
    ];
    let world = World::with("28", &settings).await;
    let (sibling, ours) = (4_294_967_296, 1);
    for id in [sibling, ours] {
        add_creditor(&world, id, 1, 0).await;
        for debtor_id in [1, 2] {
            world
                .sql(&format!(
                    "INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_ts) \
                     VALUES ({id}, {debtor_id}, now(), now())"
                ))
                .await;
        }
        world
            .sql(&format!(
                "INSERT INTO account_exchange (creditor_id, debtor_id, min_principal, max_principal, \
                     peg_exchange_rate, peg_debtor_id, latest_update_ts) \
                 VALUES ({id}, 1, 0, 1, 1, 2, now()), ({id}, 2, 0, 1, 1, 1, now())"
            ))
            .await;
    }
    world.quietly(&["scan_creditors", "--days", "0.000001", "--quit-early"]).await;
    for table in ["creditor", "account", "account_exchange"] {
        let left = world.rows(&format!("SELECT DISTINCT creditor_id FROM {table}")).await;
        assert_eq!(left, ["1"], "{table}");
    }
    world.end().await;
}

#[tokio::test]
async fn row_29_accounts_are_repaired() {
    let world = World::new("29").await;
    let web = world.web().await;
    web.add_creditor().await;
    for debtor_id in 1..=3 {
        web.open_account_with(debtor_id).await;
    }
    // The first has another principal than its ledger, and a configuration that nobody has confirmed; of the others,
    // transfers are missing for too long.
    world
        .sql(
            "TRUNCATE configure_account_signal; \
             UPDATE account_data SET ledger_latest_update_ts = ledger_latest_update_ts - interval '2 hours', \
                 last_config_ts = last_config_ts - interval '90 days', principal = 1000, has_server_account = true \
                 WHERE debtor_id = 1; \
             UPDATE account_data SET is_config_effectual = true, last_transfer_number = debtor_id, \
                 last_transfer_committed_at = 'epoch' WHERE debtor_id > 1",
        )
        .await;
    world.quietly(&["scan_accounts", "--hours", "0.00001", "--quit-early"]).await;
    let entries = "SELECT debtor_id, entry_id, transfer_number, acquired_amount, principal FROM ledger_entry";
    assert_eq!(world.rows(entries).await, ["1,2,-,1000,1000"]);
    assert_eq!(world.rows("SELECT debtor_id, principal FROM updated_ledger_signal").await, ["1,1000"]);
    let pending = "SELECT object_type, object_type_hint FROM pending_log_entry ORDER BY pending_entry_id";
    assert_eq!(world.rows(pending).await, ["-,4", "AccountInfo,-"]);
    let errors = "SELECT debtor_id, config_error FROM account_data WHERE config_error IS NOT NULL";
    assert_eq!(world.rows(errors).await, ["1,CONFIGURATION_IS_NOT_EFFECTUAL"]);
    assert_eq!(world.rows("SELECT debtor_id FROM pending_ledger_update ORDER BY 1").await, ["2", "3"]);
    world.end().await;
}

#[tokio::test]
async fn row_30_the_content_of_a_shard_is_verified() {
    let world = World::new("30").await;
    add_creditor(&world, 1234, 1, 0).await;
    for (realm, status) in [("0.#", 0), ("1.#", 1)] {
        let ended = world.run_with(&[("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", realm)], &["verify_shard_content"]).await;
        assert_eq!((ended.status, ended.output.is_empty()), (Some(status), status == 0), "{realm}: {ended:?}");
    }
}
