//! What clients see, object by object.

use chrono::{NaiveDate, TimeDelta};
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    account::{Appearance, Config, Data, Display, Exchange, Info, Knowledge, Peg, Policy, Server},
    creditor::{AccountsHead, StatusFlags},
    interest::Basis,
    ledger::{Entry, Head},
    log_entry, pin,
    transfer::RunningTransfer,
};
use persistence::{account_knowledge::Notes, committed_transfer};
use serde::Serialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::*;

const CREDITOR: CreditorId = CreditorId::new(4);
const KEY: AccountKey = AccountKey::new(CREDITOR, DebtorId::new(-1));
const A: &str = "/creditors/4/accounts/18446744073709551615";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2024-01-02T03:04:05.678Z")
}

/// The instant `now`, as it is shown.
const NOW: &str = "2024-01-02T03:04:05.678000+00:00";

fn shown(object: &impl Serialize) -> Value {
    serde_json::to_value(object).unwrap()
}

fn text(object: &impl Serialize) -> String {
    serde_json::to_string(object).unwrap()
}

fn reference(uri: &str) -> Value {
    json!({"uri": uri})
}

fn part(name: &str) -> Value {
    json!({"type": format!("Account{}{}", name[..1].to_uppercase(), &name[1..]), "uri": format!("{A}/{name}"),
           "account": {"uri": format!("{A}/")}, "latestUpdateId": 7, "latestUpdateAt": NOW})
}

/// The object, and these members.
fn with(mut object: Value, members: Value) -> Value {
    let Value::Object(members) = members else { panic!("{members}") };
    object.as_object_mut().unwrap().extend(members);
    object
}

fn data() -> Data {
    Data {
        key: KEY,
        server: Server {
            has_server_account: false,
            creation_date: NaiveDate::from_ymd_opt(2020, 1, 1).unwrap(),
            last_change_ts: now(),
            last_change_seqnum: 1,
            principal: 1000,
            interest: 11.5,
            last_transfer_number: 3,
            last_transfer_committed_at: now(),
            last_heartbeat_ts: now(),
        },
        config: Config {
            last_config_ts: now(),
            last_config_seqnum: 1,
            negligible_amount: 1.1,
            config_flags: 1,
            config_data: String::new(),
            is_config_effectual: true,
            allow_unsafe_deletion: false,
            config_error: None,
            latest_update_id: 7,
            latest_update_ts: now(),
        },
        info: Info {
            interest_rate: -5.0,
            last_interest_rate_change_ts: domain::time::EPOCH,
            transfer_note_max_bytes: 500,
            account_id: String::new(),
            debtor_info_iri: None,
            debtor_info_content_type: None,
            debtor_info_sha256: None,
            latest_update_id: 7,
            latest_update_ts: now(),
        },
        ledger: Head {
            principal: i64::MAX,
            last_entry_id: 99,
            last_transfer_number: 3,
            pending_transfer_ts: None,
            latest_update_id: 7,
            latest_update_ts: now(),
        },
    }
}

#[test]
fn reservations() {
    let reservation = |id| creditor::CreditorReservation::new(CreditorId::new(-1), id, now(), TimeDelta::days(14));
    let expected = json!({
        "type": "CreditorReservation", "createdAt": NOW, "creditorId": "18446744073709551615", "reservationId": "12",
        "validUntil": "2024-01-16T03:04:05.678000+00:00",
    });
    assert_eq!(shown(&reservation(Some(12))), expected);
    assert_eq!(shown(&reservation(None))["reservationId"], "0");
}

#[test]
fn creditors() {
    let expected = json!({
        "type": "CreditorsList", "uri": "/creditors/.list", "itemsType": "ObjectReference",
        "first": "/creditors/9223372036854775808/enumerate",
    });
    assert_eq!(shown(&creditor::CreditorsList::new()), expected);
    let expected = json!({
        "type": "Creditor", "uri": "/creditors/4/", "wallet": {"uri": "/creditors/4/wallet"}, "createdAt": NOW,
        "latestUpdateId": 1, "latestUpdateAt": NOW,
    });
    let row = persistence::creditor::Creditor {
        creditor_id: CREDITOR,
        status: StatusFlags::from_bits(1),
        created_at: now(),
        reservation_id: Some(12),
        last_log_entry_id: 7,
        latest_update_id: 1,
        latest_update_ts: now(),
        accounts: AccountsHead { list_update_id: 2, list_update_ts: now(), largest_historic_ledger_entry_id: 0 },
        transfers_list_latest_update_id: 3,
        transfers_list_latest_update_ts: now(),
    };
    assert_eq!(shown(&creditor::Creditor::new(&row)), expected);
}

#[test]
fn wallets() {
    let expected = json!({
        "type": "Wallet", "uri": "/creditors/4/wallet", "creditor": {"uri": "/creditors/4/"},
        "accountsList": {"uri": "/creditors/4/accounts-list"}, "transfersList": {"uri": "/creditors/4/transfers-list"},
        "createAccount": {"uri": "/creditors/4/accounts/"}, "createTransfer": {"uri": "/creditors/4/transfers/"},
        "accountLookup": {"uri": "/creditors/4/account-lookup"}, "debtorLookup": {"uri": "/creditors/4/debtor-lookup"},
        "pinInfo": {"uri": "/creditors/4/pin"}, "logLatestEntryId": 12, "logRetentionDays": 31, "requirePin": true,
        "log": {
            "type": "PaginatedStream", "itemsType": "LogEntry", "first": "/creditors/4/log",
            "forthcoming": "/creditors/4/log?prev=12",
        },
    });
    assert_eq!(shown(&wallet::Wallet::new(CREDITOR, 12, TimeDelta::hours(31 * 24 + 23), true)), expected);
    let list = |name: &str, path: &str| {
        json!({
            "type": name, "uri": format!("/creditors/4/{path}-list"), "wallet": {"uri": "/creditors/4/wallet"},
            "itemsType": "ObjectReference", "first": format!("/creditors/4/{path}/"), "latestUpdateId": 2, "latestUpdateAt": NOW,
        })
    };
    assert_eq!(shown(&wallet::AccountsList::new(CREDITOR, 2, now())), list("AccountsList", "accounts"));
    assert_eq!(shown(&wallet::TransfersList::new(CREDITOR, 2, now())), list("TransfersList", "transfers"));
}

#[test]
fn pins() {
    for (status, word) in [(pin::Status::Off, "off"), (pin::Status::On, "on"), (pin::Status::Blocked, "blocked")] {
        let info = pin::PinInfo { status, ..pin::PinInfo::new(now()) };
        let expected = json!({
            "type": "PinInfo", "uri": "/creditors/4/pin", "status": word, "wallet": {"uri": "/creditors/4/wallet"},
            "latestUpdateId": 1, "latestUpdateAt": NOW,
        });
        assert_eq!(shown(&wallet::PinInfo::new(CREDITOR, &info)), expected);
    }
}

#[test]
fn configurations() {
    let config = config::AccountConfig::new(KEY, data().config);
    let members = json!({"scheduledForDeletion": true, "allowUnsafeDeletion": false, "configData": "", "negligibleAmount": 1.1_f32});
    assert_eq!(shown(&config), with(part("config"), members));
    // As short as a four-byte float can be told, and never like an integer.
    assert!(text(&config).contains(r#""negligibleAmount":1.1,"#), "{}", text(&config));
    for (amount, expected) in
        [(0.0, "0.0"), (100.0, "100.0"), (1e30, "1e30"), (1e-7, "1e-7"), (16_777_216.0, "16777216.0")]
    {
        let config = config::AccountConfig::new(KEY, Config { negligible_amount: amount, ..data().config });
        let text = text(&config).replace("e+", "e");
        assert!(text.contains(&format!(r#""negligibleAmount":{expected},"#)), "{text}");
    }
}

#[test]
fn displays() {
    let display = |appearance| {
        display::AccountDisplay::new(KEY, Display { appearance, latest_update_id: 7, latest_update_ts: now() })
    };
    let expected = with(part("display"), json!({"amountDivisor": 1.0, "decimalPlaces": 0, "knownDebtor": false}));
    assert_eq!(shown(&display(Appearance::default())), expected);
    assert!(text(&display(Appearance::default())).contains(r#""amountDivisor":1.0,"#));
    let appearance = Appearance {
        debtor_name: Some("United States of America".to_owned()),
        amount_divisor: 0.1,
        decimal_places: -2,
        unit: Some("$".to_owned()),
        known_debtor: true,
    };
    let members = json!({
        "amountDivisor": 0.1, "decimalPlaces": -2, "debtorName": "United States of America", "unit": "$", "knownDebtor": true,
    });
    assert_eq!(shown(&display(appearance)), with(part("display"), members));
}

#[test]
fn exchanges() {
    let exchange =
        |policy| exchange::AccountExchange::new(KEY, Exchange { policy, latest_update_id: 7, latest_update_ts: now() });
    let limits = json!({"minPrincipal": i64::MIN, "maxPrincipal": i64::MAX});
    assert_eq!(shown(&exchange(Policy::default())), with(part("exchange"), limits));
    let policy = Policy {
        name: Some("off".to_owned()),
        min_principal: -1,
        max_principal: 1,
        peg: Some(Peg { exchange_rate: 0.0, debtor_id: DebtorId::new(11) }),
    };
    let members = json!({
        "policy": "off", "minPrincipal": -1, "maxPrincipal": 1,
        "peg": {"type": "CurrencyPeg", "exchangeRate": 0.0, "account": {"uri": "/creditors/4/accounts/11/"}},
    });
    assert_eq!(shown(&exchange(policy)), with(part("exchange"), members));
}

#[test]
fn infos() {
    let info = |data: &Data| shown(&info::AccountInfo::new(KEY, &data.server, &data.config, data.info.clone()));
    let members = json!({
        "safeToDelete": true, "interestRate": -5.0, "interestRateChangedAt": "1970-01-01T00:00:00+00:00", "noteMaxBytes": 500,
    });
    assert_eq!(info(&data()), with(part("info"), members));
    let mut full = data();
    full.server.has_server_account = true;
    full.config.config_error = Some("CONFIGURATION_IS_NOT_EFFECTUAL".to_owned());
    full.info.interest_rate = 1.1;
    full.info.account_id = "x y".to_owned();
    full.info.debtor_info_iri = Some("https://example.com/ж".to_owned());
    full.info.debtor_info_content_type = Some("text/html".to_owned());
    full.info.debtor_info_sha256 = Some(vec![0xab; 32]);
    let members = json!({
        "safeToDelete": false, "interestRate": 1.1_f32, "interestRateChangedAt": "1970-01-01T00:00:00+00:00",
        "noteMaxBytes": 500, "configError": "CONFIGURATION_IS_NOT_EFFECTUAL",
        "identity": {"type": "AccountIdentity", "uri": "swpt:18446744073709551615/!eCB5"},
        "debtorInfo": {
            "type": "DebtorInfo", "iri": "https://example.com/ж", "contentType": "text/html", "sha256": "AB".repeat(32),
        },
    });
    assert_eq!(info(&full), with(part("info"), members));
    full.info.debtor_info_content_type = None;
    full.info.debtor_info_sha256 = None;
    assert_eq!(info(&full)["debtorInfo"], json!({"type": "DebtorInfo", "iri": "https://example.com/ж"}));
}

fn stored_notes(data: &str) -> Notes {
    Notes { data: data.to_owned(), knowledge: Knowledge { latest_update_id: 7, latest_update_ts: now() } }
}

fn notes(stored: &str) -> knowledge::AccountKnowledge {
    knowledge::AccountKnowledge::new(KEY, &stored_notes(stored)).unwrap()
}

#[test]
fn knowledge_is_shown_as_it_is_stored() {
    assert_eq!(shown(&notes("{}")), part("knowledge"));
    let stored = r#"{"type":"x","uri":"x","account":1,"latestUpdateId":0,"latestUpdateAt":null,"a\u0062":[1,1.0,1E400,null,"\u0000"],"big":123456789012345678901234567890}"#;
    // What pretends to be ours is replaced, and all else is left alone.
    let ours = text(&notes("{}"));
    let theirs = r#""ab":[1,1.0,1E400,null,"\u0000"],"big":123456789012345678901234567890"#;
    assert_eq!(text(&notes(stored)), format!("{},{theirs}}}", ours.trim_end_matches('}')));
    assert!(knowledge::AccountKnowledge::new(KEY, &stored_notes("[]")).is_err());
}

#[test]
fn ledgers() {
    let basis = Basis { principal: 1000, interest: 11.5, interest_rate: 0.0, last_change_ts: now() };
    let expected = with(
        part("ledger"),
        json!({
            "principal": i64::MAX, "interest": 11, "nextEntryId": 100,
            "entries": {"type": "PaginatedList", "itemsType": "LedgerEntry", "first": format!("{A}/entries?prev=100")},
        }),
    );
    assert_eq!(shown(&ledger::AccountLedger::new(KEY, &data().ledger, basis, now())), expected);
}

fn ledger_entry(entry_id: i64, transfer: Option<(NaiveDate, i64)>) -> ledger::LedgerEntry {
    ledger::LedgerEntry::new(KEY, &Entry { entry_id, transfer, acquired_amount: -5, principal: 3, added_at: now() })
}

#[test]
fn ledger_entries() {
    let expected = json!({
        "type": "LedgerEntry", "ledger": {"uri": format!("{A}/ledger")}, "entryId": 9, "addedAt": NOW, "acquiredAmount": -5,
        "principal": 3,
    });
    assert_eq!(shown(&ledger_entry(9, None)), expected);
    let transfer = Some((NaiveDate::from_ymd_opt(2020, 7, 1).unwrap(), 999));
    let uri = json!({"transfer": {"uri": format!("{A}/transfers/18444-999")}});
    assert_eq!(shown(&ledger_entry(9, transfer)), with(expected, uri));
}

#[test]
fn ledger_pages() {
    let page = |ids: &[i64]| {
        let items = ids.iter().map(|id| ledger_entry(*id, None)).collect();
        shown(&ledger::LedgerEntriesPage::new("/x?prev=9&stop=1".to_owned(), items, 2, 1))
    };
    let empty = json!({"type": "LedgerEntriesPage", "uri": "/x?prev=9&stop=1", "items": []});
    assert_eq!(page(&[]), empty);
    assert_eq!(page(&[8]).get("next"), None);
    assert_eq!(page(&[8, 7])["next"], "?prev=7&stop=1");
}

#[test]
fn accounts() {
    let row = persistence::account::Account {
        created_at: now(),
        latest_update_id: 3,
        latest_update_ts: now(),
        data: data(),
        display: Display { appearance: Appearance::default(), latest_update_id: 7, latest_update_ts: now() },
        exchange: Exchange { policy: Policy::default(), latest_update_id: 7, latest_update_ts: now() },
        notes: stored_notes("{}"),
    };
    let mut value = shown(&account::Account::new(row, now()).unwrap());
    for name in ["config", "display", "exchange", "info", "knowledge", "ledger"] {
        let object = value.as_object_mut().unwrap().remove(name).unwrap();
        assert_eq!(object["uri"], format!("{A}/{name}"));
    }
    let expected = json!({
        "type": "Account", "uri": format!("{A}/"), "accountsList": {"uri": "/creditors/4/accounts-list"},
        "debtor": {"type": "DebtorIdentity", "uri": "swpt:18446744073709551615"}, "createdAt": NOW, "latestUpdateId": 3,
        "latestUpdateAt": NOW,
    });
    assert_eq!(value, expected);
    assert_eq!(shown(&account::item(KEY.debtor_id)), reference("18446744073709551615/"));
}

fn running() -> RunningTransfer {
    RunningTransfer {
        account: KEY,
        transfer_uuid: Uuid::from_u128(1),
        amount: 1000,
        recipient_uri: "swpt:018446744073709551615/x".to_owned(),
        recipient: "x".to_owned(),
        transfer_note_format: "json".to_owned(),
        transfer_note: "{}".to_owned(),
        initiated_at: now(),
        finalized_at: None,
        error_code: None,
        total_locked_amount: None,
        deadline: None,
        locked_amount: 0,
        coordinator_request_id: 1,
        transfer_id: None,
        latest_update_id: 1,
        latest_update_ts: now(),
        final_interest_rate_ts: domain::transfer::default_final_interest_rate_ts(),
    }
}

fn transfer_after(row: RunningTransfer, seconds: i64) -> Value {
    shown(&transfer::Transfer::new(row, TimeDelta::seconds(10), now() + TimeDelta::seconds(seconds)))
}

#[test]
fn running_transfers() {
    let expected = json!({
        "type": "Transfer", "uri": "/creditors/4/transfers/00000000-0000-0000-0000-000000000001",
        "transfersList": {"uri": "/creditors/4/transfers-list"}, "transferUuid": "00000000-0000-0000-0000-000000000001",
        "recipient": {"type": "AccountIdentity", "uri": "swpt:018446744073709551615/x"}, "amount": 1000, "noteFormat": "json",
        "note": "{}", "initiatedAt": NOW, "checkupAt": "2024-01-02T03:04:15.678000+00:00", "latestUpdateId": 1,
        "latestUpdateAt": NOW, "options": {
            "type": "TransferOptions", "finalInterestRateTimestamp": "9999-12-31T23:59:59+00:00", "lockedAmount": 0,
        },
    });
    assert_eq!(transfer_after(running(), 0), expected);
    // The longer it has lasted, the longer the next look may wait.
    assert_eq!(transfer_after(running(), 60)["checkupAt"], "2024-01-02T03:06:05.678000+00:00");
    let deadline = transfer_after(RunningTransfer { deadline: Some(now()), ..running() }, 0);
    assert_eq!(deadline["options"]["deadline"], NOW);
    assert_eq!(shown(&transfer::item(Uuid::from_u128(1))), reference("00000000-0000-0000-0000-000000000001"));
}

#[test]
fn finalized_transfers() {
    let finalized = |error_code: Option<&str>, total_locked_amount| {
        let error_code = error_code.map(str::to_owned);
        let row = RunningTransfer { finalized_at: Some(now()), error_code, total_locked_amount, ..running() };
        let value = transfer_after(row, 0);
        assert_eq!(value.get("checkupAt"), None);
        value["result"].clone()
    };
    let result = |committed: i64| json!({"type": "TransferResult", "finalizedAt": NOW, "committedAmount": committed});
    let error = |members: Value| json!({"error": with(json!({"type": "TransferError"}), members)});
    assert_eq!(finalized(None, None), result(1000));
    let other = error(json!({"errorCode": "TIMEOUT"}));
    assert_eq!(finalized(Some("TIMEOUT"), Some(5)), with(result(0), other));
    for (stored, told) in [(Some(5), 5), (None, 0)] {
        let insufficient = error(json!({"errorCode": "INSUFFICIENT_AVAILABLE_AMOUNT", "totalLockedAmount": told}));
        assert_eq!(finalized(Some("INSUFFICIENT_AVAILABLE_AMOUNT"), stored), with(result(0), insufficient));
    }
}

#[test]
fn committed_transfers() {
    let creation_date = NaiveDate::from_ymd_opt(2020, 7, 1).unwrap();
    let committed = |coordinator: &str, sender: &str| {
        let row = committed_transfer::CommittedTransfer {
            key: committed_transfer::Key { account: KEY, creation_date, transfer_number: 999 },
            coordinator_type: coordinator.to_owned(),
            sender: sender.to_owned(),
            recipient: "1".to_owned(),
            acquired_amount: -1000,
            note_format: String::new(),
            note: "ж".to_owned(),
            committed_at: now(),
        };
        shown(&transfer::CommittedTransfer::new(row))
    };
    let identity = |id: &str| json!({"type": "AccountIdentity", "uri": format!("swpt:18446744073709551615/{id}")});
    let expected = json!({
        "type": "CommittedTransfer", "uri": format!("{A}/transfers/18444-999"), "account": {"uri": format!("{A}/")},
        "rationale": "interest", "sender": identity("!"), "recipient": identity("1"), "acquiredAmount": -1000,
        "noteFormat": "", "note": "ж", "committedAt": NOW,
    });
    assert_eq!(committed("interest", ""), expected);
    let direct = committed("direct", "x y");
    assert_eq!((direct.get("rationale"), &direct["sender"]), (None, &identity("!eCB5")));
}

fn entry() -> log_entry::LogEntry {
    log_entry::LogEntry {
        creditor_id: CREDITOR,
        added_at: now(),
        object_type: None,
        object_uri: None,
        object_update_id: None,
        is_deleted: None,
        object_type_hint: None,
        debtor_id: Some(-1),
        creation_date: NaiveDate::from_ymd_opt(2020, 7, 1),
        transfer_number: Some(999),
        transfer_uuid: Some(Uuid::from_u128(1)),
        data_principal: None,
        data_next_entry_id: None,
        data_finalized_at: None,
        data_error_code: None,
    }
}

fn logged(entry: &log_entry::LogEntry, data: Option<&str>) -> Value {
    shown(&log::LogEntry::new(3, entry, data))
}

#[test]
fn log_entries_name_their_objects() {
    let typed =
        log_entry::LogEntry { object_type: Some("Foo".to_owned()), object_uri: Some("/foo".to_owned()), ..entry() };
    let hinted = |hint| log_entry::LogEntry { object_type_hint: Some(hint), ..entry() };
    let cases = [
        (typed, "Foo", "/foo".to_owned()),
        (hinted(1), "Transfer", "/creditors/4/transfers/00000000-0000-0000-0000-000000000001".to_owned()),
        (hinted(2), "TransfersList", "/creditors/4/transfers-list".to_owned()),
        (hinted(3), "CommittedTransfer", format!("{A}/transfers/18444-999")),
        (hinted(4), "AccountLedger", format!("{A}/ledger")),
        (hinted(5), "object", String::new()),
        (entry(), "object", String::new()),
    ];
    for (entry, object_type, uri) in cases {
        let expected = json!({
            "type": "LogEntry", "entryId": 3, "addedAt": NOW, "objectType": object_type, "object": {"uri": uri}, "deleted": false,
        });
        assert_eq!(logged(&entry, None), expected);
        let updated = log_entry::LogEntry { object_update_id: Some(9), ..entry };
        assert_eq!(logged(&updated, None), with(expected, json!({"objectUpdateId": 9})));
    }
}

#[test]
fn log_entries_tell_data() {
    let ledger = log_entry::LogEntry {
        object_type_hint: Some(4),
        data_principal: Some(i64::MAX),
        data_next_entry_id: Some(8),
        ..entry()
    };
    let data = json!({"principal": i64::MAX, "nextEntryId": 8, "firstPage": format!("{A}/entries?prev=8")});
    assert_eq!(logged(&ledger, None)["data"], data);
    for stored in ["null", "[1]", "1", "\"x\"", "not JSON"] {
        assert_eq!(logged(&ledger, Some(stored))["data"], data, "{stored}");
    }
    assert_eq!(logged(&ledger, Some(r#" {"a":null}"#))["data"], json!({"a": null}));
    let transfer = log_entry::LogEntry {
        object_type_hint: Some(1),
        data_finalized_at: Some(domain::time::EPOCH),
        data_error_code: Some("TIMEOUT".to_owned()),
        ..entry()
    };
    let data = json!({"finalizedAt": "1970-01-01T00:00:00+00:00", "errorCode": "TIMEOUT"});
    assert_eq!(logged(&transfer, None)["data"], data);
    let deleted = logged(&log_entry::LogEntry { is_deleted: Some(true), ..ledger }, Some("{}"));
    assert_eq!((&deleted["deleted"], deleted.get("data")), (&json!(true), None));
}

#[test]
fn log_pages() {
    let page = |ids: &[i64]| {
        let items = ids.iter().map(|id| log::LogEntry::new(*id, &entry(), None)).collect();
        shown(&log::LogEntriesPage::new("/x?".to_owned(), items, 2, 50))
    };
    assert_eq!(page(&[]), json!({"type": "LogEntriesPage", "uri": "/x?", "items": [], "forthcoming": "?prev=50"}));
    assert_eq!((page(&[1])["forthcoming"].clone(), page(&[1]).get("next").cloned()), (json!("?prev=50"), None));
    assert_eq!((page(&[1, 2])["next"].clone(), page(&[1, 2]).get("forthcoming").cloned()), (json!("?prev=2"), None));
}

#[test]
fn pages() {
    let page = |next| page::ObjectReferencesPage::new("/x?".to_owned(), vec![page::ObjectReference::to("1/")], next);
    let expected = json!({"type": "ObjectReferencesPage", "uri": "/x?", "items": [{"uri": "1/"}]});
    assert_eq!(shown(&page(None)), expected);
    assert_eq!(shown(&page(Some("?prev=1".to_owned()))), with(expected, json!({"next": "?prev=1"})));
    let request = |uri: &str| page::request_uri(&actix_web::test::TestRequest::with_uri(uri).to_http_request());
    assert_eq!(request("/creditors/4/accounts/"), "/creditors/4/accounts/?");
    assert_eq!(request("/creditors/4/accounts/?"), "/creditors/4/accounts/?");
    assert_eq!(request("/creditors/%34/accounts/?prev=%31&x"), "/creditors/%34/accounts/?prev=%31&x");
}
