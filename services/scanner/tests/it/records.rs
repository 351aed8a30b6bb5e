//! Which log entries, ledger entries and committed transfers go (processing §13.2).

use crate::world::{C, World};

/// A table of records, and what decides about them.
struct Records {
    word: &'static str,
    table: &'static str,
    /// An INSERT whose rows are `i`, of the creditor `$C`, from `$DAYS` ago.
    insert: &'static str,
    retention_days: i64,
    min_group: i64,
    variable: &'static str,
}

const LOG_ENTRIES: Records = Records {
    word: "log_entries",
    table: "log_entry",
    insert: "INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint) \
        SELECT $C, i, now() - interval '$DAYS days', 2",
    retention_days: 45,
    min_group: 25,
    variable: "APP_LOG_ENTRIES_SCAN_MIN_GROUP",
};

const LEDGER_ENTRIES: Records = Records {
    word: "ledger_entries",
    table: "ledger_entry",
    insert: "INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, acquired_amount, principal, added_at) \
        SELECT $C, 1, i, 1, i, now() - interval '$DAYS days'",
    retention_days: 45,
    min_group: 50,
    variable: "APP_LEDGER_ENTRIES_SCAN_MIN_GROUP",
};

const COMMITTED_TRANSFERS: Records = Records {
    word: "committed_transfers",
    table: "committed_transfer",
    insert: "INSERT INTO committed_transfer (creditor_id, debtor_id, creation_date, transfer_number, acquired_amount, \
            principal, committed_at, previous_transfer_number, coordinator_type, sender, recipient, \
            transfer_note_format, transfer_note) \
        SELECT $C, 1, '2026-01-01', i, 1, i, now() - interval '$DAYS days', i - 1, 'direct', 's', 'r', '', 'note'",
    // 14 + max(45, 45)
    retention_days: 59,
    min_group: 25,
    variable: "APP_COMMITTED_TRANSFERS_SCAN_MIN_GROUP",
};

const ALL: [Records; 3] = [LOG_ENTRIES, LEDGER_ENTRIES, COMMITTED_TRANSFERS];

impl Records {
    /// Adds the records `from..from + count`.
    async fn add(&self, world: &World, creditor_id: i64, days: i64, from: i64, count: i64) {
        let insert = self.insert.replace("$C", &creditor_id.to_string()).replace("$DAYS", &days.to_string());
        world.sql(&format!("{insert} FROM generate_series({from}, {from} + {count} - 1) AS i")).await;
    }

    async fn count(&self, world: &World) -> i64 {
        world.number(&format!("SELECT count(*) FROM {}", self.table)).await
    }
}

#[tokio::test]
async fn overdue_records_go_in_groups() {
    for records in ALL {
        let world = World::new().await;
        let (table, group, old) = (records.word, records.min_group, records.retention_days + 1);
        records.add(&world, C, old, 1, group - 1).await;
        world.scan_well(table, &[]);
        assert_eq!(records.count(&world).await, group - 1, "{table}: too few of a page are spared");
        records.add(&world, C, old, 1000, 1).await;
        records.add(&world, C, old - 2, 2000, 5).await;
        world.scan_well(table, &[]);
        assert_eq!(records.count(&world).await, 5, "{table}: only those stay that are not overdue");
    }
}

#[tokio::test]
async fn groups_are_counted_page_by_page() {
    for records in ALL {
        let world = World::new().await;
        let table = records.word;
        // Two pages full of old records, and one that holds new ones and a few old ones.
        records.add(&world, C, records.retention_days + 1, 1, 1).await;
        while world.number(&format!("SELECT pg_relation_size('{}') / 8192", records.table)).await < 3 {
            let next = records.count(&world).await + 1;
            records.add(&world, C, records.retention_days + 1, next, 1).await;
        }
        records.add(&world, C, 1, 10_000, 3).await;
        let few = "SELECT count(*) FROM $T WHERE ctid >= '(2,0)'".replace("$T", records.table);
        let few = world.number(&few).await;
        assert!((1..records.min_group).contains(&(few - 3)), "{table}");
        world.scan_well(table, &[]);
        assert_eq!(records.count(&world).await, few, "{table}: the first two pages are empty");
        world.scan_well(table, &[(records.variable, "1")]);
        assert_eq!(records.count(&world).await, 3, "{table}: single rows go too");
    }
}

/// Any creditor that is not valid here counts, whoever had it before (processing §13.2).
#[tokio::test]
async fn what_a_split_has_left_behind_goes() {
    for records in ALL {
        let world = World::new().await;
        let table = records.word;
        // 4294967296 is in `0.#`, 1 in `1.#` (smp §8); 7 is beyond the range.
        for (creditor_id, from) in [(4_294_967_296, 100), (1, 200), (7, 300)] {
            records.add(&world, creditor_id, 0, from, 20).await;
        }
        let shard = [
            ("MIN_CREDITOR_ID", "0x100000000"),
            ("MAX_CREDITOR_ID", "0x1ffffffff"),
            ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "1.#"),
            (records.variable, "10"),
        ];
        world.scan_well(table, &shard);
        assert_eq!(records.count(&world).await, 60, "{table}: the operator has not asked for it");
        let ours = [("MIN_CREDITOR_ID", "1"), ("MAX_CREDITOR_ID", "1"), ("DELETE_PARENT_SHARD_RECORDS", "true")];
        world.scan_well(table, &[&shard[2..], &ours].concat());
        let left = format!("SELECT DISTINCT creditor_id FROM {}", records.table);
        assert_eq!(world.rows(&left).await, ["(1)"], "{table}");
        assert_eq!(records.count(&world).await, 20, "{table}");
    }
}

#[tokio::test]
async fn committed_transfers_stay_as_long_as_anything_may_refer_to_them() {
    let world = World::new().await;
    COMMITTED_TRANSFERS.add(&world, C, 60, 1, 30).await;
    for longer in ["APP_LOG_RETENTION_DAYS", "APP_LEDGER_RETENTION_DAYS"] {
        world.scan_well("committed_transfers", &[(longer, "47")]);
        assert_eq!(COMMITTED_TRANSFERS.count(&world).await, 30, "{longer}");
    }
    world.scan_well("committed_transfers", &[("APP_MAX_TRANSFER_DELAY_DAYS", "16")]);
    assert_eq!(COMMITTED_TRANSFERS.count(&world).await, 30);
    world.scan_well("committed_transfers", &[]);
    assert_eq!(COMMITTED_TRANSFERS.count(&world).await, 0);
}
