use chrono::TimeDelta;
use uuid::Uuid;

use super::*;
use crate::{
    AccountKey, DebtorId,
    ledger::Head,
    test_values::{C, date, now},
    uris::Slug,
};

const KEY: AccountKey = AccountKey::new(C, DebtorId::new(11));
const UUID: Uuid = Uuid::from_u128(0x1234_5678_1234_4234_8234_1234_5678_9abc);

fn head() -> Head {
    Head {
        principal: 1000,
        last_entry_id: 6,
        last_transfer_number: 3,
        pending_transfer_ts: None,
        latest_update_id: 9,
        latest_update_ts: now(),
    }
}

fn every_kind() -> Vec<(LogEntry, &'static str, &'static str)> {
    let slug = Slug { creation_date: date(2020, 7, 1), transfer_number: 999 };
    let mut kinds = vec![
        (LogEntry::accounts_list(C, 2, now()), "AccountsList", "accounts-list"),
        (LogEntry::transfers_list(C, 2, now()), "TransfersList", "transfers-list"),
        (LogEntry::pin_info(C, 2, now()), "PinInfo", "pin"),
        (LogEntry::transfer_deleted(C, UUID, now()), "Transfer", "transfers/12345678-1234-4234-8234-123456789abc"),
        (LogEntry::committed_transfer(KEY, slug, now()), "CommittedTransfer", "accounts/11/transfers/18444-999"),
        (LogEntry::account_ledger(KEY, &head()), "AccountLedger", "accounts/11/ledger"),
    ];
    let objects = [
        (AccountObject::Account, "Account", "accounts/11/"),
        (AccountObject::Config, "AccountConfig", "accounts/11/config"),
        (AccountObject::Info, "AccountInfo", "accounts/11/info"),
        (AccountObject::Ledger, "AccountLedger", "accounts/11/ledger"),
        (AccountObject::Display, "AccountDisplay", "accounts/11/display"),
        (AccountObject::Exchange, "AccountExchange", "accounts/11/exchange"),
        (AccountObject::Knowledge, "AccountKnowledge", "accounts/11/knowledge"),
    ];
    for (object, object_type, uri) in objects {
        kinds.push((LogEntry::account_object(object, KEY, 2, now()), object_type, uri));
        kinds.push((LogEntry::account_object_deleted(object, KEY, 2, now()), object_type, uri));
    }
    kinds
}

#[test]
fn every_entry_names_its_object() {
    for (entry, object_type, uri) in every_kind() {
        let object = entry.object().unwrap();
        assert_eq!(object.object_type, object_type);
        assert_eq!(object.uri, format!("/creditors/4294967296/{uri}"));
        assert_eq!((entry.creditor_id, entry.added_at), (C, now()));
    }
}

#[test]
fn frequent_entries_are_hinted_and_others_typed() {
    for (entry, object_type, _) in every_kind() {
        let is_hinted = entry.object_type.is_none();
        assert_eq!(is_hinted, entry.object_uri.is_none());
        assert_eq!(is_hinted, entry.object_type_hint.is_some());
        let hinted_types = ["Transfer", "TransfersList", "CommittedTransfer", "AccountLedger"];
        // A ledger's deletion is typed; its changes are hinted.
        if object_type != "AccountLedger" {
            assert_eq!(is_hinted, hinted_types.contains(&object_type), "{object_type}");
        }
    }
}

#[test]
fn damaged_rows_name_no_object() {
    let no_hint = LogEntry { object_type_hint: None, ..LogEntry::transfers_list(C, 1, now()) };
    let unknown_hint = LogEntry { object_type_hint: Some(5), ..no_hint.clone() };
    let no_debtor = LogEntry { debtor_id: None, ..LogEntry::account_ledger(KEY, &head()) };
    let no_uuid = LogEntry { transfer_uuid: None, ..LogEntry::transfer_deleted(C, UUID, now()) };
    for entry in [no_hint, unknown_hint, no_debtor, no_uuid] {
        assert_eq!(entry.object(), None, "{entry:?}");
    }
}

#[test]
fn hints_have_fixed_numbers() {
    let hints = [Hint::Transfer, Hint::TransfersList, Hint::CommittedTransfer, Hint::AccountLedger];
    for (hint, code) in hints.into_iter().zip(1..) {
        assert_eq!((hint.code(), Hint::from_code(code)), (code, Some(hint)));
    }
    assert_eq!((Hint::from_code(0), Hint::from_code(5)), (None, None));
}

#[test]
fn a_ledger_tells_where_to_go_on() {
    let entry = LogEntry::account_ledger(KEY, &head());
    assert_eq!((entry.object_update_id, entry.added_at), (Some(9), now()));
    let data = entry.data_fields().unwrap();
    assert_eq!((data.principal, data.next_entry_id), (Some(1000), Some(7)));
    assert_eq!(data.first_page.as_deref(), Some("/creditors/4294967296/accounts/11/entries?prev=7"));
    assert_eq!((data.finalized_at, data.error_code), (None, None));

    let typed =
        LogEntry { data_next_entry_id: Some(7), ..LogEntry::account_object(AccountObject::Ledger, KEY, 9, now()) };
    assert_eq!(typed.data_fields().unwrap().first_page, data.first_page, "rows of older versions");
}

#[test]
fn deletions_and_plain_changes_tell_no_data() {
    let plain = LogEntry::pin_info(C, 2, now());
    assert_eq!(plain.data_fields(), None);
    let deleted = LogEntry { is_deleted: Some(true), ..LogEntry::account_ledger(KEY, &head()) };
    assert_eq!(deleted.data_fields(), None);
}

#[test]
fn transfers_that_come_or_go_change_their_list() {
    let transfer = |update_id, is_deleted| LogEntry {
        object_update_id: update_id,
        is_deleted,
        ..LogEntry::transfer_deleted(C, UUID, now())
    };
    let typed = |object_type: &str, update_id, is_deleted| LogEntry {
        object_type: Some(object_type.to_owned()),
        object_uri: Some("/somewhere".to_owned()),
        object_type_hint: None,
        ..transfer(update_id, is_deleted)
    };
    let cases = [
        (transfer(Some(1), None), true),
        (transfer(Some(1), Some(false)), true),
        (transfer(None, None), true),
        (transfer(Some(2), None), false),
        (transfer(None, Some(true)), true),
        (transfer(Some(2), Some(true)), true),
        (typed("Transfer", Some(1), None), true),
        (typed("Transfer", Some(2), None), false),
        (typed("Transfer", None, Some(true)), true),
        (typed("Account", Some(1), None), false),
        (LogEntry { object_type_hint: Some(1), ..typed("Account", Some(1), None) }, false),
        (LogEntry::transfers_list(C, 1, now()), false),
        (LogEntry::account_object_deleted(AccountObject::Account, KEY, 1, now()), false),
    ];
    for (entry, expected) in cases {
        assert_eq!(entry.changes_transfers_list(), expected, "{entry:?}");
    }
}

#[test]
fn pending_entries_are_numbered_without_gaps() {
    let head =
        LogHead { last_log_entry_id: 7, transfers_list_latest_update_id: 3, transfers_list_latest_update_ts: now() };
    let later = now() + TimeDelta::seconds(1);
    let created =
        LogEntry { object_update_id: Some(1), is_deleted: None, ..LogEntry::transfer_deleted(C, UUID, now()) };
    let deleted = LogEntry::transfer_deleted(C, UUID, later);
    let pin = LogEntry::pin_info(C, 2, now());

    let (new_head, entries) = number(head, [created.clone(), pin.clone(), deleted.clone()]);
    let expected = [
        (8, created),
        (9, LogEntry::transfers_list(C, 4, now())),
        (10, pin),
        (11, deleted),
        (12, LogEntry::transfers_list(C, 5, later)),
    ];
    assert_eq!(entries, expected.map(|(entry_id, entry)| Numbered { entry_id, entry }));
    let expected_head =
        LogHead { last_log_entry_id: 12, transfers_list_latest_update_id: 5, transfers_list_latest_update_ts: later };
    assert_eq!(new_head, expected_head);
    assert_eq!(number(head, []), (head, vec![]));
}

#[test]
fn direct_entries_are_numbered_without_gaps() {
    let entries = [LogEntry::accounts_list(C, 2, now()), LogEntry::accounts_list(C, 3, now())];
    let (last, numbered) = append(5, entries);
    assert_eq!((last, numbered.iter().map(|n| n.entry_id).collect::<Vec<_>>()), (7, vec![6, 7]));
}
