//! What is shown of accounts.

use serde_json::{Value, json};

use super::bodies::{joined, shown, update_id};
use crate::world::{NOW, World};

#[actix_web::test]
async fn a_new_account() {
    let world = World::new().await;
    let account = world.open_account(1).await;
    let id = |part: &str| update_id(&account[part]);
    let expected = json!({
        "type": "Account", "uri": "/creditors/4294967296/accounts/1/",
        "accountsList": {"uri": "/creditors/4294967296/accounts-list"},
        "debtor": {"type": "DebtorIdentity", "uri": "swpt:1"}, "createdAt": NOW, "latestUpdateAt": NOW,
        "latestUpdateId": update_id(&account),
        "config": joined(shown("AccountConfig", "config", id("config")), json!({
            "scheduledForDeletion": false, "negligibleAmount": 1e30, "allowUnsafeDeletion": false, "configData": "",
        })),
        "display": joined(shown("AccountDisplay", "display", id("display")), json!({
            "amountDivisor": 1.0, "decimalPlaces": 0, "knownDebtor": false,
        })),
        "exchange": joined(shown("AccountExchange", "exchange", id("exchange")), json!({
            "minPrincipal": i64::MIN, "maxPrincipal": i64::MAX,
        })),
        "info": joined(shown("AccountInfo", "info", id("info")), json!({
            "safeToDelete": false, "interestRate": 0.0, "interestRateChangedAt": "1970-01-01T00:00:00+00:00", "noteMaxBytes": 0,
        })),
        "knowledge": shown("AccountKnowledge", "knowledge", id("knowledge")),
        "ledger": joined(shown("AccountLedger", "ledger", id("ledger")), json!({
            "principal": 0, "interest": 0, "nextEntryId": 2,
            "entries": {
                "type": "PaginatedList", "itemsType": "LedgerEntry",
                "first": "/creditors/4294967296/accounts/1/entries?prev=2",
            },
        })),
    });
    assert_eq!(account, expected);
    for part in ["config", "display", "exchange", "info", "knowledge", "ledger"] {
        assert_eq!(world.read(&format!("accounts/1/{part}")).await, account[part], "{part}");
    }
}

#[actix_web::test]
async fn an_account_that_does_not_exist() {
    let world = World::new().await;
    for part in ["", "config", "display", "exchange", "info", "knowledge", "ledger", "transfers/18444-999"] {
        let answer = world.get(&format!("accounts/1/{part}")).await;
        assert_eq!((answer.status, answer.json()), (404, json!({"code": 404, "status": "Not Found"})), "{part}");
    }
    let entries = world.read("accounts/1/entries?prev=9").await;
    assert_eq!(entries["items"], json!([]));
}

#[actix_web::test]
async fn information() {
    let world = World::new().await;
    let account = world.open_account(1).await;
    let id = update_id(&account["info"]);
    world
        .sql(
            "UPDATE account_data SET account_id = 'a/b', config_error = 'X', debtor_info_iri = 'https://example.com/ж', \
                 debtor_info_content_type = 'text/plain', debtor_info_sha256 = decode(repeat('ab', 32), 'hex'), \
                 interest_rate = -1.1, last_interest_rate_change_ts = '2020-01-01T02:00:00.5+02', \
                 transfer_note_max_bytes = 500, config_flags = -1, is_config_effectual = true",
        )
        .await;
    let expected = json!({
        "identity": {"type": "AccountIdentity", "uri": "swpt:1/!YS9i"}, "safeToDelete": true, "interestRate": -1.1,
        "interestRateChangedAt": "2020-01-01T00:00:00.500000+00:00", "noteMaxBytes": 500, "configError": "X",
        "debtorInfo": {
            "type": "DebtorInfo", "iri": "https://example.com/ж", "contentType": "text/plain", "sha256": "AB".repeat(32),
        },
    });
    let info = world.read("accounts/1/info").await;
    assert_eq!(info, joined(shown("AccountInfo", "info", id), expected));
    assert_eq!(world.read("accounts/1/").await["info"], info);
    // 4-byte floats are shown as they were meant.
    assert!(world.get("accounts/1/info").await.body.contains(r#""interestRate":-1.1,"#));
    for unsafe_state in ["has_server_account = true", "config_flags = -2", "is_config_effectual = false"] {
        world.sql(&format!("BEGIN; UPDATE account_data SET {unsafe_state}; COMMIT")).await;
        assert_eq!(world.read("accounts/1/info").await["safeToDelete"], json!(false), "{unsafe_state}");
        world
            .sql("UPDATE account_data SET has_server_account = false, config_flags = 1, is_config_effectual = true")
            .await;
    }
    world.sql("UPDATE account_data SET account_id = repeat('x', 101), debtor_info_iri = NULL").await;
    let info = world.read("accounts/1/info").await;
    assert_eq!((info.get("identity"), info.get("debtorInfo")), (None, None));
}

#[actix_web::test]
async fn committed_transfers() {
    let world = World::new().await;
    world
        .sql(
            "INSERT INTO committed_transfer (creditor_id, debtor_id, creation_date, transfer_number, acquired_amount, \
                 principal, committed_at, previous_transfer_number, coordinator_type, sender, recipient, \
                 transfer_note_format, transfer_note) \
             VALUES (4294967296, -1, '2020-07-01', 999, -1000, 5, '2020-07-02T00:00:00Z', 998, 'interest', '', '1', 'f', 'ж')",
        )
        .await;
    // The account does not exist.
    let path = "accounts/18446744073709551615/transfers/18444-999";
    let account = "/creditors/4294967296/accounts/18446744073709551615/";
    let identity = |id: &str| json!({"type": "AccountIdentity", "uri": format!("swpt:18446744073709551615/{id}")});
    let expected = json!({
        "type": "CommittedTransfer", "uri": format!("{account}transfers/18444-999"), "account": {"uri": account},
        "rationale": "interest", "sender": identity("!"), "recipient": identity("1"), "acquiredAmount": -1000,
        "noteFormat": "f", "note": "ж", "committedAt": "2020-07-02T00:00:00+00:00",
    });
    assert_eq!(world.read(path).await, expected);
    world.sql("UPDATE committed_transfer SET coordinator_type = 'direct'").await;
    assert_eq!(world.read(path).await.get("rationale"), None::<&Value>);
    for slug in ["18444-998", "18443-999", "18444", "-999", "18444-0", "x-999", "18444--999", "2932897-1"] {
        let path = format!("accounts/18446744073709551615/transfers/{slug}");
        assert_eq!(world.get(&path).await.status, 404, "{slug}");
    }
}
