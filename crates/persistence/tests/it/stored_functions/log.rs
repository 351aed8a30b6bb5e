//! Log additions (processing §8).

use testkit::TestDatabase;

use super::with_account;
use crate::database::{connect, execute, rows, value};

const LOG: &str = "SELECT * FROM log_entry WHERE creditor_id = 1 ORDER BY entry_id";
const PENDING: &str = "SELECT count(*) FROM pending_log_entry";
const CREDITOR: &str = "SELECT last_log_entry_id, transfers_list_latest_update_id, transfers_list_latest_update_ts, \
    status_flags FROM creditor WHERE creditor_id = 1";

/// Days of the year 2020, as [`LOG`] shows them.
fn day(day: u32) -> String {
    format!("\"2020-01-{day:02} 00:00:00+00\"")
}

#[tokio::test]
async fn entries_are_copied_whole_in_the_order_in_which_they_were_enqueued() {
    let (database, mut connection) = with_account().await;
    database.made_up();
    execute(&mut connection, "UPDATE creditor SET last_log_entry_id = 10, status_flags = 3").await;
    // The greater key comes first in the table.
    execute(
        &mut connection,
        "INSERT INTO pending_log_entry VALUES
        ('2020-01-02Z', 'PinInfo', '/creditors/1/pin', 2, NULL, '{\"a\": 1}', NULL, NULL, NULL, NULL, NULL, NULL,
            NULL, NULL, NULL, 1, 1001),
        ('2020-01-01Z', NULL, NULL, 8, true, 'null', 4, -1, '2020-01-02', 3, 'ba9bd3d3-0c1e-4bd6-8fe1-8ab5bb6bbd4e', 4,
            5, '2020-01-05Z', 'ERROR', 1, 1000),
        ('2020-01-03Z', NULL, NULL, NULL, NULL, NULL, 3, -1, '2020-01-02', 7, NULL, NULL, NULL, NULL, NULL, 2, 1002)",
    )
    .await;

    value(&mut connection, "SELECT process_pending_log_entries(1)").await;
    let (one, two, five) = (day(1), day(2), day(5));
    let expected = [
        format!("({one},,,8,t,null,4,-1,2020-01-02,3,ba9bd3d3-0c1e-4bd6-8fe1-8ab5bb6bbd4e,4,5,{five},ERROR,1,11)"),
        format!("({two},PinInfo,/creditors/1/pin,2,,\"{{\"\"a\"\": 1}}\",,,,,,,,,,1,12)"),
    ];
    assert_eq!(rows(&mut connection, LOG).await, expected);
    assert_eq!(rows(&mut connection, "SELECT creditor_id FROM pending_log_entry").await, ["(2)"]);
    let unchanged = value(&mut connection, "SELECT transfers_list_latest_update_ts FROM creditor").await;
    assert_eq!(rows(&mut connection, CREDITOR).await, [format!("(12,1,\"{unchanged}\",3)")]);
}

#[tokio::test]
async fn created_and_deleted_transfers_change_the_list_of_transfers() {
    let (database, mut connection) = with_account().await;
    database.made_up();
    execute(
        &mut connection,
        "INSERT INTO pending_log_entry
            (creditor_id, added_at, object_type, object_uri, object_update_id, is_deleted, object_type_hint)
        VALUES
            (1, '2020-01-01Z', NULL, NULL, 1, NULL, 1),
            (1, '2020-01-02Z', NULL, NULL, 2, NULL, 1),
            (1, '2020-01-03Z', NULL, NULL, NULL, true, 1),
            (1, '2020-01-04Z', 'Transfer', '/t', NULL, NULL, NULL),
            (1, '2020-01-05Z', 'Transfer', '/t', 3, false, NULL),
            (1, '2020-01-06Z', 'Account', '/a', 1, NULL, NULL),
            (1, '2020-01-07Z', 'Account', '/a', 1, NULL, 1),
            (1, '2020-01-08Z', NULL, NULL, NULL, NULL, 3)",
    )
    .await;

    value(&mut connection, "SELECT process_pending_log_entries(1)").await;
    let log = "SELECT entry_id, extract(day FROM added_at) AS day, object_type, object_update_id, is_deleted, \
        object_type_hint FROM log_entry ORDER BY entry_id";
    let expected = [
        "(1,1,,1,,1)",
        "(2,1,,2,,2)",
        "(3,2,,2,,1)",
        "(4,3,,,t,1)",
        "(5,3,,3,,2)",
        "(6,4,Transfer,,,)",
        "(7,4,,4,,2)",
        "(8,5,Transfer,3,f,)",
        "(9,6,Account,1,,)",
        "(10,7,Account,1,,1)",
        "(11,8,,,,3)",
    ];
    assert_eq!(rows(&mut connection, log).await, expected);
    assert_eq!(rows(&mut connection, CREDITOR).await, [format!("(11,4,{},1)", day(4))]);
    let other_columns = "SELECT num_nonnulls(object_type, object_uri, is_deleted, data, debtor_id, creation_date, \
        transfer_number, transfer_uuid, data_principal, data_next_entry_id, data_finalized_at, data_error_code) \
        FROM log_entry WHERE object_type_hint = 2";
    assert_eq!(rows(&mut connection, other_columns).await, ["(0)", "(0)", "(0)"]);
}

#[tokio::test]
async fn entries_of_a_missing_creditor_are_dropped() {
    let database = TestDatabase::create().await;
    let mut connection = connect(&database).await;
    execute(
        &mut connection,
        "INSERT INTO pending_log_entry (creditor_id, added_at, object_type_hint) VALUES (1, now(), 1), (1, now(), 3)",
    )
    .await;
    value(&mut connection, "SELECT process_pending_log_entries(1)").await;
    assert_eq!(value(&mut connection, PENDING).await, "0");
    assert_eq!(rows(&mut connection, LOG).await, Vec::<String>::new());
}

#[tokio::test]
async fn entries_that_somebody_else_has_locked_are_left() {
    let (database, mut connection) = with_account().await;
    execute(
        &mut connection,
        "INSERT INTO pending_log_entry (creditor_id, added_at, object_type_hint, pending_entry_id)
        VALUES (1, now(), 3, 100), (1, now(), 3, 200)",
    )
    .await;
    let mut other = connect(&database).await;
    execute(&mut other, "BEGIN; SELECT FROM pending_log_entry WHERE pending_entry_id = 100 FOR UPDATE").await;

    value(&mut connection, "SELECT process_pending_log_entries(1)").await;
    assert_eq!(rows(&mut connection, "SELECT pending_entry_id FROM pending_log_entry").await, ["(100)"]);
    assert_eq!(value(&mut connection, "SELECT count(*) FROM log_entry").await, "1");
}
