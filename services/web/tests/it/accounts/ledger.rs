//! Ledgers and their entries.

use chrono::TimeDelta;
use serde_json::{Value, json};

use crate::world::World;

#[actix_web::test]
async fn interest_grows() {
    let world = World::new().await;
    world.open_account(1).await;
    world
        .sql(
            "UPDATE account_data SET principal = 1000, interest = 10.0, interest_rate = 12.5, ledger_principal = 7, \
                 ledger_last_entry_id = 41, last_change_ts = '2024-01-02T03:04:05.678901Z'",
        )
        .await;
    let ledger = world.read("accounts/1/ledger").await;
    assert_eq!(
        (&ledger["principal"], &ledger["interest"], &ledger["nextEntryId"]),
        (&json!(7), &json!(10), &json!(42))
    );
    assert_eq!(ledger["entries"]["first"], "/creditors/4294967296/accounts/1/entries?prev=42");
    world.wait(TimeDelta::seconds(31_557_600));
    let ledger = world.read("accounts/1/ledger").await;
    assert_eq!(ledger["interest"], json!(136));
    assert_eq!(world.read("accounts/1/").await["ledger"], ledger);
}

#[actix_web::test]
async fn entries() {
    let world = World::with(&[("APP_LEDGER_ENTRIES_PER_PAGE", "2")]).await;
    world.made_up();
    // The account does not exist anymore.
    world
        .sql(
            "INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, creation_date, transfer_number, acquired_amount, \
                 principal, added_at) \
             SELECT 4294967296, -1, id, CASE WHEN id > 1 THEN DATE '2020-07-01' END, CASE WHEN id > 1 THEN 998 + id END, \
                 10 * id, 100 * id, '2024-01-01T00:00:00Z' FROM generate_series(1, 4) AS id; \
             INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, acquired_amount, principal, added_at) \
             VALUES (4294967296, 1, 3, 0, 0, 'epoch'), (4294967297, -1, 3, 0, 0, 'epoch')",
        )
        .await;
    let base = "/creditors/4294967296/accounts/18446744073709551615/";
    let entry = |id: i64| {
        let mut entry = json!({
            "type": "LedgerEntry", "ledger": {"uri": format!("{base}ledger")}, "entryId": id,
            "addedAt": "2024-01-01T00:00:00+00:00", "acquiredAmount": 10 * id, "principal": 100 * id,
        });
        if id > 1 {
            entry["transfer"] = json!({"uri": format!("{base}transfers/18444-{}", 998 + id)});
        }
        entry
    };
    let cases: [(&str, &[i64], Option<&str>); 8] = [
        ("?prev=9223372036854775807", &[4, 3], Some("?prev=3&stop=0")),
        ("?prev=5&stop=2", &[4, 3], Some("?prev=3&stop=2")),
        ("?prev=3&stop=2", &[], None),
        ("?prev=3&stop=0", &[2, 1], Some("?prev=1&stop=0")),
        ("?prev=1", &[], None),
        ("?stop=1&prev=3&prev=5&other", &[2], None),
        ("?prev=0", &[], None),
        ("?prev=%202", &[1], None),
    ];
    for (query, ids, next) in cases {
        let items: Vec<_> = ids.iter().copied().map(entry).collect();
        let mut expected = json!({"type": "LedgerEntriesPage", "uri": format!("{base}entries{query}"), "items": items});
        if let Some(next) = next {
            expected["next"] = json!(next);
        }
        assert_eq!(world.read(&format!("accounts/18446744073709551615/entries{query}")).await, expected, "{query}");
    }
}

#[actix_web::test]
async fn unacceptable_queries() {
    let world = World::new().await;
    let range = "Must be greater than or equal to 0 and less than or equal to 9223372036854775807.";
    for (query, errors) in [
        ("", json!({"prev": ["Missing data for required field."]})),
        ("?Prev=1", json!({"prev": ["Missing data for required field."]})),
        ("?prev=-1&stop=9223372036854775808", json!({"prev": [range], "stop": [range]})),
        ("?prev=5.0&stop=", json!({"prev": ["Not a valid integer."], "stop": ["Not a valid integer."]})),
    ] {
        let answer = world.get(&format!("accounts/1/entries{query}")).await;
        let expected: Value = json!({"query": errors});
        assert_eq!((answer.status, &answer.json()["errors"]), (422, &expected), "{query}");
    }
}
