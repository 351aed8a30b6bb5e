//! `verify_shard_content`: everything matches the realm, or one record does not.

use testkit::TestDatabase;

use crate::program::{Ended, run};

fn verify(database: &TestDatabase, routing_key: &str) -> Ended {
    let environment = [
        ("POSTGRES_URL", database.url()),
        ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", routing_key),
        // Two ids at a time, so that there are several chunks.
        ("APP_VERIFY_SHARD_YIELD_PER", "2"),
    ];
    run(&["verify_shard_content"], &environment)
}

/// A statement that gives a table a row: required columns get the simplest value of their type.
async fn insert(database: &TestDatabase, table: &str, creditor_id: i64) {
    let client = database.client().await;
    let columns = client
        .query(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = $1 \
             AND is_nullable = 'NO' AND column_default IS NULL AND is_identity = 'NO'",
            &[&table],
        )
        .await
        .expect("columns can be listed");
    let (names, values): (Vec<String>, Vec<String>) = columns
        .iter()
        .map(|row| (row.get::<_, String>(0), row.get::<_, String>(1)))
        .map(|(name, kind)| {
            let value = match (name.as_str(), kind.as_str()) {
                ("creditor_id", _) => creditor_id.to_string(),
                (_, "timestamp with time zone") => "now()".to_owned(),
                (_, "date") => "current_date".to_owned(),
                (_, "boolean") => "false".to_owned(),
                (_, "character varying" | "text") => "'x'".to_owned(),
                _ => "1".to_owned(),
            };
            (name, value)
        })
        .unzip();
    // References to accounts are of no importance here.
    let statement = format!(
        "SET session_replication_role = replica; INSERT INTO {table} ({}) VALUES ({})",
        names.join(", "),
        values.join(", ")
    );
    client.batch_execute(&statement).await.unwrap_or_else(|error| panic!("{table}: {error:?}"));
}

/// The ids and their realms are those of the table in smp §8.
#[tokio::test]
async fn records_of_other_shards_are_found_in_every_table() {
    for table in [
        "creditor",
        "pending_log_entry",
        "pending_ledger_update",
        "configure_account_signal",
        "prepare_transfer_signal",
        "finalize_transfer_signal",
        "updated_ledger_signal",
        "updated_policy_signal",
        "updated_flags_signal",
    ] {
        let database = TestDatabase::create().await;
        for ours in [1, 2, 123, i64::MAX] {
            insert(&database, table, ours).await;
        }
        let good = verify(&database, "1.#");
        assert_eq!((good.status, good.stdout.as_str(), good.stderr.as_str()), (Some(0), "", ""), "{table}");

        insert(&database, table, i64::MIN).await;
        assert_eq!(verify(&database, "#").status, Some(0), "{table}");
        let bad = verify(&database, "1.#");
        assert_eq!(bad.status, Some(1), "{table}: {bad:?}");
        let sentence = format!("The table {table} holds records of creditor {}", i64::MIN);
        assert!(bad.stdout.contains(&sentence) && bad.stdout.contains(":ERROR:"), "{table}: {bad:?}");
    }
}

#[tokio::test]
async fn rejected_configs_belong_to_any_shard() {
    let database = TestDatabase::create().await;
    insert(&database, "rejected_config_signal", i64::MIN).await;
    assert_eq!(verify(&database, "1.#").status, Some(0));
}
