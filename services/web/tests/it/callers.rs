//! Who may do what (webapi §2).

use crate::app::{JSON, Web};

const OWN: &str = "/creditors/4294967296/account-lookup";
const INVALID: &str = "/creditors/1/account-lookup";
const ACCOUNT: &[u8] = br#"{"uri":"swpt:1/a"}"#;

async fn status(web: &Web, method: &str, path: &str, user: Option<&str>) -> u16 {
    let mut headers = vec![JSON];
    headers.extend(user.map(|id| ("X-Swpt-User-Id", id)));
    let body = if method == "POST" { ACCOUNT } else { &[] };
    web.send_body(method, path, &headers, body).await.status
}

#[actix_web::test]
async fn matrix() {
    let web = Web::start(&[]);
    // .list, lookup, lookup of an invalid creditor, OPTIONS of the lookup, .wallet, health, documentation
    let cases = [
        (None, [200, 200, 404, 200, 204, 200, 200]),
        (Some("creditors-superuser"), [200, 200, 404, 200, 204, 200, 200]),
        (Some("creditors-supervisor"), [200, 403, 404, 200, 204, 200, 200]),
        (Some("creditors:4294967296"), [403, 200, 404, 200, 303, 200, 200]),
        (Some("creditors:04294967296"), [403, 200, 404, 200, 303, 200, 200]),
        (Some("creditors:4294967297"), [403, 403, 404, 403, 303, 200, 200]),
        (Some("creditors:1"), [403, 403, 404, 403, 303, 200, 200]),
        (Some("nobody"), [403, 403, 403, 403, 403, 200, 200]),
        (Some("creditors:18446744073709551616"), [403, 403, 403, 403, 403, 200, 200]),
        (Some(""), [403, 403, 403, 403, 403, 200, 200]),
    ];
    for (user, expected) in cases {
        let mut actual = Vec::new();
        for (method, path) in [
            ("GET", "/creditors/.list"),
            ("POST", OWN),
            ("POST", INVALID),
            ("OPTIONS", OWN),
            ("GET", "/creditors/.wallet"),
            ("GET", "/creditors/health/check/public"),
            ("GET", "/creditors/.docs/openapi.json"),
        ] {
            actual.push(status(&web, method, path, user).await);
        }
        assert_eq!(actual, expected, "{user:?}");
    }
    assert_eq!(status(&web, "OPTIONS", "/creditors/.list", Some("creditors:4294967296")).await, 403);
}

#[actix_web::test]
async fn permissions_come_before_bodies() {
    let web = Web::start(&[]);
    let too_long = b" ".repeat(20481);
    let cases = [
        (OWN, "creditors-superuser", 400, 413),
        (OWN, "creditors:4294967297", 403, 403),
        (OWN, "creditors-supervisor", 403, 403),
        (INVALID, "creditors-superuser", 404, 404),
    ];
    for (path, user, to_nonsense, to_too_much) in cases {
        for (body, expected) in [(b"{".as_slice(), to_nonsense), (&too_long, to_too_much)] {
            let answer = web.send_body("POST", path, &[JSON, ("X-Swpt-User-Id", user)], body).await;
            assert_eq!(answer.status, expected, "{path} {user}");
        }
    }
}

#[actix_web::test]
async fn the_entry_point_leads_creditors_to_their_wallets() {
    let web = Web::start(&[]);
    let headers =
        [("X-Swpt-User-Id", "creditors:18446744073709551615"), ("Host", "a:8080"), ("X-Forwarded-Proto", "https")];
    let answer = web.send("GET", "/creditors/.wallet", &headers).await;
    let location = Some("https://a:8080/creditors/18446744073709551615/wallet");
    assert_eq!((answer.status, answer.header("location")), (303, location));
    let answer = web.send("GET", "/creditors/.wallet", &[]).await;
    assert_eq!(
        (answer.status, answer.header("content-type"), answer.body.as_str()),
        (204, Some("application/json"), "")
    );
}

#[actix_web::test]
async fn shards_know_their_creditors() {
    let statuses = async |routing_key| {
        let web = Web::start(&[("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", routing_key)]);
        let mut statuses = Vec::new();
        for id in ["4294967296", "4294967297"] {
            statuses.push(status(&web, "POST", &format!("/creditors/{id}/account-lookup"), None).await);
        }
        statuses.sort_unstable();
        statuses
    };
    let mut all = Vec::new();
    for routing_key in ["0.0.#", "0.1.#", "1.0.#", "1.1.#"] {
        all.extend(statuses(routing_key).await);
    }
    // Every creditor belongs to exactly one of the four shards.
    assert_eq!(all.iter().filter(|status| **status == 200).count(), 2);
    assert_eq!(statuses("#").await, [200, 200]);
}

/// The request passes the gate.
const PASS: u16 = 0;

/// What becomes of each operation: with a creditor of this shard in the path, and with one that is not valid here. The callers
/// are: the superuser, the supervisor, the creditor in the path, another creditor of this shard, nobody.
const MATRIX: [(&str, [u16; 5], [u16; 5]); 38] = [
    ("reserveRandomCreditor", [PASS, PASS, 403, 403, 403], [PASS, PASS, 403, 403, 403]),
    ("getCreditorsList", [PASS, PASS, 403, 403, 403], [PASS, PASS, 403, 403, 403]),
    ("redirectToWallet", [PASS, PASS, PASS, PASS, 403], [PASS, PASS, PASS, PASS, 403]),
    ("checkHealth", [PASS, PASS, PASS, PASS, PASS], [PASS, PASS, PASS, PASS, PASS]),
    ("getCreditor", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("accountLookup", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccountsList", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccountsPage", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("createAccount", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("deleteAccount", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccount", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccountConfig", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("updateAccountConfig", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccountDisplay", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("updateAccountDisplay", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccountLedgerEntriesPage", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccountExchange", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("updateAccountExchange", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccountInfo", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccountKnowledge", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("updateAccountKnowledge", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getAccountLedger", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getCommittedTransfer", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("activateCreditor", [PASS, PASS, 403, 403, 403], [404, 404, 403, 403, 403]),
    ("deactivateCreditor", [PASS, 403, 403, 403, 403], [404, 404, 403, 403, 403]),
    ("debtorLookup", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getCreditorsPage", [PASS, PASS, 403, 403, 403], [PASS, PASS, 403, 403, 403]),
    ("getLogPage", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getPinInfo", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("updatePinInfo", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("reserveCreditor", [PASS, PASS, 403, 403, 403], [404, 404, 403, 403, 403]),
    ("getTransfersList", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getTransfersPage", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("createTransfer", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("deleteTransfer", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getTransfer", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("cancelTransfer", [PASS, 403, PASS, 403, 403], [404, 404, 404, 404, 403]),
    ("getWallet", [PASS, PASS, PASS, 403, 403], [404, 404, 404, 404, 403]),
];

#[actix_web::test]
async fn every_operation_for_every_caller() {
    // The hashes of the two ids begin with 00 and 01. There is no database, so that whatever passes fails then.
    let web = Web::start(&[("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "0.0.#")]);
    let (own, foreign, beyond) = ("4294967296", "4294967298", "1");
    let document = web.send("GET", "/creditors/.docs/openapi.json", &[]).await.json();
    let mut operations = Vec::new();
    for (path, item) in document["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(name, _)| *name != "parameters") {
            let id = operation["operationId"].as_str().unwrap();
            let body = &operation["requestBody"]["content"]["application/json"]["example"];
            operations.push((id, method.to_uppercase(), path, body));
        }
    }
    assert_eq!(operations.len(), MATRIX.len());
    let mut found = Vec::new();
    for (id, method, path, body) in operations {
        let (_, expected_own, expected_foreign) = MATRIX.iter().find(|(name, ..)| *name == id).unwrap();
        for (creditor_id, expected) in [(own, expected_own), (foreign, expected_foreign), (beyond, expected_foreign)] {
            let path = path
                .replace("{creditorId}", creditor_id)
                .replace("{debtorId}", "1001")
                .replace("{transferUuid}", "123e4567-e89b-12d3-a456-426655440000")
                .replace("{transferId}", "18444-1");
            let query = if id == "getAccountLedgerEntriesPage" { "?prev=1" } else { "" };
            let owner = format!("creditors:{creditor_id}");
            let callers = ["creditors-superuser", "creditors-supervisor", &owner, "creditors:4294967297", "nobody"];
            let mut actual = [PASS; 5];
            for (actual, caller) in actual.iter_mut().zip(callers) {
                let headers = [JSON, ("X-Swpt-User-Id", caller)];
                let body = if body.is_null() { String::new() } else { body.to_string() };
                let answer = web.send_body(&method, &format!("{path}{query}"), &headers, body.as_bytes()).await;
                *actual = if matches!(answer.status, 403 | 404) { answer.status } else { PASS };
            }
            if actual != *expected {
                found.push(format!("{id} {path}: {actual:?}, not {expected:?}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// The only routes for the unknown. This list may only become shorter.
const PUBLIC: [&str; 4] =
    ["/creditors/health/check/public", "/creditors/.docs/", "/creditors/.docs/openapi.json", "/creditors/.docs/{file}"];

#[actix_web::test]
async fn no_route_serves_the_unknown() {
    let web = Web::start(&[]);
    for (template, method) in creditors_web::routes::all().list().filter(|(template, _)| !PUBLIC.contains(template)) {
        let path = template
            .replace("{creditorId}", "4294967296")
            .replace("{debtorId}", "1")
            .replace("{transferUuid}", "123e4567-e89b-12d3-a456-426655440000")
            .replace("{transferId}", "18444-1");
        for method in [method.as_str(), "OPTIONS"] {
            assert_eq!(status(&web, method, &path, Some("nobody")).await, 403, "{method} {template}");
        }
    }
}
