//! `inspect`: the state of a thing, and what it waits for.

use serde_json::Value;
use testkit::TestDatabase;

use crate::books::{change, database, look};

const TRANSFER: &str = "inspect transfer 1 11111111-1111-1111-1111-111111111111";

fn shown(database: &TestDatabase, words: &str) -> Value {
    let outcome = look(database, &format!("{words} --json"));
    assert_eq!(outcome.status, Some(0), "{words}: {outcome:?}");
    assert!(!outcome.stdout.contains("abab") && !outcome.stdout.contains("hush"), "a secret: {outcome:?}");
    serde_json::from_str(&outcome.stdout).expect("one object")
}

fn waits(database: &TestDatabase, words: &str) -> Vec<String> {
    let shown = shown(database, words);
    let waits = shown["waits"].as_array().expect("a list");
    waits.iter().map(|wait| wait["for"].as_str().expect("a phrase").to_owned()).collect()
}

#[tokio::test]
async fn states_are_shown() {
    let database = database().await;
    let creditor = shown(&database, "inspect creditor 1");
    assert_eq!(creditor["state"], "active");
    assert_eq!(creditor["accounts"], 1);
    assert_eq!(creditor["oldest_accounts"], serde_json::json!([10]));
    assert_eq!(creditor["unfinished_transfers"], 1);
    assert_eq!(creditor["oldest_unfinished_transfers"], serde_json::json!(["11111111-1111-1111-1111-111111111111"]));
    assert_eq!(waits(&database, "inspect creditor 1"), ["accounting authorities, to finish 1 transfers"]);
    assert_eq!(creditor["pin"], "on");
    assert_eq!(creditor["pin_failures"], 2);
    let account = shown(&database, "inspect account 1 10");
    assert_eq!(account["state"], "open");
    assert_eq!(account["ledger_principal"], 300);
    assert_eq!(account["waits"], Value::Array(vec![]));
    let text = look(&database, "inspect account 1 10").stdout;
    assert!(text.contains("ledger principal            300\n"), "{text}");
    assert!(text.ends_with("waits for                   nothing\n"), "{text}");
    assert!(text.starts_with("creditor id                 1\ndebtor id                   10\nstate "), "{text}");
    for (words, thing) in [
        ("inspect creditor 3", "creditor 3"),
        ("inspect account 1 11", "account of creditor 1 with debtor 11"),
        (
            "inspect transfer 2 11111111-1111-1111-1111-111111111111",
            "transfer 11111111-1111-1111-1111-111111111111 of creditor 2",
        ),
    ] {
        let outcome = look(&database, words);
        assert_eq!(outcome.status, Some(1));
        assert!(outcome.stdout.contains(&format!("there is no {thing} in this database")), "{outcome:?}");
    }
}

#[tokio::test]
async fn a_negative_id_has_two_notations() {
    let database = database().await;
    let rename = "UPDATE creditor SET creditor_id = -5 WHERE creditor_id = 2";
    change(&database, &format!("DELETE FROM account; DELETE FROM pin_info; {rename}")).await;
    assert_eq!(shown(&database, "inspect creditor -5"), shown(&database, "inspect creditor 18446744073709551611"));
}

#[tokio::test]
async fn a_transfer_waits_for_one_after_the_other() {
    let database = database().await;
    let text = look(&database, TRANSFER).stdout;
    let line = "waits for                   the accounting authority, to answer with PreparedTransfer or RejectedTransfer, \
                since 2026-11-20T00:00:00Z\n";
    assert!(text.ends_with(line), "{text}");

    let prepare =
        "INSERT INTO prepare_transfer_signal (inserted_at, creditor_id, coordinator_request_id, debtor_id, recipient,
                       locked_amount, final_interest_rate_ts, max_commit_delay)
                   VALUES (now(), 1, 7, 10, 'other', 0, now(), 1)";
    change(&database, prepare).await;
    assert_eq!(waits(&database, TRANSFER), ["the flusher, to send PrepareTransfer"]);
    assert_eq!(
        waits(&database, "inspect creditor 1"),
        ["the flusher, to send 1 PrepareTransfer messages", "accounting authorities, to finish 1 transfers"]
    );

    let settled = "DELETE FROM prepare_transfer_signal; UPDATE running_transfer SET transfer_id = 5;
                   INSERT INTO finalize_transfer_signal (inserted_at, creditor_id, debtor_id, transfer_id, coordinator_id,
                       coordinator_request_id, committed_amount, transfer_note_format, transfer_note)
                   VALUES (now(), 1, 10, 5, 1, 7, 50, '', '')";
    change(&database, settled).await;
    assert_eq!(waits(&database, TRANSFER), ["the flusher, to send FinalizeTransfer"]);
    assert_eq!(shown(&database, TRANSFER)["state"], "settled");
    change(&database, "DELETE FROM finalize_transfer_signal").await;
    assert_eq!(waits(&database, TRANSFER), ["the accounting authority, to answer with FinalizedTransfer"]);

    let ended = "UPDATE running_transfer SET finalized_at = now();
                 INSERT INTO pending_log_entry (creditor_id, added_at, object_type_hint, transfer_uuid, object_update_id)
                 SELECT 1, now(), 1, transfer_uuid, 2 FROM running_transfer";
    change(&database, ended).await;
    assert_eq!(shown(&database, TRANSFER)["state"], "succeeded");
    assert_eq!(waits(&database, TRANSFER), ["process_log_additions, to number the log entry about it"]);
    assert_eq!(waits(&database, "inspect creditor 1"), ["process_log_additions, to number 1 log entries"]);
}

#[tokio::test]
async fn an_account_waits_for_its_authority_and_for_its_ledger() {
    let database = database().await;
    for (change_to, expected) in [
        ("is_config_effectual = false", "the accounting authority, to confirm the configuration"),
        (
            "config_error = 'CONFIGURATION_IS_NOT_EFFECTUAL'",
            "the owner, to change the configuration that was refused: CONF",
        ),
        (
            "config_error = NULL, is_config_effectual = true, config_flags = 1",
            "the accounting authority, to remove the account",
        ),
        (
            "config_flags = 0, last_transfer_number = 5",
            "transfers up to number 5, which the accounting authority has announced",
        ),
        ("ledger_pending_transfer_ts = '2026-11-05Z'", "a transfer after number 2 that has not arrived"),
        ("ledger_last_transfer_number = 1", "nobody: transfer 2 continues the ledger, but no update is scheduled"),
    ] {
        change(&database, &format!("UPDATE account_data SET {change_to}")).await;
        let waits = waits(&database, "inspect account 1 10");
        assert!(matches!(waits.as_slice(), [only] if only.starts_with(expected)), "{change_to}: {waits:?}");
    }
    change(&database, "INSERT INTO pending_ledger_update VALUES (1, 10)").await;
    assert_eq!(waits(&database, "inspect account 1 10"), ["process_ledger_updates, to continue the ledger"]);
    change(&database, "UPDATE pin_info SET status = 2; UPDATE creditor SET status_flags = 3").await;
    assert_eq!(
        waits(&database, "inspect creditor 2"),
        ["removal by scan_creditors", "an administrator, to reset the blocked PIN"]
    );
}
