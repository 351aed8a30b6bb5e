//! The worked cases of processing §7.3, and some more.

use super::*;

const MIN: i64 = i64::MIN;
const MAX: i64 = i64::MAX;

struct Case {
    situation: &'static str,
    account: Account,
    transfers: Vec<Transfer>,
    entries: Vec<(i64, Option<i64>, i64, i64)>,
    head: (i64, i64, i64, Option<Timestamp>),
    /// How many times the ledger's update id grows.
    updates: i64,
}

fn check(case: Case) {
    let before = case.account.head.clone();
    let outcome = extend(case.account, &case.transfers, true, cutoff(), now());
    assert_eq!(short(&outcome.entries), case.entries, "{}", case.situation);
    assert_eq!(short_head(&outcome.head), case.head, "{}", case.situation);
    assert_eq!(outcome.head.latest_update_id - before.latest_update_id, case.updates, "{}", case.situation);
    check_announcement(&before, &outcome);
    assert!(outcome.done, "{}", case.situation);
}

#[test]
fn a_missing_transfer_is_waited_for() {
    let transfers = vec![
        transfer(1, 0, 10, 10, days_ago(3)),
        transfer(3, 2, 10, 30, days_ago(2)),
        transfer(4, 3, 10, 40, days_ago(1)),
    ];
    let first = extend(account(), &transfers, true, cutoff(), now());
    assert_eq!(short(&first.entries), [(2, Some(1), 10, 10)]);
    assert_eq!(short_head(&first.head), (10, 2, 1, Some(days_ago(2))));
    assert!(first.done && first.announcement.is_some());
    check_announcement(&account().head, &first);

    let account = Account { head: first.head, ..account() };
    check(Case {
        situation: "then it arrives",
        account,
        transfers: vec![
            transfer(2, 1, 10, 20, days_ago(2)),
            transfer(3, 2, 10, 30, days_ago(2)),
            transfer(4, 3, 10, 40, days_ago(1)),
        ],
        entries: vec![(3, Some(2), 10, 20), (4, Some(3), 10, 30), (5, Some(4), 10, 40)],
        head: (40, 5, 4, None),
        updates: 3,
    });
}

#[test]
fn lost_transfers() {
    let first = || transfer(1, 0, 10, 10, days_ago(20));
    let cases = [
        Case {
            situation: "an old gap is closed with a correcting entry, a recent one is waited for",
            account: account(),
            transfers: vec![first(), transfer(3, 2, 10, 30, days_ago(15)), transfer(5, 4, 10, 50, days_ago(3))],
            entries: vec![(2, Some(1), 10, 10), (3, None, 10, 20), (4, Some(3), 10, 30)],
            head: (30, 4, 3, Some(days_ago(3))),
            updates: 2,
        },
        Case {
            situation: "the newest transfers are lost",
            account: with_server(7, days_ago(15), 100),
            transfers: vec![first()],
            entries: vec![(2, Some(1), 10, 10), (3, None, 90, 100)],
            head: (100, 3, 7, None),
            updates: 2,
        },
        Case {
            situation: "the newest transfers are lost, and cancel out",
            account: with_server(7, days_ago(15), 10),
            transfers: vec![first()],
            entries: vec![(2, Some(1), 10, 10)],
            head: (10, 2, 7, None),
            updates: 1,
        },
        Case {
            situation: "all transfers are lost, and cancel out: silent",
            account: with_server(7, days_ago(15), 0),
            transfers: vec![],
            entries: vec![],
            head: (0, 1, 7, None),
            updates: 0,
        },
        Case {
            situation: "the newest transfers may still arrive",
            account: with_server(7, days_ago(13), 100),
            transfers: vec![first()],
            entries: vec![(2, Some(1), 10, 10)],
            head: (10, 2, 1, None),
            updates: 1,
        },
        Case {
            situation: "the cutoff itself is not too old, neither for the server nor for a transfer",
            account: with_server(7, cutoff(), 100),
            transfers: vec![transfer(2, 1, 10, 20, cutoff())],
            entries: vec![],
            head: (0, 1, 0, Some(cutoff())),
            updates: 0,
        },
        Case {
            situation: "there is no catching up while a transfer is waited for",
            account: with_server(7, days_ago(15), 100),
            transfers: vec![first(), transfer(3, 2, 10, 30, days_ago(3))],
            entries: vec![(2, Some(1), 10, 10)],
            head: (10, 2, 1, Some(days_ago(3))),
            updates: 1,
        },
    ];
    cases.into_iter().for_each(check);
}

#[test]
fn overflows() {
    let cases = [
        Case {
            situation: "three corrections to cross the whole range",
            account: with_principal(MIN),
            transfers: vec![transfer(1, 0, -1, MAX - 1, days_ago(1))],
            entries: vec![(2, None, MAX, -1), (3, None, MAX, MAX - 1), (4, None, 1, MAX), (5, Some(1), -1, MAX - 1)],
            head: (MAX - 1, 5, 1, None),
            updates: 1,
        },
        Case {
            situation: "and back",
            account: with_principal(MAX),
            transfers: vec![transfer(1, 0, 1, MIN + 1, days_ago(1))],
            entries: vec![(2, None, -MAX, 0), (3, None, -MAX, -MAX), (4, None, -1, MIN), (5, Some(1), 1, MIN + 1)],
            head: (MIN + 1, 5, 1, None),
            updates: 1,
        },
        Case {
            situation: "the previous principal is out of range, below",
            account: account(),
            transfers: vec![transfer(1, 0, MAX, MIN, days_ago(1))],
            entries: vec![(2, Some(1), MAX, MIN)],
            head: (MIN, 2, 1, None),
            updates: 1,
        },
        Case {
            situation: "the previous principal is out of range, above",
            account: with_principal(5),
            transfers: vec![transfer(1, 0, -10, MAX, days_ago(1))],
            entries: vec![(2, Some(1), -10, MAX)],
            head: (MAX, 2, 1, None),
            updates: 1,
        },
    ];
    cases.into_iter().for_each(check);
}

/// Processing §18, number 17: the transfers arrive before the server account is known.
#[test]
fn transfers_before_the_account() {
    let transfers = [
        transfer(1, 0, 1000, 1100, days_ago(20)),
        transfer(20, 1, 1000, 2100, days_ago(20)),
        transfer(22, 21, 1000, 4150, days_ago(1)),
    ];
    let first = extend(account(), &transfers, true, cutoff(), now());
    assert_eq!(short(&first.entries), [(2, None, 100, 100), (3, Some(1), 1000, 1100), (4, Some(20), 1000, 2100)]);
    assert_eq!(first.head.pending_transfer_ts, Some(days_ago(1)));

    let account = Account { head: first.head, ..account() };
    let second = extend(
        account,
        &[transfer(21, 20, 1000, 3150, days_ago(1)), transfer(22, 21, 1000, 4150, days_ago(1))],
        true,
        cutoff(),
        now(),
    );
    assert_eq!(short(&second.entries), [(5, None, 50, 2150), (6, Some(21), 1000, 3150), (7, Some(22), 1000, 4150)]);
}

/// Processing §18, number 18: a server's last transfer is believed lost only after the delay.
#[test]
fn a_lost_transfer_is_given_up_after_the_delay() {
    let account = with_server(3, days_ago(20), 1000);
    let waiting = extend(account.clone(), &[], true, days_ago(30), now());
    assert_eq!((short_head(&waiting.head), waiting.entries.len()), ((0, 1, 0, None), 0));
    check_announcement(&account.head, &waiting);

    let given_up = extend(account.clone(), &[], true, days_ago(10), now());
    assert_eq!(short(&given_up.entries), [(2, None, 1000, 1000)]);
    assert_eq!(short_head(&given_up.head), (1000, 2, 3, None));
    check_announcement(&account.head, &given_up);
}

#[test]
fn bursts() {
    let account = with_server(3, days_ago(20), 1000);
    let transfers = [transfer(1, 0, 10, 10, days_ago(20))];
    let burst = extend(account.clone(), &transfers, false, cutoff(), now());
    assert!(!burst.done, "there may be more transfers");
    assert_eq!(short_head(&burst.head), (10, 2, 1, None), "and the last one may be among them");

    let gap = [transfer(2, 1, 10, 20, days_ago(1))];
    assert!(extend(account, &gap, false, cutoff(), now()).done, "the ledger waits, however many transfers follow");
}

#[test]
fn known_transfers_are_passed_over() {
    let account = Account { head: Head { principal: 20, last_transfer_number: 2, ..account().head }, ..account() };
    let transfers = [transfer(1, 0, 10, 10, days_ago(1)), transfer(2, 1, 10, 20, days_ago(1))];
    let outcome = extend(account, &transfers, true, cutoff(), now());
    assert_eq!((outcome.entries.len(), outcome.head.last_transfer_number, outcome.announcement), (0, 2, None));
}

#[test]
fn a_wait_that_is_over_is_forgotten() {
    let head = Head { pending_transfer_ts: Some(days_ago(3)), ..account().head };
    let outcome = extend(Account { head, ..account() }, &[], true, cutoff(), now());
    assert_eq!((outcome.head.pending_transfer_ts, outcome.announcement), (None, None));
}
