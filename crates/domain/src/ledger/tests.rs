mod cases;
mod properties;
mod repairs;

use super::*;
use crate::{
    test_values::{KEY, date, days_ago, now},
    time::EPOCH,
};

/// The delay after which transfers are not waited for is 14 days.
fn cutoff() -> Timestamp {
    days_ago(14)
}

fn creation_date() -> NaiveDate {
    date(2024, 2, 1)
}

/// An account whose server has told nothing about transfers, with an empty ledger.
fn account() -> Account {
    Account {
        key: KEY,
        account_id: "account-id".to_owned(),
        creation_date: creation_date(),
        server_principal: 0,
        server_last_transfer_number: 0,
        server_last_transfer_committed_at: EPOCH,
        head: Head {
            principal: 0,
            last_entry_id: 1,
            last_transfer_number: 0,
            pending_transfer_ts: None,
            latest_update_id: 14,
            latest_update_ts: days_ago(100),
        },
    }
}

fn with_principal(principal: i64) -> Account {
    Account { head: Head { principal, ..account().head }, ..account() }
}

fn with_server(last_transfer_number: i64, committed_at: Timestamp, principal: i64) -> Account {
    Account {
        server_principal: principal,
        server_last_transfer_number: last_transfer_number,
        server_last_transfer_committed_at: committed_at,
        ..account()
    }
}

fn transfer(number: i64, previous: i64, acquired_amount: i64, principal: i64, committed_at: Timestamp) -> Transfer {
    Transfer { transfer_number: number, previous_transfer_number: previous, acquired_amount, principal, committed_at }
}

/// Entries as (id, transfer number, acquired amount, principal).
fn short(entries: &[Entry]) -> Vec<(i64, Option<i64>, i64, i64)> {
    entries
        .iter()
        .map(|entry| {
            assert_eq!(entry.added_at, now());
            let number = entry.transfer.map(|(date, number)| {
                assert_eq!(date, creation_date());
                number
            });
            (entry.entry_id, number, entry.acquired_amount, entry.principal)
        })
        .collect()
}

/// The head as (principal, entry, number, pending).
fn short_head(head: &Head) -> (i64, i64, i64, Option<Timestamp>) {
    (head.principal, head.last_entry_id, head.last_transfer_number, head.pending_transfer_ts)
}

/// The announcement, if any, tells exactly about the head.
fn check_announcement(before: &Head, outcome: &Outcome) {
    let Outcome { head, announcement, .. } = outcome;
    let Some(Announcement { log_entry, signal }) = announcement else {
        assert_eq!((head.latest_update_id, head.latest_update_ts), (before.latest_update_id, before.latest_update_ts));
        assert!(outcome.entries.is_empty());
        return;
    };
    assert!(head.latest_update_id > before.latest_update_id);
    assert_eq!(head.latest_update_ts, now());
    assert_eq!(*log_entry, LogEntry::account_ledger(KEY, head));
    let expected = UpdatedLedger {
        account: KEY,
        update_id: head.latest_update_id,
        account_id: "account-id".to_owned(),
        creation_date: creation_date(),
        principal: head.principal,
        last_transfer_number: head.last_transfer_number,
        ts: now(),
    };
    assert_eq!(*signal, expected);
}
