//! `verify`: right books are not objected to, and every promise that is broken is found.

use serde_json::Value;

use crate::books::{change, database, look, restore};

#[tokio::test]
async fn right_books_are_not_objected_to() {
    let database = database().await;
    for words in ["verify ledger", "verify log", "verify log --json"] {
        let outcome = look(&database, words);
        assert_eq!((outcome.status, outcome.stdout.as_str(), outcome.stderr.as_str()), (Some(0), "", ""), "{words}");
    }
}

#[tokio::test]
async fn broken_promises_are_found() {
    let database = database().await;
    for (what, harm, finding) in [
        ("log", "DELETE FROM log_entry WHERE creditor_id = 1 AND entry_id = 2", "creditor 1: entry 3 follows entry 1"),
        (
            "log",
            "UPDATE creditor SET last_log_entry_id = 7 WHERE creditor_id = 2",
            "creditor 2: the last entry should be 7, but is 3",
        ),
        (
            "log",
            "UPDATE log_entry SET object_update_id = 200 WHERE creditor_id = 1 AND entry_id = 2",
            "creditor 1: in entry 3, update 100 follows update 200",
        ),
        (
            "log",
            "INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint, transfer_uuid, data_finalized_at,
                                    object_update_id)
             SELECT 1, 3 + n, now(), 1, '11111111-1111-1111-1111-111111111111', now(), n FROM generate_series(1, 2) AS n;
             UPDATE creditor SET last_log_entry_id = 5 WHERE creditor_id = 1",
            "transfer 11111111-1111-1111-1111-111111111111 ended 2 times",
        ),
        (
            "log",
            "UPDATE log_entry SET object_type_hint = 9 WHERE creditor_id = 1 AND entry_id = 3",
            "creditor 1: entry 3 has type -, hint 9",
        ),
        (
            "log",
            "UPDATE account_data SET ledger_principal = 301 WHERE creditor_id = 2",
            "creditor 2, debtor 10: entry 3 tells of update 100",
        ),
        (
            "ledger",
            "UPDATE ledger_entry SET acquired_amount = 201 WHERE creditor_id = 1 AND entry_id = 3",
            "creditor 1, debtor 10: in entry 3, 201 makes 300 from 100 in entry 2",
        ),
        (
            "ledger",
            "UPDATE account_data SET ledger_principal = 301 WHERE creditor_id = 2",
            "creditor 2, debtor 10: it should be entry 3, principal 301, but the ledger ends with entry 3, principal 300",
        ),
        (
            "ledger",
            "UPDATE ledger_entry SET transfer_number = 1 WHERE creditor_id = 1",
            "creditor 1, debtor 10: transfer 1 of the account of 2026-01-01 is there 2 times",
        ),
        (
            "ledger",
            "UPDATE committed_transfer SET transfer_number = 3, previous_transfer_number = 2
             WHERE creditor_id = 2 AND transfer_number = 2",
            "creditor 2, debtor 10: transfer 3 continues the ledger, but no update is scheduled",
        ),
        (
            "ledger",
            "SELECT setval('object_update_id_seq', 99)",
            "but the sequence has given only 99",
        ),
    ] {
        change(&database, harm).await;
        let outcome = look(&database, &format!("verify {what}"));
        assert_eq!(outcome.status, Some(1), "{harm}: {outcome:?}");
        let is_it = |line: &str| line.starts_with("Not true that ") && line.contains(finding);
        assert!(outcome.stdout.lines().any(is_it), "{harm}: {outcome:?}");
        restore(&database).await;
    }
    change(&database, "DELETE FROM log_entry WHERE entry_id = 2").await;
    let lines = look(&database, "verify log --json").stdout;
    let findings: Vec<Value> = lines.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(findings.len(), 2, "{lines}");
    assert_eq!(findings[0]["rule"], "log entry ids have no gaps");
    assert_eq!(findings[0]["finding"], "entry 3 follows entry 1");
    assert_eq!((&findings[0]["creditor_id"], &findings[0]["debtor_id"]), (&1.into(), &Value::Null));
    let only = look(&database, "verify log --json --creditor 2").stdout;
    assert_eq!(only.lines().collect::<Vec<_>>(), [lines.lines().last().expect("two findings")]);
}

#[tokio::test]
async fn what_retention_removes_in_part_is_not_missed() {
    let database = database().await;
    change(
        &database,
        "UPDATE log_entry SET added_at = added_at - interval '60 days';
         UPDATE ledger_entry SET added_at = added_at - interval '60 days';
         DELETE FROM log_entry WHERE entry_id = 2; DELETE FROM ledger_entry WHERE entry_id = 2",
    )
    .await;
    for what in ["ledger", "log"] {
        let outcome = look(&database, &format!("verify {what}"));
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(0), ""), "{what}");
    }
}

/// One that the peer implementation has overlooked (processing §7, "Trap").
#[tokio::test]
async fn what_can_be_mended_is_mended_if_asked_for() {
    let database = database().await;
    change(
        &database,
        "UPDATE committed_transfer SET transfer_number = 3, previous_transfer_number = 2
         WHERE creditor_id = 2 AND transfer_number = 2;
         UPDATE ledger_entry SET transfer_number = 1 WHERE creditor_id = 1",
    )
    .await;
    let mended = look(&database, "verify ledger --creditor 2 --mend");
    assert_eq!(mended.status, Some(0), "{mended:?}");
    assert!(mended.stdout.ends_with("but no update is scheduled; mended\n"), "{mended:?}");
    let again = look(&database, "verify ledger --creditor 2 --mend");
    assert_eq!((again.status, again.stdout.as_str()), (Some(0), ""));
    let query = "SELECT count(*) FROM pending_ledger_update WHERE (creditor_id, debtor_id) = (2, 10)";
    let scheduled: i64 = database.client().await.query_one(query, &[]).await.expect("an answer").get(0);
    assert_eq!(scheduled, 1);
    // Nobody but an operator knows what is to be done about the other one.
    let other = look(&database, "verify ledger --mend --json");
    assert_eq!(other.status, Some(1), "{other:?}");
    assert!(other.stdout.contains("\"mended\":false"), "{other:?}");
}
