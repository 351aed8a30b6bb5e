//! What the scanner finds wrong with accounts, and that its remedies help.

use proptest::prelude::*;

use super::*;
use crate::ledger::correct;

const CHECKUP: Checkup = Checkup {
    max_transfer_delay: TimeDelta::days(14),
    patience: Patience { config: TimeDelta::hours(24), heartbeat: TimeDelta::days(365) },
};

type Change = fn(&mut Data);

/// An account that nothing is wrong with, not even after years without any change.
fn healthy() -> Data {
    let mut data = known_account();
    data.config.is_config_effectual = true;
    data.server.last_heartbeat_ts = days_ago(1);
    (data.server.principal, data.ledger.principal) = (1000, 1000);
    (data.server.last_transfer_number, data.ledger.last_transfer_number) = (7, 7);
    data.server.last_transfer_committed_at = days_ago(90);
    data.ledger.latest_update_ts = days_ago(90);
    data
}

#[test]
fn each_ailment_is_found_by_itself() {
    let none = Ailments::default();
    let cases: [(&str, Change, Ailments); 5] = [
        ("nothing", |_| (), none),
        ("sum", |data| data.server.principal = 999, Ailments { ledger_is_wrong: true, ..none }),
        ("gap", |data| data.server.last_transfer_number = 8, Ailments { ledger_waits: true, ..none }),
        ("silence", |data| data.server.last_heartbeat_ts = days_ago(366), Ailments { contact_is_lost: true, ..none }),
        (
            "a gap explains a wrong sum",
            |data| (data.server.principal, data.server.last_transfer_number) = (999, 8),
            Ailments { ledger_waits: true, ..none },
        ),
    ];
    for (what, change, expected) in cases {
        let mut data = healthy();
        change(&mut data);
        assert_eq!(CHECKUP.examine(&Vitals::of(&data), now()), expected, "{what}");
    }
}

/// Any amount, the largest and the smallest often.
fn amount() -> impl Strategy<Value = i64> {
    prop_oneof![any::<i64>(), Just(i64::MIN), Just(i64::MAX), -3_i64..3]
}

prop_compose! {
    fn account()(
        principals in (amount(), amount()),
        numbers in (0_i64..3, 0_i64..3),
        hours in (0_i64..3, 0_i64..48, 0_i64..9000),
        pending in proptest::option::of(0_i64..30),
        effectual: bool,
        has_server_account: bool,
        has_error: bool,
    ) -> Data {
        let mut data = healthy();
        (data.server.principal, data.ledger.principal) = principals;
        (data.server.last_transfer_number, data.ledger.last_transfer_number) = numbers;
        data.ledger.latest_update_ts = now() - TimeDelta::hours(hours.0);
        data.ledger.pending_transfer_ts = pending.map(days_ago);
        data.config.last_config_ts = now() - TimeDelta::hours(hours.1);
        data.server.last_heartbeat_ts = now() - TimeDelta::hours(hours.2);
        data.config.is_config_effectual = effectual;
        data.server.has_server_account = has_server_account;
        data.config.config_error = has_error.then(|| "ERROR".to_owned());
        data
    }
}

proptest! {
    /// A remedy exists exactly for the accounts that need it, and is applied once.
    #[test]
    fn remedies_help(data in account()) {
        let found = CHECKUP.examine(&Vitals::of(&data), now());
        let corrected = correct(data.ledger_account(), now());
        prop_assert_eq!(corrected.is_some(), found.ledger_is_wrong);
        if let Some(outcome) = corrected {
            prop_assert!((1..=3).contains(&outcome.entries.len()));
            let sum: i128 = outcome.entries.iter().map(|entry| i128::from(entry.acquired_amount)).sum();
            prop_assert_eq!(i128::from(data.ledger.principal) + sum, i128::from(data.server.principal));
            prop_assert_eq!(outcome.head.latest_update_id, data.ledger.latest_update_id + 1);
            prop_assert_eq!(outcome.head.last_transfer_number, data.ledger.last_transfer_number);
            let healed = Data { ledger: outcome.head, ..data.clone() };
            let later = now() + TimeDelta::days(10_000);
            prop_assert!(!CHECKUP.examine(&Vitals::of(&healed), later).ledger_is_wrong);
        }
        let reported = report_config_problem(data.clone(), CHECKUP.patience, now());
        prop_assert_eq!(reported.is_some(), found.contact_is_lost);
        if let Some(changed) = reported {
            prop_assert_eq!(changed.data.info.latest_update_id, data.info.latest_update_id + 1);
            prop_assert!(!CHECKUP.examine(&Vitals::of(&changed.data), now()).contact_is_lost);
        }
    }
}
