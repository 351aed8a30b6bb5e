#![expect(clippy::unwrap_used, reason = "what a test's helper cannot do fails the test")]

use std::collections::BTreeSet;

use chrono::TimeDelta;
use creditors_testkit::{
    TestDatabase,
    invariants::{self, ALWAYS, AT_REST, IDLE, Rule},
};
use runtime::{Clock as _, SystemClock};
use tokio_postgres::Client;

/// A creditor with an account, two ledger entries, one payment that has ended, and a log that tells of it all.
const SOUND: &str = "
    SELECT setval('object_update_id_seq', 100);
    INSERT INTO creditor (creditor_id, status_flags, created_at, last_log_entry_id, creditor_latest_update_id,
            creditor_latest_update_ts, accounts_list_latest_update_id, accounts_list_latest_update_ts,
            transfers_list_latest_update_id, transfers_list_latest_update_ts)
        VALUES (1, 1, '2026-01-01', 8, 1, '2026-01-01', 2, '2026-01-01', 2, '2026-01-01');
    INSERT INTO account (creditor_id, debtor_id, created_at, latest_update_id, latest_update_ts)
        VALUES (1, -2, '2026-01-01', 11, '2026-01-01');
    INSERT INTO account_data VALUES (1, -2, '2026-01-01', '2026-01-02', 0, 30, 0, 2, '2026-01-02', '2026-01-02',
        '2026-01-01', 0, 1e30, 0, '', true, false, true, NULL, 12, '2026-01-01', 0, '1970-01-01', 0, '1', NULL, NULL,
        NULL, 13, '2026-01-01', 30, 3, 2, NULL, 15, '2026-01-02');
    INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, creation_date, transfer_number, acquired_amount,
            principal, added_at)
        VALUES (1, -2, 2, '2026-01-01', 1, 10, 10, '2026-01-01'), (1, -2, 3, '2026-01-01', 2, 20, 30, '2026-01-02');
    INSERT INTO committed_transfer VALUES (1, -2, '2026-01-01', 2, 20, 30, '2026-01-02', 1, 'direct', '', '', '', '');
    INSERT INTO running_transfer (creditor_id, transfer_uuid, debtor_id, amount, recipient_uri, recipient,
            transfer_note_format, transfer_note, initiated_at, finalized_at, locked_amount, transfer_id,
            latest_update_id, latest_update_ts, final_interest_rate_ts)
        VALUES (1, '00000000-0000-0000-0000-000000000001', -2, 5, '', '', '', '', '2026-01-01', '2026-01-02', 0, 77, 2,
            '2026-01-02', '9999-12-31');
    INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type, object_uri, object_update_id)
        VALUES (1, 1, '2026-01-01', 'Account', '/creditors/1/accounts/18446744073709551614/', 11),
               (1, 2, '2026-01-01', 'AccountsList', '/creditors/1/accounts-list', 2);
    INSERT INTO log_entry (creditor_id, entry_id, added_at, object_update_id, object_type_hint, transfer_uuid,
            data_finalized_at)
        VALUES (1, 3, '2026-01-01', 1, 1, '00000000-0000-0000-0000-000000000001', NULL),
               (1, 4, '2026-01-01', 2, 2, NULL, NULL),
               (1, 5, '2026-01-02', 2, 1, '00000000-0000-0000-0000-000000000001', '2026-01-02');
    INSERT INTO log_entry (creditor_id, entry_id, added_at, object_update_id, object_type_hint, debtor_id,
            data_principal, data_next_entry_id)
        VALUES (1, 6, '2026-01-01', 14, 4, -2, 10, 3), (1, 7, '2026-01-02', 15, 4, -2, 30, 4);
    INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint, debtor_id, creation_date, transfer_number)
        VALUES (1, 8, '2026-01-02', 3, -2, '2026-01-01', 2);
";

/// How each rule is broken, and nothing else.
const BREAKS: &[(&str, &str)] = &[
    ("log entry ids have no gaps", "DELETE FROM log_entry WHERE entry_id = 6"),
    ("a creditor knows its last log entry", "UPDATE creditor SET last_log_entry_id = 9"),
    (
        "log entries about one object are in the order of its changes",
        "UPDATE log_entry SET object_update_id = 15, added_at = '2026-01-02' WHERE entry_id = 6",
    ),
    (
        "the log tells of an object's update when it has happened",
        "UPDATE log_entry SET object_type = 'AccountConfig', object_update_id = 12, object_type_hint = NULL,
            debtor_id = NULL, object_uri = '/creditors/1/accounts/18446744073709551614/config' WHERE entry_id = 6;
         UPDATE log_entry SET added_at = '2026-01-03' WHERE entry_id = 6",
    ),
    (
        "the log tells of an object's update when it has happened",
        "UPDATE log_entry SET object_type = 'AccountInfo', object_update_id = 14, object_type_hint = NULL,
            debtor_id = NULL, object_uri = '/creditors/1/accounts/18446744073709551614/info' WHERE entry_id = 6",
    ),
    (
        "whenever a payment comes or goes, so does the list of payments",
        "UPDATE log_entry SET object_type_hint = NULL WHERE entry_id = 4;
         UPDATE log_entry SET object_type = 'TransfersList', object_uri = '/creditors/1/transfers-list' WHERE entry_id = 4",
    ),
    (
        "a log tells of a committed transfer once",
        "UPDATE log_entry SET object_type_hint = 3, object_update_id = NULL, creation_date = '2026-01-01',
            transfer_number = 2 WHERE entry_id = 6",
    ),
    ("a payment is in one state", "UPDATE running_transfer SET transfer_id = NULL"),
    ("a payment is in one state", "UPDATE running_transfer SET total_locked_amount = 1"),
    (
        "a log tells of a payment's end once",
        "UPDATE log_entry SET data_finalized_at = '2026-01-01' WHERE entry_id = 3",
    ),
    (
        "ledger entry ids have no gaps within the life of an account",
        "UPDATE ledger_entry SET entry_id = 5, acquired_amount = 30 WHERE entry_id = 3;
         UPDATE account_data SET ledger_last_entry_id = 5;
         UPDATE log_entry SET data_next_entry_id = 6 WHERE entry_id = 7",
    ),
    ("the log tells balances that the ledger had", "UPDATE log_entry SET data_principal = 11 WHERE entry_id = 6"),
    ("each ledger entry continues the one before it", "UPDATE ledger_entry SET acquired_amount = 19 WHERE entry_id = 3"),
    ("each ledger entry continues the one before it", "UPDATE ledger_entry SET acquired_amount = 9 WHERE entry_id = 2"),
    (
        "an account's ledger ends with its last entry",
        "UPDATE account_data SET ledger_principal = 31;
         UPDATE log_entry SET data_principal = 31, data_next_entry_id = 4 WHERE entry_id = 7;
         DELETE FROM ledger_entry WHERE entry_id = 3",
    ),
    ("a transfer is in a ledger once", "UPDATE ledger_entry SET transfer_number = 2 WHERE entry_id = 2"),
    ("new update ids are greater than all old ones", "SELECT setval('object_update_id_seq', 14)"),
    (
        "everything has been sent",
        "INSERT INTO updated_flags_signal VALUES (1, 2, 3, 0, '2026-01-01', '2026-01-01')",
    ),
    (
        "everything has been sent",
        "INSERT INTO rejected_config_signal (inserted_at, creditor_id, debtor_id, config_ts, config_seqnum, config_flags,
            config_data, negligible_amount, rejection_code) VALUES ('2026-01-01', 1, 2, '2026-01-01', 0, 0, '', 0, 'X')",
    ),
    ("no ledger waits", "INSERT INTO pending_ledger_update VALUES (1, -2)"),
    ("no log entry waits", "INSERT INTO pending_log_entry (creditor_id, added_at) VALUES (1, '2026-01-01')"),
    (
        "every payment has ended",
        "UPDATE running_transfer SET finalized_at = NULL, latest_update_id = 1, latest_update_ts = initiated_at;
         UPDATE log_entry SET object_type_hint = 3, object_update_id = NULL, transfer_number = 1, debtor_id = -2,
            creation_date = '2026-01-01' WHERE entry_id = 5",
    ),
    (
        "the log tells of each object's latest update",
        "UPDATE account_data SET config_latest_update_id = 16, config_latest_update_ts = '2026-01-02'",
    ),
    ("the log tells of each object's latest update", "UPDATE creditor SET accounts_list_latest_update_id = 3"),
    (
        "the log tells of each committed transfer",
        "INSERT INTO committed_transfer VALUES (1, -2, '2026-01-01', 1, 10, 10, '2026-01-02', 0, 'direct', '', '', '', '')",
    ),
    ("the log tells how each payment has ended", "UPDATE running_transfer SET error_code = 'X'"),
    ("the log tells each account's balance", "UPDATE log_entry SET data_next_entry_id = 5 WHERE entry_id = 7"),
    (
        "every transfer that can be in a ledger is in it",
        "INSERT INTO committed_transfer VALUES (1, -2, '2026-01-01', 3, 5, 35, '2026-01-02', 2, 'direct', '', '', '', '');
         INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint, debtor_id, creation_date,
            transfer_number) VALUES (1, 9, '2026-01-02', 3, -2, '2026-01-01', 3);
         UPDATE creditor SET last_log_entry_id = 9",
    ),
];

/// The statements, with the first days of 2026 become the days before today: about what is old, less can be told.
fn recent(statements: &str) -> String {
    let today = SystemClock.now().date_naive();
    (1..=9).fold(statements.to_owned(), |statements, day| {
        let before = today - TimeDelta::days(10 - day);
        statements.replace(&format!("2026-01-0{day}"), &before.to_string())
    })
}

async fn violated(client: &Client) -> Vec<&'static str> {
    let all: Vec<Rule> = [ALWAYS, IDLE, AT_REST].concat();
    let violations = invariants::violations(client, &all).await.unwrap();
    assert!(violations.iter().all(|violation| !violation.findings.is_empty()), "{violations:?}");
    violations.iter().map(|violation| violation.rule).collect()
}

#[tokio::test]
async fn each_rule_notices_what_it_is_about() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    client.batch_execute(&recent(SOUND)).await.unwrap();
    assert_eq!(violated(&client).await, [""; 0], "a sound database");
    for (rule, sql) in BREAKS {
        client.batch_execute(&recent(&format!("BEGIN; {sql};"))).await.unwrap();
        assert_eq!(violated(&client).await, [*rule], "{sql}");
        // A sequence does not roll back.
        client.batch_execute("ROLLBACK; SELECT setval('object_update_id_seq', 100)").await.unwrap();
    }
    let broken: BTreeSet<_> = BREAKS.iter().map(|(rule, _)| *rule).collect();
    let rules: BTreeSet<_> = ALWAYS.iter().chain(IDLE).chain(AT_REST).map(|rule| rule.name).collect();
    assert_eq!(broken, rules, "every rule is broken here once");
}

#[tokio::test]
async fn new_lives_of_accounts_and_creditors_may_leave_gaps() {
    let database = TestDatabase::create().await;
    database.made_up();
    let client = database.client().await;
    client.batch_execute(&recent(SOUND)).await.unwrap();
    let new_account = "
        INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, creation_date, transfer_number, acquired_amount,
            principal, added_at) VALUES (1, -2, 5, '2026-01-03', 1, 7, 7, '2026-01-03');
        UPDATE account SET created_at = '2026-01-03', latest_update_id = 111;
        UPDATE account_data SET ledger_last_entry_id = 5, ledger_principal = 7, creation_date = '2026-01-03',
            ledger_latest_update_id = 116, ledger_latest_update_ts = '2026-01-03';
        INSERT INTO log_entry (creditor_id, entry_id, added_at, object_update_id, is_deleted, object_type, object_uri)
            VALUES (1, 10, '2026-01-03', 100, true, 'Account', '/creditors/1/accounts/18446744073709551614/'),
                   (1, 11, '2026-01-03', 100, true, 'AccountLedger',
                    '/creditors/1/accounts/18446744073709551614/ledger'),
                   (1, 12, '2026-01-01', 111, NULL, 'Account', '/creditors/1/accounts/18446744073709551614/');
        INSERT INTO log_entry (creditor_id, entry_id, added_at, object_update_id, object_type_hint, debtor_id,
            data_principal, data_next_entry_id) VALUES (1, 13, '2026-01-03', 116, 4, -2, 7, 6);
        SELECT setval('object_update_id_seq', 116);
        UPDATE creditor SET last_log_entry_id = 13, created_at = '2026-01-03';";
    client.batch_execute(&recent(new_account)).await.unwrap();
    assert_eq!(violated(&client).await, [""; 0]);
    // A new life begins with nothing.
    client.batch_execute("UPDATE ledger_entry SET acquired_amount = 6 WHERE entry_id = 5").await.unwrap();
    assert_eq!(violated(&client).await, ["each ledger entry continues the one before it"]);
}

#[tokio::test]
async fn what_never_comes_to_rest_is_named() {
    let database = TestDatabase::create().await;
    let client = database.client().await;
    let waits = "INSERT INTO pending_log_entry (creditor_id, added_at) VALUES (1, '2026-01-01')";
    client.batch_execute(waits).await.unwrap();
    let error = invariants::rest(&client, std::time::Duration::ZERO).await.unwrap_err().to_string();
    assert!(error.contains("1 of creditor 1"), "{error}");
    client.batch_execute("DELETE FROM pending_log_entry").await.unwrap();
    invariants::rest(&client, std::time::Duration::ZERO).await.unwrap();
}
