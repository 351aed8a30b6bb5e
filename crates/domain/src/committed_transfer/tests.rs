use super::*;
use crate::test_values::{C, KEY, date, days_ago, now};

fn message() -> AccountTransfer {
    AccountTransfer {
        account: KEY,
        creation_date: date(2024, 2, 1),
        transfer_number: 20,
        coordinator_type: "direct".to_owned(),
        sender: "666".to_owned(),
        recipient: "account-id".to_owned(),
        acquired_amount: 1000,
        transfer_note_format: String::new(),
        transfer_note: String::new(),
        committed_at: days_ago(0),
        principal: 1100,
        ts: days_ago(0),
        previous_transfer_number: 1,
    }
}

#[test]
fn the_older_of_two_instants_decides_about_age() {
    let cases = [
        (6, 0, 5, true),
        (6, 0, 7, false),
        (0, 6, 5, true),
        (0, 6, 7, false),
        (6, 6, 6, false), // not strictly older
        (-6, -6, 0, false),
    ];
    for (ts_days_ago, committed_days_ago, retention_days, expected) in cases {
        let message =
            AccountTransfer { ts: days_ago(ts_days_ago), committed_at: days_ago(committed_days_ago), ..message() };
        assert_eq!(is_too_old(&message, TimeDelta::days(retention_days), now()), expected, "{message:?}");
    }
}

#[test]
fn only_the_next_in_line_schedules_a_ledger_update() {
    let cases = [
        (date(2024, 2, 1), 1, true),
        (date(2024, 2, 1), 0, false),
        (date(2024, 2, 1), 20, false),
        (date(2024, 2, 2), 1, false),
        (date(1970, 1, 1), 1, false),
    ];
    for (creation_date, ledger_last_transfer_number, expected) in cases {
        let stored = store(&message(), creation_date, ledger_last_transfer_number, now());
        assert_eq!(stored.schedule_ledger_update, expected, "{creation_date} {ledger_last_transfer_number}");
    }
}

#[test]
fn the_log_tells_about_the_transfer() {
    let entry = store(&message(), date(2024, 2, 1), 0, now()).log_entry;
    assert_eq!((entry.creditor_id, entry.added_at), (C, now()));
    assert_eq!((entry.object_update_id, entry.is_deleted, entry.data_fields()), (None, None, None));
    let object = entry.object().unwrap();
    assert_eq!(object.object_type, "CommittedTransfer");
    assert_eq!(object.uri, "/creditors/4294967296/accounts/18446744073709551615/transfers/19754-20");
}
