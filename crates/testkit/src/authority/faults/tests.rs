use chrono::{NaiveDate, TimeDelta};
use domain::incoming::{AccountPurge, Incoming, RejectedTransfer};
use domain::time::EPOCH;
use domain::{AccountKey, CreditorId, DebtorId};
use proptest::prelude::*;

use super::*;

fn purge(number: i64) -> Outgoing {
    let account = AccountKey::new(CreditorId::new(number), DebtorId::new(1));
    Outgoing::new(Incoming::AccountPurge(AccountPurge { account, creation_date: NaiveDate::MIN }), EPOCH)
}

fn number(outgoing: &Outgoing) -> i64 {
    smp::incoming::creditor_id(&outgoing.message).get()
}

fn rejection(number: i64) -> Outgoing {
    let account = AccountKey::new(CreditorId::new(number), DebtorId::new(1));
    let message = RejectedTransfer {
        account,
        coordinator_id: account.creditor_id,
        coordinator_request_id: 1,
        status_code: "TEST".to_owned(),
        total_locked_amount: 0,
    };
    Outgoing::new(Incoming::RejectedTransfer(message), EPOCH)
}

/// Everything that arrives, with the time of its arrival.
fn travel(faults: Faults, messages: impl IntoIterator<Item = Outgoing>) -> Vec<(Timestamp, i64)> {
    let mut way = Way::new(faults);
    let mut arrived: Vec<_> =
        way.send(messages.into_iter().collect(), EPOCH).iter().map(|message| (EPOCH, number(message))).collect();
    while let Some(now) = way.next_arrival() {
        arrived.extend(way.arrived(now).iter().map(|message| (now, number(message))));
    }
    arrived
}

#[test]
fn without_faults_nothing_happens() {
    let arrived = travel(Faults::default(), (0..5).map(purge));
    assert_eq!(arrived, (0..5).map(|number| (EPOCH, number)).collect::<Vec<_>>());
}

#[test]
fn delays_lie_in_their_range() {
    let (min_delay, max_delay) = (Duration::from_millis(50), Duration::from_millis(200));
    let arrived = travel(Faults { min_delay, max_delay, ..Faults::default() }, (0..500).map(purge));
    let range = TimeDelta::milliseconds(50)..=TimeDelta::milliseconds(200);
    assert!(arrived.iter().all(|(at, _)| range.contains(&(*at - EPOCH))));
    assert_eq!(arrived.len(), 500);
    assert!(!arrived.is_sorted_by_key(|(_, number)| *number));
}

#[test]
fn only_the_named_types_are_lost() {
    let faults = Faults { lose_probability: BTreeMap::from([("AccountPurge".to_owned(), 0.5)]), ..Faults::default() };
    let arrived = travel(faults, (0..1000).flat_map(|number| [purge(number), rejection(-number - 1)]));
    let purges = arrived.iter().filter(|(_, number)| *number >= 0).count();
    assert_eq!(arrived.len() - purges, 1000);
    assert!((400..600).contains(&purges), "{purges}");
}

proptest! {
    #[test]
    fn a_message_is_overtaken_by_few(seed: u64, window in 0_u32..20) {
        let arrived = travel(Faults { seed, reorder_window: window, ..Faults::default() }, (0..100).map(purge));
        prop_assert_eq!(arrived.len(), 100);
        for (place, (_, number)) in arrived.iter().enumerate() {
            let overtaking = arrived[..place].iter().filter(|(_, other)| other > number).count();
            prop_assert!(overtaking <= usize::try_from(window).unwrap());
        }
    }

    #[test]
    fn nothing_but_losses_loses_and_the_seed_decides(seed: u64, repeat in 0.0..1.0, delay in 0_u64..100) {
        let faults = Faults {
            seed,
            max_delay: Duration::from_millis(delay),
            repeat_probability: repeat,
            reorder_window: 3,
            ..Faults::default()
        };
        let arrived = travel(faults.clone(), (0..50).map(purge));
        for number in 0..50 {
            let copies = arrived.iter().filter(|(_, other)| *other == number).count();
            prop_assert!((1..=2).contains(&copies));
        }
        prop_assert_eq!(arrived, travel(faults, (0..50).map(purge)));
    }
}
