//! Ledger updates (processing §7).

use diesel_async::AsyncPgConnection;

use super::with_account;
use crate::database::{connect, execute, rows, value};

const UPDATE: &str = "SELECT process_pending_ledger_update(1, -1, interval '30 days')";
const HEAD: &str = "SELECT ledger_principal, ledger_last_entry_id, ledger_last_transfer_number FROM account_data";
const MIN: i64 = i64::MIN;
const MAX: i64 = i64::MAX;

/// A committed transfer: number, previous number, acquired amount, principal, age in days.
type Transfer = (i64, i64, i64, i64, i64);

/// A ledger entry: id, transfer number, acquired amount, principal.
type Entry = (i64, Option<i64>, i64, i64);

struct Case {
    name: &'static str,
    /// The ledger's principal at the start; its entry id is 1, its transfer number 0.
    ledger_principal: i64,
    /// What the server says: principal, number of its last transfer, age of that in days.
    server: (i64, i64, i64),
    transfers: &'static [Transfer],
    entries: &'static [Entry],
    /// The ledger afterwards: principal, entry id, transfer number, number of the transfer that waits.
    head: (i64, i64, i64, Option<i64>),
}

const RECENT: i64 = 1;
const OLD: i64 = 31;

const CASES: &[Case] = &[
    Case {
        name: "a gap stops the ledger",
        ledger_principal: 0,
        server: (40, 4, RECENT),
        transfers: &[(1, 0, 10, 10, RECENT), (3, 2, 10, 30, 2), (4, 3, 10, 40, RECENT)],
        entries: &[(2, Some(1), 10, 10)],
        head: (10, 2, 1, Some(3)),
    },
    Case {
        name: "an old gap is passed, a recent one is not",
        ledger_principal: 0,
        server: (50, 5, RECENT),
        transfers: &[(1, 0, 10, 10, OLD), (3, 2, 10, 30, OLD), (5, 4, 10, 50, RECENT)],
        entries: &[(2, Some(1), 10, 10), (3, None, 10, 20), (4, Some(3), 10, 30)],
        head: (30, 4, 3, Some(5)),
    },
    Case {
        name: "transfers lost at the end are made up for",
        ledger_principal: 0,
        server: (100, 7, OLD),
        transfers: &[(1, 0, 10, 10, RECENT)],
        entries: &[(2, Some(1), 10, 10), (3, None, 90, 100)],
        head: (100, 3, 7, None),
    },
    Case {
        name: "transfers lost at the end are waited for first",
        ledger_principal: 0,
        server: (100, 7, RECENT),
        transfers: &[(1, 0, 10, 10, RECENT)],
        entries: &[(2, Some(1), 10, 10)],
        head: (10, 2, 1, None),
    },
    Case {
        name: "lost transfers that cancel out leave no entry",
        ledger_principal: 0,
        server: (10, 7, OLD),
        transfers: &[(1, 0, 10, 10, RECENT)],
        entries: &[(2, Some(1), 10, 10)],
        head: (10, 2, 7, None),
    },
    Case {
        name: "nothing but a number changes",
        ledger_principal: 0,
        server: (0, 7, OLD),
        transfers: &[],
        entries: &[],
        head: (0, 1, 7, None),
    },
    Case {
        name: "a correction across the whole range takes three entries",
        ledger_principal: MIN,
        server: (0, 0, RECENT),
        transfers: &[(1, 0, -1, MAX - 1, RECENT)],
        entries: &[(2, None, MAX, -1), (3, None, MAX, MAX - 1), (4, None, 1, MAX), (5, Some(1), -1, MAX - 1)],
        head: (MAX - 1, 5, 1, None),
    },
    Case {
        name: "an overflow downwards that the server has capped is not corrected",
        ledger_principal: 0,
        server: (0, 0, RECENT),
        transfers: &[(1, 0, MAX, MIN, RECENT)],
        entries: &[(2, Some(1), MAX, MIN)],
        head: (MIN, 2, 1, None),
    },
    Case {
        name: "an overflow upwards that the server has capped is not corrected",
        ledger_principal: 5,
        server: (0, 0, RECENT),
        transfers: &[(1, 0, -10, MAX, RECENT)],
        entries: &[(2, Some(1), -10, MAX)],
        head: (MAX, 2, 1, None),
    },
];

#[tokio::test]
async fn worked_cases() {
    for case in CASES {
        let (database, mut connection) = with_account().await;
        database.made_up();
        let (principal, number, age) = case.server;
        execute(
            &mut connection,
            &format!(
                "UPDATE account_data SET ledger_principal = {}, principal = {principal}, \
                last_transfer_number = {number}, last_transfer_committed_at = now() - interval '{age} days'",
                case.ledger_principal
            ),
        )
        .await;
        enqueue(&mut connection, case.transfers).await;
        let update_id: i64 = number_of(&mut connection, "SELECT ledger_latest_update_id FROM account_data").await;

        value(&mut connection, UPDATE).await;
        assert_eq!(entries(&mut connection).await, shown(case.entries), "{}", case.name);
        let (principal, entry_id, number, waiting) = case.head;
        assert_eq!(rows(&mut connection, HEAD).await, [format!("({principal},{entry_id},{number})")], "{}", case.name);
        assert_eq!(waiting_transfer(&mut connection).await, waiting.map_or(String::new(), |n| n.to_string()));
        assert_eq!(value(&mut connection, "SELECT count(*) FROM pending_ledger_update").await, "0");

        let new_update_id: i64 = number_of(&mut connection, "SELECT ledger_latest_update_id FROM account_data").await;
        assert_eq!(new_update_id > update_id, !case.entries.is_empty(), "{}", case.name);
        assert_announced(&mut connection, case, new_update_id).await;
    }
}

/// One log entry and one signal tell the newest state, if the ledger has got entries.
async fn assert_announced(connection: &mut AsyncPgConnection, case: &Case, update_id: i64) {
    let announced = if case.entries.is_empty() { vec![] } else { vec![()] };
    let (principal, entry_id, number, _) = case.head;

    let log = "SELECT creditor_id, object_type_hint, debtor_id, object_update_id, data_principal, data_next_entry_id, \
        added_at = (SELECT ledger_latest_update_ts FROM account_data) AS same_time, \
        num_nonnulls(object_type, object_uri, is_deleted, data, creation_date, transfer_number, transfer_uuid, \
        data_finalized_at, data_error_code) AS others FROM pending_log_entry";
    let expected = format!("(1,4,-1,{update_id},{principal},{},t,0)", entry_id + 1);
    assert_eq!(rows(connection, log).await, vec![expected; announced.len()], "{}", case.name);

    let signal = "SELECT creditor_id, debtor_id, update_id, creation_date, account_id, principal, \
        last_transfer_number, ts = (SELECT ledger_latest_update_ts FROM account_data) AS same_time, ts = inserted_at \
        FROM updated_ledger_signal";
    let expected = format!("(1,-1,{update_id},2020-01-02,\"the account\",{principal},{number},t,t)");
    assert_eq!(rows(connection, signal).await, vec![expected; announced.len()], "{}", case.name);

    let drawn: i64 = number_of(connection, "SELECT last_value FROM object_update_id_seq").await;
    assert!(drawn >= update_id, "{}: the sequence is at {drawn}, behind {update_id}", case.name);
    let unlike = "SELECT FROM ledger_entry, account_data WHERE added_at <> ledger_latest_update_ts";
    assert_eq!(rows(connection, unlike).await, Vec::<String>::new(), "{}", case.name);
}

#[tokio::test]
async fn the_missing_transfer_sets_the_ledger_going_again() {
    let (_database, mut connection) = with_account().await;
    let gap = &CASES[0];
    enqueue(&mut connection, gap.transfers).await;
    value(&mut connection, UPDATE).await;
    assert_eq!(waiting_transfer(&mut connection).await, "3");

    enqueue(&mut connection, &[(2, 1, 10, 20, RECENT)]).await;
    value(&mut connection, UPDATE).await;
    let expected = [(2, Some(1), 10, 10), (3, Some(2), 10, 20), (4, Some(3), 10, 30), (5, Some(4), 10, 40)];
    assert_eq!(entries(&mut connection).await, shown(&expected));
    assert_eq!(rows(&mut connection, HEAD).await, ["(40,5,4)"]);
    assert_eq!(waiting_transfer(&mut connection).await, "");
    assert_eq!(value(&mut connection, "SELECT count(*) FROM pending_log_entry").await, "2");
    assert_eq!(value(&mut connection, "SELECT count(*) FROM updated_ledger_signal").await, "2");
}

#[tokio::test]
async fn transfers_of_an_earlier_server_account_do_not_count() {
    let (_database, mut connection) = with_account().await;
    enqueue(&mut connection, &[(1, 0, 10, 10, RECENT)]).await;
    execute(&mut connection, "UPDATE account_data SET creation_date = '2020-01-03'").await;
    value(&mut connection, UPDATE).await;
    assert_eq!(rows(&mut connection, HEAD).await, ["(0,1,0)"]);
}

#[tokio::test]
async fn without_a_work_item_nothing_happens() {
    let (_database, mut connection) = with_account().await;
    enqueue(&mut connection, &[(1, 0, 10, 10, RECENT)]).await;
    execute(&mut connection, "DELETE FROM pending_ledger_update").await;
    value(&mut connection, UPDATE).await;
    value(&mut connection, "SELECT process_pending_ledger_update(666, 666, interval '30 days')").await;
    assert_eq!(rows(&mut connection, HEAD).await, ["(0,1,0)"]);
}

/// Whoever stores a transfer holds a share lock on the account and schedules an update only if the ledger has already
/// arrived at the transfer before. So an update that has waited for that lock must see the transfer.
#[tokio::test]
async fn a_transfer_that_is_being_stored_is_not_missed() {
    let (database, mut connection) = with_account().await;
    enqueue(&mut connection, &[]).await;
    let mut consumer = connect(&database).await;
    execute(&mut consumer, "BEGIN; SELECT FROM account_data FOR SHARE").await;
    store(&mut consumer, &[(1, 0, 10, 10, RECENT)]).await;

    let update = value(&mut connection, UPDATE);
    let commit = async {
        let waiting = "SELECT count(*) FROM pg_stat_activity \
            WHERE datname = current_database() AND wait_event_type = 'Lock'";
        while value(&mut consumer, waiting).await == "0" {
            tokio::task::yield_now().await;
        }
        execute(&mut consumer, "COMMIT").await;
    };
    futures::future::join(update, commit).await;
    assert_eq!(rows(&mut connection, HEAD).await, ["(10,2,1)"]);
}

/// The peer works at this level, where waiting would not help: the transfer would stay invisible.
#[tokio::test]
async fn at_repeatable_read_an_account_that_is_locked_is_left_for_later() {
    let (database, mut connection) = with_account().await;
    enqueue(&mut connection, &[]).await;
    let mut consumer = connect(&database).await;
    execute(&mut consumer, "BEGIN; SELECT FROM account_data FOR SHARE").await;
    store(&mut consumer, &[(1, 0, 10, 10, RECENT)]).await;

    execute(&mut connection, "SET default_transaction_isolation = 'repeatable read'").await;
    value(&mut connection, UPDATE).await;
    assert_eq!(rows(&mut connection, "TABLE pending_ledger_update").await, ["(1,-1)"]);
    execute(&mut consumer, "COMMIT").await;
    value(&mut connection, UPDATE).await;
    assert_eq!(rows(&mut connection, HEAD).await, ["(10,2,1)"]);
    assert_eq!(rows(&mut connection, "TABLE pending_ledger_update").await, Vec::<String>::new());
}

/// The helpers are functions of their own, with results that can be used without the rest.
#[tokio::test]
async fn one_step_tells_the_new_head_and_what_to_log() {
    let (_database, mut connection) = with_account().await;
    for (step, expected) in [
        // Number, acquired amount and principal against a ledger of 10, with the last entry 5 and the update id 7.
        ("3, 0, 10", "(10,5,3,7,t)"),
        ("3, 20, 30", "(30,6,3,8,f)"),
        ("3, 0, 30", "(30,6,3,8,f)"),
        ("3, 20, 40", "(40,7,3,8,f)"),
    ] {
        let query = format!(
            "SELECT (r.data).ledger_principal, (r.data).ledger_last_entry_id, (r.data).ledger_last_transfer_number, \
            (r.data).ledger_latest_update_id, r.log_entry IS NULL AS nothing_to_log FROM update_ledger(
                (1, -1, '2020-01-02', 0, '', 10, 5, 2, 7, now(), NULL, 0, now())::account_ledger_data, {step}, now()
            ) AS r"
        );
        assert_eq!(rows(&mut connection, &query).await, [expected], "{step}");
        execute(&mut connection, "DELETE FROM ledger_entry").await;
    }
}

#[tokio::test]
async fn amounts_are_clamped_to_a_symmetric_range() {
    let (_database, mut connection) = with_account().await;
    for (number, clamped) in [
        ("-9223372036854775809", -MAX),
        ("-9223372036854775808", -MAX),
        ("-9223372036854775807", -MAX),
        ("-1", -1),
        ("0", 0),
        ("9223372036854775806", MAX - 1),
        ("9223372036854775807", MAX),
        ("9223372036854775808", MAX),
        ("-1e30", -MAX),
        ("1e30", MAX),
    ] {
        let result = value(&mut connection, &format!("SELECT contain_principal_overflow({number})")).await;
        assert_eq!(result, clamped.to_string(), "{number}");
    }
}

/// Stores the transfers and the work item.
async fn enqueue(connection: &mut AsyncPgConnection, transfers: &[Transfer]) {
    store(connection, transfers).await;
    execute(connection, "INSERT INTO pending_ledger_update VALUES (1, -1)").await;
}

async fn store(connection: &mut AsyncPgConnection, transfers: &[Transfer]) {
    for (number, previous, acquired, principal, age) in transfers {
        let insert = format!(
            "INSERT INTO committed_transfer VALUES (1, -1, '2020-01-02', {number}, {acquired}, {principal}, \
            now() - interval '{age} days', {previous}, 'direct', 'sender', 'recipient', '', '')"
        );
        execute(connection, &insert).await;
    }
}

async fn entries(connection: &mut AsyncPgConnection) -> Vec<String> {
    let entries = "SELECT entry_id, transfer_number, acquired_amount, principal, creation_date \
        FROM ledger_entry WHERE creditor_id = 1 AND debtor_id = -1 ORDER BY entry_id";
    rows(connection, entries).await
}

fn shown(entries: &[Entry]) -> Vec<String> {
    let show = |(id, number, acquired, principal): &Entry| match number {
        Some(number) => format!("({id},{number},{acquired},{principal},2020-01-02)"),
        None => format!("({id},,{acquired},{principal},)"),
    };
    entries.iter().map(show).collect()
}

/// Number of the transfer that the ledger says it waits behind.
async fn waiting_transfer(connection: &mut AsyncPgConnection) -> String {
    let number = "SELECT (SELECT min(transfer_number) FROM committed_transfer \
        WHERE committed_at = ledger_pending_transfer_ts) FROM account_data";
    value(connection, number).await
}

async fn number_of(connection: &mut AsyncPgConnection, query: &str) -> i64 {
    value(connection, query).await.parse().unwrap()
}
