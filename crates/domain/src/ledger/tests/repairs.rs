use chrono::TimeDelta;

use super::*;

fn at_rest(principal: i64, server_principal: i64) -> Account {
    let head = Head { principal, last_transfer_number: 7, ..account().head };
    Account { head, ..with_server(7, days_ago(1), server_principal) }
}

#[test]
fn a_wrong_principal_is_corrected() {
    let cases = [
        (0, 1000, vec![(2, None, 1000, 1000)]),
        (1000, -1, vec![(2, None, -1001, -1)]),
        (i64::MIN, 0, vec![(2, None, i64::MAX, -1), (3, None, 1, 0)]),
        (i64::MIN, i64::MAX, vec![(2, None, i64::MAX, -1), (3, None, i64::MAX, i64::MAX - 1), (4, None, 1, i64::MAX)]),
    ];
    for (principal, server_principal, entries) in cases {
        let account = at_rest(principal, server_principal);
        let before = account.head.clone();
        let outcome = correct(account, now()).unwrap();
        assert_eq!(short(&outcome.entries), entries);
        assert_eq!((outcome.head.principal, outcome.head.last_transfer_number), (server_principal, 7));
        assert_eq!(outcome.head.latest_update_id, before.latest_update_id + 1);
        check_announcement(&before, &outcome);
    }
}

#[test]
fn nothing_is_corrected_without_need() {
    let wrong = at_rest(0, 1000);
    let with_head = |head| Account { head, ..wrong.clone() };
    let hour_ago = now() - TimeDelta::hours(1);
    let fine = [
        at_rest(1000, 1000),
        Account { server_last_transfer_number: 8, ..wrong.clone() },
        Account { server_last_transfer_number: 6, ..wrong.clone() },
        with_head(Head { latest_update_ts: hour_ago, ..wrong.head.clone() }),
    ];
    for account in fine {
        assert_eq!(correct(account.clone(), now()), None, "{account:?}");
    }
    let just_over = with_head(Head { latest_update_ts: hour_ago - TimeDelta::microseconds(1), ..wrong.head.clone() });
    assert!(correct(just_over, now()).is_some());
}

#[test]
fn long_waits_are_noticed() {
    let pending =
        |account: Account, ts| Account { head: Head { pending_transfer_ts: Some(ts), ..account.head }, ..account };
    let cases = [
        (with_server(1, days_ago(15), 0), true),
        (with_server(1, cutoff(), 0), false),
        (with_server(1, days_ago(1), 0), false),
        (with_server(0, days_ago(15), 0), false),
        (pending(with_server(1, days_ago(1), 0), days_ago(15)), true),
        (pending(with_server(1, days_ago(15), 0), days_ago(1)), false),
        (pending(with_server(1, days_ago(15), 0), cutoff()), false),
        (pending(with_server(0, days_ago(15), 0), days_ago(15)), false),
    ];
    for (account, expected) in cases {
        assert_eq!(Comparison::of(&account).waits_too_long(cutoff()), expected, "{account:?}");
    }
}

#[test]
fn a_new_server_account_starts_from_zero() {
    let head = Head {
        principal: 1001,
        last_entry_id: 88,
        last_transfer_number: 888,
        pending_transfer_ts: Some(days_ago(1)),
        ..account().head
    };
    let outcome = restart(Account { head: head.clone(), ..account() }, Restart::NewServerAccount, now());
    assert_eq!(short(&outcome.entries), [(89, None, -1001, 0)]);
    assert_eq!(short_head(&outcome.head), (0, 89, 0, None));
    assert_eq!(outcome.head.latest_update_id, head.latest_update_id + 1);
    check_announcement(&head, &outcome);
}

#[test]
fn a_restart_is_announced_even_if_nothing_changes() {
    for reason in [Restart::NewServerAccount, Restart::NewAccountId] {
        let outcome = restart(account(), reason, now());
        assert!(outcome.entries.is_empty() && outcome.announcement.is_some());
        let head = Head { latest_update_id: 15, latest_update_ts: now(), ..account().head };
        assert_eq!(outcome.head, head);
    }
}

#[test]
fn a_new_identity_keeps_the_ledger() {
    let head =
        Head { principal: 1001, last_transfer_number: 888, pending_transfer_ts: Some(days_ago(1)), ..account().head };
    let outcome = restart(Account { head: head.clone(), ..account() }, Restart::NewAccountId, now());
    assert!(outcome.entries.is_empty());
    assert_eq!(short_head(&outcome.head), short_head(&head));
    check_announcement(&head, &outcome);
}
