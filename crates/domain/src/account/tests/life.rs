//! The first and the last day of an account.

use super::*;
use crate::{
    creditor::AccountsHead,
    signal::{Kind, Signal},
    time::{EPOCH, EPOCH_DATE},
};

#[test]
fn a_new_account() {
    let creditor = AccountsHead { list_update_id: 4, largest_historic_ledger_entry_id: 88, ..accounts_head() };
    let opened = open(KEY, FirstUpdateIds::from([11, 12, 13, 14, 15, 16, 17]), creditor, now());

    assert_eq!(opened.account_update_id, 11);
    assert_eq!(opened.creditor, AccountsHead { list_update_id: 5, list_update_ts: now(), ..creditor });
    assert_eq!(types(&opened.log_entries), ["Account", "AccountsList"]);
    assert_eq!(opened.log_entries.each_ref().map(|entry| entry.object_update_id), [Some(11), Some(5)]);
    assert!(opened.log_entries.iter().all(|entry| entry.added_at == now() && entry.is_deleted.is_none()));

    let Data { config, info, ledger, server, .. } = &opened.data;
    assert_eq!((config.latest_update_id, info.latest_update_id, ledger.latest_update_id), (12, 13, 14));
    assert_eq!((opened.display.latest_update_id, opened.exchange.latest_update_id), (15, 16));
    assert_eq!(opened.knowledge, Knowledge { latest_update_id: 17, latest_update_ts: now() });
    assert_eq!((ledger.principal, ledger.last_entry_id, ledger.last_transfer_number), (0, 89, 0));
    assert_eq!((server.creation_date, server.last_change_ts), (EPOCH_DATE, EPOCH));
    assert_eq!((server.last_heartbeat_ts, config.last_config_ts), (now(), now()));
    assert!(!server.has_server_account && !config.is_config_effectual && !config.allow_unsafe_deletion);
    assert_eq!((opened.display.appearance.debtor_name.as_ref(), opened.exchange.policy.peg), (None, None));

    let signal = &opened.configure_account;
    assert_eq!((signal.account, signal.ts, signal.seqnum), (KEY, now(), 0));
    assert_eq!((signal.negligible_amount.to_bits(), signal.config_flags), (1e30_f32.to_bits(), 0));
    assert_eq!(signal.config_data, "");
}

#[test]
fn the_first_entry_of_a_creditor_is_number_two() {
    assert_eq!(new_account().ledger.last_entry_id + 1, 2);
}

#[test]
fn a_deleted_account() {
    let mut data = known_account();
    data.ledger.last_entry_id = 90;
    for (historic, expected) in [(0, 90), (90, 90), (91, 91)] {
        let creditor = AccountsHead { largest_historic_ledger_entry_id: historic, ..accounts_head() };
        let closed = close(&data, creditor, 1000, now());
        let creditor =
            AccountsHead { list_update_id: 2, list_update_ts: now(), largest_historic_ledger_entry_id: expected };
        assert_eq!(closed.creditor, creditor);
    }
    let closed = close(&data, accounts_head(), 1000, now());
    let expected = [
        "AccountsList",
        "Account",
        "AccountConfig",
        "AccountInfo",
        "AccountLedger",
        "AccountDisplay",
        "AccountExchange",
        "AccountKnowledge",
    ];
    assert_eq!(types(&closed.log_entries), expected);
    let (list, objects) = closed.log_entries.split_first().unwrap();
    assert_eq!((list.object_update_id, list.is_deleted), (Some(2), None));
    for entry in objects {
        assert_eq!((entry.object_update_id, entry.is_deleted, entry.added_at), (Some(1000), Some(true), now()));
        assert!(entry.object_type.is_some() && entry.object_type_hint.is_none(), "typed, also the ledger");
    }
}

#[test]
fn trade_is_stopped() {
    let stop = stop_trade(KEY, 1000, now());
    let (ledger, policy, flags) = (&stop.ledger, &stop.policy, &stop.flags);
    assert_eq!((ledger.account_id.as_str(), ledger.creation_date), ("", EPOCH_DATE));
    assert_eq!((ledger.principal, ledger.last_transfer_number), (0, 0));
    assert_eq!((policy.policy_name.as_ref(), policy.min_principal, policy.max_principal), (None, i64::MIN, i64::MAX));
    assert_eq!((policy.peg_exchange_rate, policy.peg_debtor_id), (None, None));
    assert_eq!(flags.config_flags, 0);
    assert_eq!([ledger.update_id, policy.update_id, flags.update_id], [1000; 3]);
    assert_eq!([ledger.ts, policy.ts, flags.ts], [now(); 3]);

    let signals = <[Signal; 3]>::from(stop);
    assert_eq!(signals.each_ref().map(Signal::kind), [Kind::UpdatedLedger, Kind::UpdatedPolicy, Kind::UpdatedFlags]);
    assert!(signals.iter().all(|signal| signal.account() == KEY));
}
