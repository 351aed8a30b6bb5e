//! Rejections, purges, orphans, silence.

use super::*;
use crate::{CreditorId, Realm, Shard, incoming::BouncedConfigureAccount};

/// Processing §18, numbers 9 and 12.
#[test]
fn only_the_exact_configuration_is_rejected() {
    let data = new_account();
    let base = rejected_config();
    let second = TimeDelta::seconds(1);
    let others = [
        RejectedConfig { config_data: "x".to_owned(), ..base.clone() },
        RejectedConfig { negligible_amount: base.negligible_amount * 1.0001, ..base.clone() },
        RejectedConfig { config_flags: base.config_flags ^ 1, ..base.clone() },
        RejectedConfig { config_seqnum: base.config_seqnum + 1, ..base.clone() },
        RejectedConfig { config_seqnum: base.config_seqnum - 1, ..base.clone() },
        RejectedConfig { config_ts: base.config_ts + second, ..base.clone() },
        RejectedConfig { config_ts: base.config_ts - second, ..base.clone() },
        RejectedConfig { account: OTHER_DEBTOR, ..base.clone() },
    ];
    for message in others {
        assert_eq!(apply_rejected_config(data.clone(), message.clone(), now()), None, "{message:?}");
    }
    let changed = apply_rejected_config(data.clone(), base.clone(), now()).unwrap();
    assert_eq!(changed.data.config.config_error.as_deref(), Some("TEST"));
    assert_eq!(changed.data.info.latest_update_id, data.info.latest_update_id + 1);
    assert_eq!((changed.data.info.latest_update_ts, changed.log_entry.added_at), (now(), now()));
    assert_eq!(types([&changed.log_entry]), ["AccountInfo"]);

    assert_eq!(apply_rejected_config(changed.data, base, now()), None, "a known error stays");
}

/// Processing §18, number 13.
#[test]
fn purges() {
    let known = known_account();
    let later = date(2024, 2, 2);
    let ignored = [
        AccountPurge { account: OTHER_DEBTOR, ..purge() },
        AccountPurge { creation_date: date(2024, 1, 31), ..purge() },
    ];
    for message in ignored {
        assert_eq!(apply_purge(known.clone(), &message, now()), None, "{message:?}");
    }
    for message in [purge(), AccountPurge { creation_date: later, ..purge() }] {
        let mut known = known.clone();
        known.server.principal = 5;
        known.server.interest = 1.5;
        let changed = apply_purge(known.clone(), &message, now()).unwrap();
        let server = Server { has_server_account: false, principal: 0, interest: 0.0, ..known.server.clone() };
        let info =
            Info { latest_update_id: known.info.latest_update_id + 1, latest_update_ts: now(), ..known.info.clone() };
        assert_eq!(changed.data, Data { server, info, ..known });
        assert_eq!((types([&changed.log_entry]), changed.log_entry.is_deleted), (vec!["AccountInfo".to_owned()], None));
        assert_eq!(apply_purge(changed.data, &message, now()), None, "repeated");
    }
    assert_eq!(apply_purge(new_account(), &purge(), now()), None, "no server account is known");
}

/// Processing §18, number 11.
#[test]
fn orphans_are_discarded_once() {
    let orphan =
        |negligible_amount, config_flags| AccountUpdate { negligible_amount, config_flags, ..account_update() };
    let signal = orphan_reaction(&orphan(2.0, 0), now()).unwrap();
    assert!(f64::from(signal.negligible_amount) > 1e22 && signal.config_flags & 1 == 1);
    assert_eq!((signal.account, signal.ts, signal.seqnum, signal.config_data.as_str()), (KEY, now(), 0, ""));

    let cases = [(1e30, 1, false), (0.999_991e30, 3, false), (0.9999e30, 1, true), (1e30, 0, true), (1e30, 2, true)];
    for (negligible_amount, flags, expected) in cases {
        let reaction = orphan_reaction(&orphan(negligible_amount, flags), now());
        assert_eq!(reaction.is_some(), expected, "{negligible_amount} {flags}");
    }
    let expired = AccountUpdate { ttl: 0, ..orphan(2.0, 0) };
    assert_eq!(orphan_reaction(&expired, now()), None);
}

#[test]
fn bounced_configurations_become_rejections() {
    let message = |creditor_id| BouncedConfigureAccount {
        account: crate::AccountKey::new(CreditorId::new(creditor_id), KEY.debtor_id),
        ts: days_ago(1),
        seqnum: 7,
        negligible_amount: 1.5,
        config_flags: 1,
        config_data: "data".to_owned(),
    };
    // 1234 belongs to the other realm: any shard may get the message.
    let shard = Shard::new(CreditorId::new(1000), CreditorId::new(2000), Realm::parse("1.#").unwrap());
    let rejection = bounce(message(1234), &shard, now()).unwrap();
    assert_eq!(rejection.rejection_code, "NO_CONNECTION_TO_DEBTOR");
    assert_eq!((rejection.config_ts, rejection.config_seqnum, rejection.config_flags), (days_ago(1), 7, 1));
    assert_eq!((rejection.config_data.as_str(), rejection.inserted_at), ("data", now()));
    assert!((rejection.negligible_amount - 1.5).abs() < f32::EPSILON);
    assert_eq!(bounce(message(999), &shard, now()), None);
    assert_eq!(bounce(message(2001), &shard, now()), None);
}

#[test]
fn silence_is_reported_once_patience_ends() {
    let patience = Patience { config: TimeDelta::hours(24), heartbeat: TimeDelta::days(8) };
    let account = |effectual, has_server_account, config_days_ago, heartbeat_days_ago| {
        let mut data = new_account();
        data.config.is_config_effectual = effectual;
        data.config.last_config_ts = days_ago(config_days_ago);
        data.server.has_server_account = has_server_account;
        data.server.last_heartbeat_ts = days_ago(heartbeat_days_ago);
        data
    };
    let cases = [
        (account(false, false, 2, 0), true),
        (account(false, true, 2, 0), true),
        (account(false, false, 1, 0), false), // exactly 24 hours
        (account(true, true, 2, 9), true),
        (account(true, true, 2, 8), false),
        (account(true, true, 0, 9), false),
        (account(true, false, 2, 9), false),
        (account(true, true, 2, 0), false),
    ];
    for (data, expected) in cases {
        let reported = report_config_problem(data.clone(), patience, now());
        assert_eq!(reported.is_some(), expected, "{data:?}");
        if let Some(changed) = reported {
            assert_eq!(changed.data.config.config_error.as_deref(), Some("CONFIGURATION_IS_NOT_EFFECTUAL"));
            assert_eq!(types([&changed.log_entry]), ["AccountInfo"]);
            assert_eq!(report_config_problem(changed.data, patience, now()), None, "a known error stays");
        }
    }
}

#[test]
fn deletion_is_safe_only_when_all_is_over() {
    for bits in 0..8 {
        let mut data = new_account();
        data.server.has_server_account = bits & 1 != 0;
        data.config.config_flags = if bits & 2 != 0 { 1 } else { 2 };
        data.config.is_config_effectual = bits & 4 != 0;
        assert_eq!(data.is_deletion_safe(), bits == 6, "{bits}");
    }
}
