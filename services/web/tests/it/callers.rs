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
    let cases = [
        (OWN, "creditors-superuser", 400),
        (OWN, "creditors:4294967297", 403),
        (OWN, "creditors-supervisor", 403),
        (INVALID, "creditors-superuser", 404),
    ];
    for (path, user, expected) in cases {
        let answer = web.send_body("POST", path, &[JSON, ("X-Swpt-User-Id", user)], b"{").await;
        assert_eq!(answer.status, expected, "{path} {user}");
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
    // The hash of creditor 4294967296 begins with the bits 1000…, that of 4294967297 with 0100….
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
