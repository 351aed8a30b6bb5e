//! However messages are divided into batches, the outcome is that of applying them one by one.

use chrono::TimeDelta;
use creditors_procedures::incoming;
use domain::{Timestamp, incoming::Incoming};

use super::{
    dice::Dice,
    seed::{World, context},
    traffic,
};

/// All tables that messages, ledger updates and log additions write.
const TABLES: [&str; 17] = [
    "creditor",
    "pin_info",
    "account",
    "account_data",
    "pending_ledger_update",
    "ledger_entry",
    "committed_transfer",
    "running_transfer",
    "pending_log_entry",
    "log_entry",
    "configure_account_signal",
    "prepare_transfer_signal",
    "finalize_transfer_signal",
    "updated_ledger_signal",
    "updated_policy_signal",
    "updated_flags_signal",
    "rejected_config_signal",
];

const SEQUENCES: [&str; 4] = [
    "object_update_id_seq",
    "pending_log_entry_pending_entry_id_seq",
    "finalize_transfer_signal_signal_id_seq",
    "rejected_config_signal_signal_id_seq",
];

/// Everything that the database holds, numbers drawn from sequences included.
async fn contents(world: &World) -> Vec<(&'static str, Vec<String>)> {
    let mut contents = Vec::new();
    for table in TABLES {
        contents.push((table, world.rows(&format!("SELECT * FROM {table} ORDER BY {table}.*::text")).await));
    }
    for sequence in SEQUENCES {
        contents.push((sequence, world.rows(&format!("SELECT last_value FROM {sequence}")).await));
    }
    contents
}

async fn apply(world: &World, messages: &[Incoming], now: Timestamp) {
    let mut tx = world.db.begin("test").await.unwrap();
    incoming::apply(&mut tx, messages, &context(), now).await.unwrap();
    tx.commit().await.unwrap();
}

/// Messages with breaks between them, in which ledgers and logs move on and time passes.
async fn check(seed: u64) -> Vec<(&'static str, Vec<String>)> {
    let mut dice = Dice::new(seed);
    let (mut singly, mut batched) = (World::new().await, World::new().await);
    singly.populate().await;
    batched.populate().await;
    let mut now = singly.now;
    for part in 0..5 {
        let messages: Vec<Incoming> = (0..50).map(|_| traffic::message(&mut dice, now)).collect();
        for message in &messages {
            apply(&singly, std::slice::from_ref(message), now).await;
        }
        for batch in dice.cut(&messages, 40) {
            apply(&batched, &batch, now).await;
        }
        for world in [&mut singly, &mut batched] {
            world.now = now;
            if part % 2 == 1 {
                world.update_ledgers().await;
            }
            if part == 2 {
                world.add_to_logs().await;
            }
        }
        let (expected, found) = (contents(&singly).await, contents(&batched).await);
        for ((table, expected), (_, found)) in expected.iter().zip(&found) {
            assert_eq!(expected, found, "{table} after part {part} of seed {seed}");
        }
        now += TimeDelta::seconds(3);
    }
    contents(&batched).await
}

#[tokio::test]
async fn batches_do_what_their_messages_would_do_one_by_one() {
    let mut sums = [0; TABLES.len()];
    for seed in 1..=3 {
        for (sum, (_, rows)) in sums.iter_mut().zip(check(seed).await) {
            *sum += rows.len();
        }
    }
    for (table, sum) in TABLES.into_iter().zip(sums) {
        let is_written = !["prepare_transfer_signal", "updated_policy_signal", "updated_flags_signal"].contains(&table);
        assert_eq!(sum > 4, is_written, "{table} has {sum} rows: do the messages still mean something?");
    }
}
