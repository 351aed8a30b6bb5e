use super::*;
use crate::log_entry::LogEntry;

#[test]
fn expiry_is_strict() {
    let cases = [(0, 0, false), (1, 0, true), (1_000_000, 1, false), (1_000_001, 1, true), (-5_000_000, 0, false)];
    for (age_micros, ttl, expected) in cases {
        let update = AccountUpdate { ts: now() - TimeDelta::microseconds(age_micros), ttl, ..account_update() };
        assert_eq!(is_expired(&update, now()), expected, "{age_micros} {ttl}");
        let outcome = apply_update(new_account(), &update, now());
        assert_eq!(outcome == UpdateOutcome::Ignored, expected);
    }
}

#[test]
fn only_later_states_are_applied() {
    let known = known_account();
    let base = account_update();
    let cases = [
        ("the same again", base.clone(), false),
        ("later number", AccountUpdate { last_change_seqnum: 2, ..base.clone() }, true),
        ("earlier number", AccountUpdate { last_change_seqnum: 0, ..base.clone() }, false),
        ("number after wrapping", AccountUpdate { last_change_seqnum: i32::MIN, ..base.clone() }, true),
        ("half the circle apart", AccountUpdate { last_change_seqnum: i32::MIN + 1, ..base.clone() }, false),
        (
            "later instant, earlier number",
            AccountUpdate { last_change_ts: days_ago(0), last_change_seqnum: 0, ..base.clone() },
            true,
        ),
        (
            "earlier instant, later number",
            AccountUpdate { last_change_ts: days_ago(2), last_change_seqnum: 2, ..base.clone() },
            false,
        ),
        (
            "later date, earlier instant",
            AccountUpdate { creation_date: date(2024, 2, 2), last_change_ts: days_ago(2), ..base.clone() },
            true,
        ),
        (
            "earlier date, later instant",
            AccountUpdate { creation_date: date(2024, 1, 31), last_change_ts: days_ago(0), ..base },
            false,
        ),
    ];
    for (what, update, expected) in cases {
        let outcome = apply_update(known.clone(), &update, now());
        assert_eq!(matches!(outcome, UpdateOutcome::Applied(_)), expected, "{what}");
    }
}

#[test]
fn heartbeats() {
    let known = known_account();
    let last = known.server.last_heartbeat_ts;
    assert_eq!(last, account_update().ts);
    let micro = TimeDelta::microseconds(1);
    let cases = [
        (last, None),
        (last - micro, None),
        (last + micro, Some(last + micro)),
        (now(), Some(now())),
        (now() + TimeDelta::days(1), Some(now())),
    ];
    for (ts, heartbeat) in cases {
        let stale = AccountUpdate { ts, ..account_update() };
        assert_eq!(apply_update(known.clone(), &stale, now()), UpdateOutcome::Stale { heartbeat }, "{ts}");
        let later = AccountUpdate { ts, ..next_update() };
        assert_eq!(updated(known.clone(), &later).data.server.last_heartbeat_ts, heartbeat.unwrap_or(last), "{ts}");
    }
}

#[test]
fn an_update_of_another_account_changes_nothing() {
    let update = AccountUpdate { account: OTHER_DEBTOR, ..account_update() };
    assert_eq!(apply_update(new_account(), &update, now()), UpdateOutcome::Ignored);
}

#[test]
fn nothing_of_interest() {
    let known = known_account();
    let update = AccountUpdate {
        principal: 1000,
        interest: 1.5,
        last_transfer_number: 3,
        last_transfer_committed_at: days_ago(1),
        ..next_update()
    };
    let outcome = updated(known.clone(), &update);
    assert!(outcome.log_entries.is_empty() && outcome.ledger_entries.is_empty());
    assert!(outcome.signal.is_none() && !outcome.schedule_ledger_update);
    let server = Server {
        last_change_seqnum: 2,
        principal: 1000,
        interest: 1.5,
        last_transfer_number: 3,
        last_transfer_committed_at: days_ago(1),
        ..known.server
    };
    assert_eq!(outcome.data, Data { server, ..known });
}

#[test]
fn what_counts_as_a_change_of_information() {
    let base = AccountUpdate { interest_rate: -5.0, ..next_update() };
    let known = updated(known_account(), &base).data;
    let base = AccountUpdate { last_change_seqnum: 3, ..base };
    let cases = [
        ("nothing", base.clone(), false),
        ("a negligible difference of the rate", AccountUpdate { interest_rate: -5.000_04, ..base.clone() }, false),
        ("rate", AccountUpdate { interest_rate: -5.000_06, ..base.clone() }, true),
        ("sign of the rate", AccountUpdate { interest_rate: 5.0, ..base.clone() }, true),
        ("time of the rate", AccountUpdate { last_interest_rate_change_ts: days_ago(1), ..base.clone() }, true),
        ("note", AccountUpdate { transfer_note_max_bytes: 499, ..base.clone() }, true),
        ("iri", AccountUpdate { debtor_info_iri: Some("x".to_owned()), ..base.clone() }, true),
        ("content type", AccountUpdate { debtor_info_content_type: Some("x".to_owned()), ..base.clone() }, true),
        ("sha256", AccountUpdate { debtor_info_sha256: Some([1; 32]), ..base.clone() }, true),
        ("not effectual, but no error is known", AccountUpdate { config_flags: 2, ..base }, false),
    ];
    for (what, update, expected) in cases {
        let outcome = updated(known.clone(), &update);
        let entry = LogEntry::account_object(
            crate::log_entry::AccountObject::Info,
            KEY,
            known.info.latest_update_id + 1,
            now(),
        );
        assert_eq!(outcome.log_entries, if expected { vec![entry] } else { vec![] }, "{what}");
        let change = i64::from(expected);
        assert_eq!(outcome.data.info.latest_update_id, known.info.latest_update_id + change, "{what}");
        assert!(!outcome.schedule_ledger_update, "{what}");
    }
}

#[test]
fn the_same_hash_is_no_change() {
    let update = AccountUpdate { debtor_info_sha256: Some([1; 32]), ..next_update() };
    let known = updated(known_account(), &update).data;
    assert_eq!(known.info.debtor_info_sha256, Some(vec![1; 32]));
    let again = AccountUpdate { last_change_seqnum: 3, ..update };
    assert!(updated(known, &again).log_entries.is_empty());
}

#[test]
fn when_a_configuration_is_effectual() {
    let base = next_update();
    let cases = [
        (base.clone(), true),
        (AccountUpdate { negligible_amount: 1.000_001e30, ..base.clone() }, true),
        (AccountUpdate { negligible_amount: 1.0001e30, ..base.clone() }, false),
        (AccountUpdate { negligible_amount: 0.0, ..base.clone() }, false),
        (AccountUpdate { config_flags: 1, ..base.clone() }, false),
        (AccountUpdate { config_data: "x".to_owned(), ..base.clone() }, false),
        (AccountUpdate { last_config_seqnum: 1, ..base.clone() }, false),
        (AccountUpdate { last_config_ts: days_ago(99), ..base }, false),
    ];
    for (update, expected) in cases {
        let mut known = known_account();
        known.config.config_error = Some("TEST".to_owned());
        let before = known.config.clone();
        let outcome = updated(known, &update);
        let config_error = if expected { None } else { before.config_error.clone() };
        let config = Config { is_config_effectual: expected, config_error, ..before };
        assert_eq!(outcome.data.config, config, "the configuration itself stays: {update:?}");
        assert_eq!(types(&outcome.log_entries).len(), usize::from(expected), "clearing an error is told");
    }
}

/// Processing §18, number 15.
#[test]
fn a_new_server_account() {
    let outcome = updated(new_account(), &account_update());
    assert_eq!(types(&outcome.log_entries), ["AccountInfo", "AccountLedger"]);
    assert!(outcome.schedule_ledger_update && outcome.ledger_entries.is_empty());
    let (data, signal) = (&outcome.data, outcome.signal.unwrap());
    assert!(data.server.has_server_account && data.config.is_config_effectual);
    assert_eq!((data.ledger.latest_update_id, data.ledger.latest_update_ts), (15, now()));
    assert_eq!((signal.update_id, signal.ts, signal.account_id.as_str()), (15, now(), "account-id"));
    assert_eq!((signal.creation_date, signal.principal), (account_update().creation_date, 0));
    assert!(outcome.log_entries.iter().all(|entry| entry.added_at == now()));
}

/// Processing §18, numbers 7 and 8.
#[test]
fn an_account_that_was_created_anew() {
    let mut old = known_account();
    old.ledger.principal = 1001;
    old.ledger.last_entry_id = 88;
    old.ledger.last_transfer_number = 888;
    let update = AccountUpdate { creation_date: date(2024, 3, 1), ..account_update() };

    let expired = AccountUpdate { ttl: 0, ..update.clone() };
    assert_eq!(apply_update(old.clone(), &expired, now()), UpdateOutcome::Ignored);

    let update = AccountUpdate { ttl: 10000, ts: now() - TimeDelta::seconds(1), ..update };
    let outcome = updated(old.clone(), &update);
    let data = &outcome.data;
    assert_eq!(data.server.last_heartbeat_ts, update.ts);
    assert!(data.config.is_config_effectual);
    let signal = outcome.signal.unwrap();
    assert_eq!((signal.principal, signal.last_transfer_number), (0, 0));
    assert_eq!((signal.update_id, signal.ts), (data.ledger.latest_update_id, data.ledger.latest_update_ts));
    let entries: Vec<_> = outcome.ledger_entries.iter().map(|e| (e.entry_id, e.acquired_amount, e.transfer)).collect();
    assert_eq!(entries, [(89, -1001, None)]);
    // Number 10: the ledger goes on from there.
    assert_eq!((data.ledger.principal, data.ledger.last_entry_id, data.ledger.last_transfer_number), (0, 89, 0));

    assert_eq!(apply_update(outcome.data, &update, now()), UpdateOutcome::Stale { heartbeat: None });
}

#[test]
fn an_account_with_another_identity() {
    let mut old = known_account();
    old.ledger.principal = 1001;
    old.ledger.last_transfer_number = 888;
    old.ledger.pending_transfer_ts = Some(days_ago(1));
    let update = AccountUpdate { account_id: "other".to_owned(), ..next_update() };
    let outcome = updated(old.clone(), &update);
    assert_eq!(types(&outcome.log_entries), ["AccountInfo", "AccountLedger"]);
    assert!(outcome.ledger_entries.is_empty() && outcome.schedule_ledger_update);
    let signal = outcome.signal.unwrap();
    assert_eq!((signal.account_id.as_str(), signal.principal, signal.last_transfer_number), ("other", 1001, 888));
    assert_eq!(outcome.data.ledger.pending_transfer_ts, Some(days_ago(1)));
}

#[test]
fn a_deletion_that_was_safe_is_told_to_be_unsafe() {
    let mut data = known_account();
    data.config.config_flags = SCHEDULED_FOR_DELETION;
    let update = AccountUpdate { config_flags: SCHEDULED_FOR_DELETION, ..next_update() };
    let still_there = updated(data.clone(), &update);
    assert!(still_there.log_entries.is_empty() && !still_there.data.is_deletion_safe());

    data.server.has_server_account = false;
    assert!(data.is_deletion_safe());
    let back = updated(data, &update);
    assert_eq!(types(&back.log_entries), ["AccountInfo"]);
    assert!(!back.data.is_deletion_safe());
}
