//! Which creditors go (processing §13.2).

use crate::world::{C, World};

/// `0.#` has it, `1.#` has not (smp §8).
const SIBLINGS: i64 = 4_294_967_296;
/// `1.#` has them.
const OURS: i64 = 1;
const STRANGERS: i64 = 123;

const SHARD: [(&str, &str); 3] =
    [("MIN_CREDITOR_ID", "1"), ("MAX_CREDITOR_ID", "0x100000000"), ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "1.#")];

async fn ids(world: &World) -> Vec<i64> {
    let rows = world.client.query("SELECT creditor_id FROM creditor ORDER BY creditor_id", &[]).await.unwrap();
    rows.iter().map(|row| row.get(0)).collect()
}

/// processing §18 row 27.
#[tokio::test]
async fn row_27_creditors_that_nobody_uses_go() {
    let world = World::new().await;
    // 14 days after their reservation, 1826 days after their deactivation.
    let creditors = [
        ("deactivated long ago", 3, 2000, Some(1827), false),
        ("deactivated, nobody knows when", 3, 1, None, false),
        ("deactivated", 3, 2000, Some(1826), true),
        ("reserved long ago", 0, 15, None, false),
        ("reserved", 0, 13, None, true),
        ("active", 1, 2000, None, true),
    ];
    let mut expected = Vec::new();
    for (id, (_, status, reserved, deactivated, stays)) in (C..).zip(creditors) {
        world.add_creditor(id, status, reserved, deactivated).await;
        expected.extend(stays.then_some(id));
    }
    world.scan_well("creditors", &[]);
    assert_eq!(ids(&world).await, expected, "three remain");
}

/// processing §18 row 28.
#[tokio::test]
async fn row_28_creditors_of_the_sibling_shard_go_with_all_they_have() {
    let world = World::new().await;
    for id in [SIBLINGS, OURS] {
        world.add_creditor(id, 1, 0, None).await;
        world.add_account(id, 1).await;
        world.add_account(id, 2).await;
        world
            .sql(&format!(
                "UPDATE account_exchange SET peg_exchange_rate = 1, peg_debtor_id = 3 - debtor_id \
                     WHERE creditor_id = {id}; \
                 INSERT INTO usage_stats (creditor_id) VALUES ({id}); \
                 INSERT INTO pin_info (creditor_id, status, cfa, afa, afa_last_reset_ts, pin_length, latest_update_id, \
                     latest_update_ts) VALUES ({id}, 0, 0, 0, now(), 0, 1, now()); \
                 INSERT INTO pending_ledger_update VALUES ({id}, 1)"
            ))
            .await;
    }
    world.scan_well("creditors", &SHARD);
    assert_eq!(ids(&world).await, [OURS, SIBLINGS], "the operator has not asked for it");

    world.scan_well("creditors", &[&SHARD[..], &[("DELETE_PARENT_SHARD_RECORDS", "true")]].concat());
    assert_eq!(ids(&world).await, [OURS]);
    for (table, rows) in [
        ("account", 2),
        ("account_data", 2),
        ("account_exchange", 2),
        ("usage_stats", 1),
        ("pin_info", 1),
        ("pending_ledger_update", 1),
    ] {
        let count = format!("SELECT count(*) FROM {table} WHERE creditor_id = {OURS}");
        assert_eq!(world.number(&count).await, rows, "{table}");
        assert_eq!(world.number(&format!("SELECT count(*) FROM {table}")).await, rows, "{table}");
    }
}

#[tokio::test]
async fn a_creditor_that_the_parent_shard_did_not_have_stays() {
    let world = World::new().await;
    let shard = [
        ("MIN_CREDITOR_ID", "1"),
        ("MAX_CREDITOR_ID", "0x100000000"),
        ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "1.1.#"),
        ("DELETE_PARENT_SHARD_RECORDS", "true"),
    ];
    let beyond_the_range = C;
    // In `0.#`, which is neither ours nor our parent's.
    for id in [SIBLINGS, beyond_the_range, STRANGERS] {
        world.add_creditor(id, 1, 0, None).await;
    }
    world.scan_well("creditors", &shard);
    assert!(ids(&world).await.contains(&SIBLINGS) && ids(&world).await.contains(&beyond_the_range));
}

#[tokio::test]
async fn whole_tables_are_scanned_wherever_the_scan_begins() {
    let world = World::new().await;
    // Many pages, 15 rows in each, most of which are dead: only a few rows live, here and there.
    world
        .sql(&format!(
            "INSERT INTO creditor (creditor_id, status_flags, created_at, last_log_entry_id, \
                 creditor_latest_update_id, creditor_latest_update_ts, accounts_list_latest_update_id, \
                 accounts_list_latest_update_ts, transfers_list_latest_update_id, transfers_list_latest_update_ts) \
             SELECT {C} + i, 0, now() - interval '1 year', 0, 1, now(), 1, now(), 1, now() \
             FROM generate_series(0, 9999) AS i; \
             DELETE FROM creditor WHERE creditor_id % 1000 <> 0; \
             UPDATE creditor SET status_flags = 1 WHERE creditor_id % 3 = 0"
        ))
        .await;
    let active = world.rows("SELECT creditor_id FROM creditor WHERE status_flags = 1 ORDER BY 1").await;
    assert!(active.len() > 1 && active.len() < 10, "{active:?}");
    world.scan_well("creditors", &[("APP_CREDITORS_SCAN_BLOCKS_PER_QUERY", "1")]);
    assert_eq!(world.rows("SELECT creditor_id FROM creditor ORDER BY 1").await, active);
}

/// Whoever works on a creditor is not waited for, and judges anew what has become of it.
#[tokio::test]
async fn creditors_in_use_are_left_to_the_next_pass() {
    let world = World::new().await;
    world.add_creditor(C, 0, 15, None).await;
    world.add_creditor(C + 1, 0, 15, None).await;
    let mut other = world.database.client().await;
    let activation = other.transaction().await.unwrap();
    let activate = format!("UPDATE creditor SET status_flags = 1 WHERE creditor_id = {C}");
    activation.batch_execute(&activate).await.unwrap();
    world.scan_well("creditors", &[]);
    assert_eq!(ids(&world).await, [C]);
    activation.commit().await.unwrap();
    world.scan_well("creditors", &[]);
    assert_eq!(ids(&world).await, [C], "it is active now");
}
