use proptest::{prelude::*, sample::Index};

use super::*;

/// Amounts near zero and near the limits.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![
        4 => -1000_i64..1000,
        1 => any::<i64>(),
        1 => (0_i64..3).prop_map(|n| i64::MAX - n),
        1 => (0_i64..3).prop_map(|n| i64::MIN + n),
    ]
}

/// Transfers in ascending order, with gaps, of any age, with whatever principals a server may tell.
fn transfers() -> impl Strategy<Value = Vec<Transfer>> {
    let one = (1_i64..3, any::<bool>(), amount().prop_filter("0 is no transfer", |&a| a != 0), amount(), 0_i64..30);
    prop::collection::vec(one, 0..12).prop_map(|specs| {
        let mut number = 0;
        let make = |(step, is_linked, acquired_amount, principal, age)| {
            let before = number;
            number += step;
            let previous = if is_linked { before } else { number - 1 };
            transfer(number, previous, acquired_amount, principal, days_ago(age))
        };
        specs.into_iter().map(make).collect()
    })
}

prop_compose! {
    fn any_account()(principal in amount(), server_principal in amount(), number in 0_i64..30, age in 0_i64..30) -> Account {
        let account = with_server(number, days_ago(age), server_principal);
        Account { head: Head { principal, ..account.head }, ..account }
    }
}

/// The transfers of an account from which `extend` takes the first `burst` at a time, until it is done.
fn extend_in_bursts(mut account: Account, transfers: &[Transfer], bursts: &[Index]) -> (Head, Vec<Entry>) {
    let mut entries = Vec::new();
    let mut bursts = bursts.iter();
    loop {
        let left: Vec<_> =
            transfers.iter().filter(|t| t.transfer_number > account.head.last_transfer_number).cloned().collect();
        let burst = bursts.next().map_or(left.len(), |burst| burst.index(left.len() + 1).max(1).min(left.len()));
        let outcome = extend(account.clone(), &left[..burst], burst == left.len(), cutoff(), now());
        entries.extend(outcome.entries);
        account.head = outcome.head;
        if outcome.done {
            return (account.head, entries);
        }
    }
}

proptest! {
    #[test]
    fn entries_add_up(account in any_account(), transfers in transfers()) {
        let before = account.head.clone();
        let outcome = extend(account.clone(), &transfers, true, cutoff(), now());
        check_announcement(&before, &outcome);

        let (mut id, mut principal) = (before.last_entry_id, before.principal);
        for entry in &outcome.entries {
            prop_assert_eq!(entry.entry_id, id + 1);
            prop_assert_ne!(entry.acquired_amount, 0);
            let sum = i128::from(principal) + i128::from(entry.acquired_amount);
            let previous = i128::from(entry.principal) - i128::from(entry.acquired_amount);
            let is_capped = i64::try_from(previous).is_err();
            prop_assert!(sum == i128::from(entry.principal) || (is_capped && entry.transfer.is_some()));
            (id, principal) = (entry.entry_id, entry.principal);
        }
        prop_assert_eq!((outcome.head.last_entry_id, outcome.head.principal), (id, principal));
    }

    #[test]
    fn the_ledger_arrives_at_the_last_transfer_taken_in(account in any_account(), transfers in transfers()) {
        let outcome = extend(account.clone(), &transfers, true, cutoff(), now());
        let taken: Vec<_> = outcome.entries.iter().filter_map(|entry| entry.transfer).map(|(_, number)| number).collect();
        let expected: Vec<_> = transfers.iter().take(taken.len()).map(|t| t.transfer_number).collect();
        prop_assert_eq!(&taken, &expected, "transfers are taken in as they come, each once");

        let is_waiting = outcome.head.pending_transfer_ts.is_some();
        prop_assert_eq!(is_waiting, taken.len() < transfers.len());
        let last_taken = transfers[..taken.len()].last();
        let last = last_taken.map_or((0, account.head.principal), |t| (t.transfer_number, t.principal));
        let caught_up = (account.server_last_transfer_number, account.server_principal);
        let expected = if !is_waiting && account.server_last_transfer_committed_at < cutoff() && caught_up.0 > last.0 {
            caught_up
        } else {
            last
        };
        prop_assert_eq!((outcome.head.last_transfer_number, outcome.head.principal), expected);
    }

    #[test]
    fn bursts_make_no_difference(account in any_account(), transfers in transfers(), bursts: Vec<Index>) {
        let whole = extend(account.clone(), &transfers, true, cutoff(), now());
        let (head, entries) = extend_in_bursts(account, &transfers, &bursts);
        prop_assert_eq!(entries, whole.entries);
        prop_assert_eq!(head, whole.head);
    }

    #[test]
    fn doing_it_again_changes_nothing(account in any_account(), transfers in transfers()) {
        let once = extend(account.clone(), &transfers, true, cutoff(), now());
        let twice = extend(Account { head: once.head.clone(), ..account }, &transfers, true, cutoff(), now());
        prop_assert_eq!(twice.head, once.head);
        prop_assert!(twice.entries.is_empty() && twice.announcement.is_none());
    }

    #[test]
    fn corrections_arrive_in_at_most_three_entries(principal: i64, server_principal: i64) {
        let account = Account { head: with_principal(principal).head, ..with_server(0, EPOCH, server_principal) };
        let outcome = correct(account, now());
        prop_assert_eq!(outcome.is_none(), principal == server_principal);
        if let Some(outcome) = outcome {
            prop_assert!((1..=3).contains(&outcome.entries.len()));
            prop_assert_eq!(outcome.entries.last().unwrap().principal, server_principal);
            prop_assert_eq!(outcome.head.principal, server_principal);
        }
    }
}
