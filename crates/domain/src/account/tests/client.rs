//! What holders do with their accounts.

use super::*;
use crate::{AccountKey, DebtorId, log_entry::AccountObject, log_entry::LogEntry, update_id::Patch};

const ID: i64 = 12;

fn request() -> ConfigRequest {
    ConfigRequest {
        scheduled_for_deletion: true,
        negligible_amount: 2.5,
        allow_unsafe_deletion: true,
        config_data: "data".to_owned(),
        latest_update_id: ID + 1,
    }
}

fn applied<T: std::fmt::Debug>(patch: Patch<T>) -> T {
    match patch {
        Patch::Apply(value) => value,
        other => panic!("{other:?}"),
    }
}

#[test]
fn reconfiguring() {
    let mut data = known_account();
    data.config.config_flags = 6;
    data.config.config_error = Some("TEST".to_owned());
    let done = applied(reconfigure(data.clone(), request(), now()));
    let config = Config {
        last_config_ts: now(),
        last_config_seqnum: 1,
        negligible_amount: 2.5,
        config_flags: 7,
        config_data: "data".to_owned(),
        is_config_effectual: false,
        allow_unsafe_deletion: true,
        config_error: Some("TEST".to_owned()),
        latest_update_id: ID + 1,
        latest_update_ts: now(),
    };
    assert_eq!(done.data, Data { config, ..data });
    assert_eq!(done.log_entries, [LogEntry::account_object(AccountObject::Config, KEY, ID + 1, now())]);
    let flags = &done.updated_flags;
    assert_eq!((flags.account, flags.update_id, flags.config_flags, flags.ts), (KEY, ID + 1, 7, now()));
    let signal = &done.configure_account;
    assert_eq!((signal.account, signal.ts, signal.seqnum, signal.config_flags), (KEY, now(), 1, 7));
    assert_eq!((signal.negligible_amount.to_bits(), signal.config_data.as_str()), (2.5_f32.to_bits(), "data"));
}

#[test]
fn configurations_stay_in_order_when_clocks_do_not() {
    let future = now() + TimeDelta::days(1);
    let mut data = known_account();
    data.config.last_config_ts = future;
    data.config.last_config_seqnum = i32::MAX;
    let signal = applied(reconfigure(data, request(), now())).configure_account;
    assert_eq!((signal.ts, signal.seqnum), (future, i32::MIN));
}

#[test]
fn unscheduling_keeps_the_other_flags() {
    let mut data = known_account();
    data.config.config_flags = 7;
    let request = ConfigRequest { scheduled_for_deletion: false, ..request() };
    assert_eq!(applied(reconfigure(data, request, now())).data.config.config_flags, 6);
}

#[test]
fn repeated_configurations() {
    let data = applied(reconfigure(known_account(), request(), now())).data;
    assert_eq!(reconfigure(data.clone(), request(), now()), Patch::Unchanged);
    let conflicts = [
        ConfigRequest { scheduled_for_deletion: false, ..request() },
        ConfigRequest { negligible_amount: 2.500_001, ..request() },
        ConfigRequest { allow_unsafe_deletion: false, ..request() },
        ConfigRequest { config_data: "other".to_owned(), ..request() },
        ConfigRequest { latest_update_id: ID, ..request() },
        ConfigRequest { latest_update_id: ID + 3, ..request() },
    ];
    for request in conflicts {
        assert_eq!(reconfigure(data.clone(), request.clone(), now()), Patch::Conflict, "{request:?}");
    }
}

#[test]
fn reconfiguring_ends_a_safe_deletion() {
    let mut data = known_account();
    data.server.has_server_account = false;
    data.config.config_flags = SCHEDULED_FOR_DELETION;
    assert!(data.is_deletion_safe());
    let info_id = data.info.latest_update_id;
    let done = applied(reconfigure(data, request(), now()));
    assert_eq!(types(&done.log_entries), ["AccountConfig", "AccountInfo"]);
    assert_eq!((done.data.info.latest_update_id, done.data.info.latest_update_ts), (info_id + 1, now()));
}

#[test]
fn rearranging() {
    let display = Display { appearance: Appearance::default(), latest_update_id: ID, latest_update_ts: days_ago(1) };
    let named = |name: Option<&str>| Appearance { debtor_name: name.map(str::to_owned), ..Appearance::default() };
    let rearrange = |display: &Display, appearance, id| rearrange(KEY, display, appearance, id, now());

    let done = applied(rearrange(&display, named(Some("A")), ID + 1));
    assert!(done.is_renamed);
    assert_eq!(done.display.appearance, named(Some("A")));
    assert_eq!((done.display.latest_update_id, done.display.latest_update_ts), (ID + 1, now()));
    assert_eq!(done.log_entry, LogEntry::account_object(AccountObject::Display, KEY, ID + 1, now()));

    let renames = [(Some("A"), false), (Some("B"), true), (None, false)];
    for (name, expected) in renames {
        assert_eq!(applied(rearrange(&done.display, named(name), ID + 2)).is_renamed, expected, "{name:?}");
    }
    assert_eq!(rearrange(&done.display, named(Some("A")), ID + 1), Patch::Unchanged);
    assert_eq!(rearrange(&done.display, named(Some("B")), ID + 1), Patch::Conflict);
    assert_eq!(rearrange(&done.display, named(Some("B")), ID + 3), Patch::Conflict);
}

#[test]
fn adopting_a_policy() {
    let exchange = Exchange { policy: Policy::default(), latest_update_id: ID, latest_update_ts: days_ago(1) };
    let peg = Peg { exchange_rate: 1.5, debtor_id: DebtorId::new(7) };
    let policy = Policy { name: Some("p".to_owned()), min_principal: -5, max_principal: 5, peg: Some(peg) };
    let done = applied(adopt_policy(KEY, &exchange, policy.clone(), ID + 1, now()));
    assert_eq!(done.exchange, Exchange { policy: policy.clone(), latest_update_id: ID + 1, latest_update_ts: now() });
    assert_eq!(done.log_entry, LogEntry::account_object(AccountObject::Exchange, KEY, ID + 1, now()));
    let signal = &done.signal;
    assert_eq!((signal.account, signal.update_id, signal.ts), (KEY, ID + 1, now()));
    assert_eq!((signal.policy_name.as_deref(), signal.min_principal, signal.max_principal), (Some("p"), -5, 5));
    assert_eq!((signal.peg_exchange_rate, signal.peg_debtor_id), (Some(1.5), Some(DebtorId::new(7))));

    assert_eq!(adopt_policy(KEY, &done.exchange, policy.clone(), ID + 1, now()), Patch::Unchanged);
    let other = Policy { peg: None, ..policy };
    assert_eq!(adopt_policy(KEY, &done.exchange, other, ID + 1, now()), Patch::Conflict);
}

#[test]
fn noting() {
    let knowledge = Knowledge { latest_update_id: ID, latest_update_ts: days_ago(1) };
    let done = applied(note(KEY, knowledge, false, ID + 1, now()));
    assert_eq!(done.knowledge, Knowledge { latest_update_id: ID + 1, latest_update_ts: now() });
    assert_eq!(done.log_entry, LogEntry::account_object(AccountObject::Knowledge, KEY, ID + 1, now()));
    assert_eq!(note(KEY, knowledge, true, ID, now()), Patch::Unchanged);
    assert_eq!(note(KEY, knowledge, false, ID, now()), Patch::Conflict);
}

#[test]
fn which_deletions_are_allowed() {
    let account = |is_safe: bool, is_unsafe_allowed| {
        let mut data = known_account();
        data.server.has_server_account = !is_safe;
        data.config.config_flags = i32::from(is_safe);
        data.config.allow_unsafe_deletion = is_unsafe_allowed;
        data
    };
    let cases = [
        (account(false, false), None, false, Ok(())),
        (account(false, false), Some("name"), false, Err(Refused::Unsafe)),
        (account(false, false), Some("name"), true, Err(Refused::Unsafe)),
        (account(true, false), Some("name"), false, Ok(())),
        (account(false, true), Some("name"), false, Ok(())),
        (account(true, false), Some("name"), true, Err(Refused::Pegged)),
        (account(false, false), None, true, Err(Refused::Pegged)),
    ];
    for (data, name, is_pegged_to, expected) in cases {
        assert_eq!(allow_deletion(&data, name, is_pegged_to), expected, "{name:?} {is_pegged_to}");
    }
}

#[test]
fn configuration_keys_belong_to_their_account() {
    let mut data = known_account();
    data.key = AccountKey::new(KEY.creditor_id, DebtorId::new(3));
    let done = applied(reconfigure(data.clone(), request(), now()));
    assert_eq!((done.updated_flags.account, done.configure_account.account), (data.key, data.key));
}
