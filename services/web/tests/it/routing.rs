//! The rules of paths and methods (webapi §3), for all paths there are.

use std::collections::BTreeSet;

use actix_web::HttpResponse;
use creditors_web::{
    caller::Access::{Admin, Creditor, Known, Public},
    routing::{Resource, Routes, resource},
};

use crate::app::{Answer, Web};

async fn answer() -> HttpResponse {
    HttpResponse::Ok().insert_header(("Content-Type", "text/plain")).body("served")
}

/// The table of webapi §3.4, with handlers that only say that they were called.
fn table() -> Routes {
    let with = |template: &'static str, access, methods: &[&str]| {
        methods.iter().fold(resource(template, access), |resource: Resource, method| match *method {
            "GET" => resource.get(answer),
            "POST" => resource.post(answer),
            "PATCH" => resource.patch(answer),
            _ => resource.delete(answer),
        })
    };
    Routes::default()
        .with(with("/creditors/.creditor-reserve", Admin, &["POST"]))
        .with(with("/creditors/.list", Admin, &["GET"]))
        .with(with("/creditors/{creditorId}/enumerate", Admin, &["GET"]))
        .with(with("/creditors/{creditorId}/reserve", Admin, &["POST"]))
        .with(with("/creditors/{creditorId}/activate", Admin, &["POST"]))
        .with(with("/creditors/{creditorId}/deactivate", Admin, &["POST"]))
        .with(with("/creditors/.wallet", Known, &["GET"]))
        .with(with("/creditors/{creditorId}/", Creditor, &["GET"]))
        .with(with("/creditors/{creditorId}/wallet", Creditor, &["GET"]))
        .with(with("/creditors/{creditorId}/pin", Creditor, &["GET", "PATCH"]))
        .with(with("/creditors/{creditorId}/accounts/", Creditor, &["GET", "POST"]))
        .with(with("/creditors/{creditorId}/accounts/{debtorId}/", Creditor, &["GET", "DELETE"]))
        .with(with("/creditors/{creditorId}/accounts/{debtorId}/config", Creditor, &["GET", "PATCH"]))
        .with(with("/creditors/{creditorId}/accounts/{debtorId}/transfers/{transferId}", Creditor, &["GET"]))
        .with(with("/creditors/{creditorId}/transfers/", Creditor, &["GET", "POST"]))
        .with(with("/creditors/{creditorId}/transfers/{transferUuid}", Creditor, &["GET", "POST", "DELETE"]))
        .with(with("/creditors/health/check/public", Public, &["GET"]))
        .with(with("/creditors/.docs/", Public, &["GET"]))
        .with(with("/creditors/.docs/openapi.json", Public, &["GET"]))
}

const C: &str = "/creditors/4294967296";
const UUID: &str = "123e4567-e89b-12d3-a456-426655440000";

fn assert_error(answer: &Answer, status: u16, reason: &str, context: &str) {
    assert_eq!(answer.status, status, "{context}");
    assert_eq!(answer.json(), serde_json::json!({"code": status, "status": reason}), "{context}");
}

#[actix_web::test]
async fn unknown_paths() {
    let web = Web::with_routes(table);
    let paths = [
        "/",
        "/creditors",
        "/creditors/",
        "/creditors/00/",
        "/creditors/042/",
        "/creditors/-1/",
        "/creditors/+1/",
        "/creditors/abc/",
        "/creditors/1.0/",
        "/creditors/%D9%A1/",
        "/creditors/18446744073709551616/",
        "/creditors/100000000000000000000/",
        "/Creditors/.list",
        "/creditors/.LIST",
        "/creditors/.list/",
        "/creditors/.nope",
        "/creditors//.list",
        "/creditors/%FF/",
        "/creditors/4294967296/nope",
        "/creditors/4294967296/wallet/",
        "/creditors/4294967296//wallet",
        "/creditors/4294967296/accounts/01/",
        "/creditors/4294967296/accounts/x/config",
        "/creditors/4294967296/accounts/1/transfers/",
        "/creditors/4294967296/accounts/1/transfers/a/b",
        "/creditors/4294967296/transfers/x",
        "/creditors/4294967296/transfers/123e4567e89b12d3a456426655440000",
        "/creditors/4294967296/transfers/123e4567-e89b-12d3-a456-426655440000/",
    ];
    for path in paths {
        for method in ["GET", "POST", "OPTIONS", "FOO"] {
            let answer = web.send(method, path, &[]).await;
            assert_error(&answer, 404, "Not Found", &format!("{method} {path}"));
        }
    }
}

#[actix_web::test]
async fn known_paths() {
    let web = Web::with_routes(table);
    let paths = [
        C.to_owned() + "/",
        C.to_owned() + "/accounts/0/",
        C.to_owned() + "/accounts/18446744073709551615/config",
        C.to_owned() + "/accounts/1/transfers/anything,%20really!",
        C.to_owned() + "/transfers/" + UUID,
        C.to_owned() + "/transfers/" + &UUID.to_uppercase(),
        "/creditors/%34294967296/wallet".to_owned(),
        "/creditors/4294967296/%77allet".to_owned(),
        "/creditors/4294967296%2Fwallet?x=%zz".to_owned(),
        "/creditors/0/enumerate".to_owned(),
        "/creditors/18446744073709551615/enumerate".to_owned(),
    ];
    for path in paths {
        let answer = web.send("GET", &path, &[]).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "served"), "{path}");
    }
}

#[actix_web::test]
async fn missing_slashes() {
    let web = Web::with_routes(table);
    let cases = [
        ("GET", C.to_owned()),
        ("HEAD", C.to_owned()),
        ("OPTIONS", C.to_owned()),
        ("GET", C.to_owned() + "/accounts"),
        ("POST", C.to_owned() + "/accounts"),
        ("POST", C.to_owned() + "/transfers"),
        ("DELETE", C.to_owned() + "/accounts/1"),
        ("GET", "/creditors/.docs".to_owned()),
        // Neither the creditor nor the caller is looked at.
        ("GET", "/creditors/1".to_owned()),
        ("GET", "/creditors/%34".to_owned()),
    ];
    for (method, path) in cases {
        for user in ["creditors-superuser", "nobody"] {
            let answer = web.send(method, &path, &[("X-Swpt-User-Id", user)]).await;
            let location = format!("http://example.com{path}/");
            assert_eq!((answer.status, answer.header("location")), (308, Some(location.as_str())), "{method} {path}");
        }
    }
    let answer = web.send("GET", "/creditors/4/accounts?prev=%31&x=/?", &[("Host", "a:81")]).await;
    assert_eq!(answer.header("location"), Some("http://a:81/creditors/4/accounts/?prev=%31&x=/?"));
    for (method, path) in [("POST", "/creditors/4"), ("PUT", "/creditors/4/accounts"), ("FOO", "/creditors/.docs")] {
        assert_error(&web.send(method, path, &[]).await, 404, "Not Found", path);
    }
}

#[actix_web::test]
async fn wrong_methods() {
    let web = Web::with_routes(table);
    let cases = [
        ("PUT", C.to_owned() + "/accounts/"),
        ("DELETE", C.to_owned() + "/wallet"),
        ("GET", C.to_owned() + "/activate"),
        ("HEAD", C.to_owned() + "/activate"),
        ("PATCH", C.to_owned() + "/transfers/" + UUID),
        ("TRACE", C.to_owned() + "/wallet"),
        ("FOO", C.to_owned() + "/wallet"),
        ("GET", "/creditors/.creditor-reserve".to_owned()),
        ("POST", "/creditors/health/check/public".to_owned()),
    ];
    for (method, path) in cases {
        for user in ["creditors-superuser", "creditors:4294967297", "nobody"] {
            let answer = web.send(method, &path, &[("X-Swpt-User-Id", user)]).await;
            assert_eq!(answer.status, 405, "{method} {path}");
            if method != "HEAD" {
                assert_error(&answer, 405, "Method Not Allowed", &path);
            }
        }
    }
}

#[actix_web::test]
async fn options() {
    let web = Web::with_routes(table);
    let cases = [
        (C.to_owned() + "/wallet", "GET, HEAD, OPTIONS"),
        (C.to_owned() + "/pin", "GET, HEAD, OPTIONS, PATCH"),
        (C.to_owned() + "/accounts/", "GET, HEAD, OPTIONS, POST"),
        (C.to_owned() + "/accounts/1/", "DELETE, GET, HEAD, OPTIONS"),
        (C.to_owned() + "/activate", "OPTIONS, POST"),
        (C.to_owned() + "/transfers/" + UUID, "DELETE, GET, HEAD, OPTIONS, POST"),
        ("/creditors/health/check/public".to_owned(), "GET, HEAD, OPTIONS"),
    ];
    for (path, expected) in cases {
        let answer = web.send("OPTIONS", &path, &[]).await;
        assert_eq!(
            (answer.status, answer.body.as_str(), answer.header("content-length")),
            (200, "", Some("0")),
            "{path}"
        );
        let allowed: BTreeSet<_> = answer.header("allow").unwrap().split(", ").collect();
        assert_eq!(allowed, expected.split(", ").collect(), "{path}");
    }
}

#[actix_web::test]
async fn head_is_get_without_a_body() {
    let web = Web::with_routes(table);
    let path = C.to_owned() + "/wallet";
    let (get, head) = (web.send("GET", &path, &[]).await, web.send("HEAD", &path, &[]).await);
    assert_eq!((head.status, head.body.as_str()), (200, ""));
    for name in ["content-type", "content-length"] {
        assert_eq!(head.header(name), get.header(name));
    }
    assert_eq!(head.header("content-length"), Some("6"));
    let missing = web.send("HEAD", "/creditors/1/wallet", &[]).await;
    assert_eq!((missing.status, missing.body.as_str()), (404, ""));
}

#[actix_web::test]
async fn the_table_tells_what_it_serves() {
    let listed: Vec<_> = table().list().map(|(template, method)| format!("{method} {template}")).collect();
    assert!(listed.contains(&"DELETE /creditors/{creditorId}/transfers/{transferUuid}".to_owned()));
    assert_eq!(listed.len(), 26);
}
