//! What happens to the connection.

use creditors_web::server;
use runtime::{Stop, tasks};

use crate::app::{JSON, Web, listener, state};

#[actix_web::test]
async fn bodies_that_nobody_reads_do_not_spoil_the_connection() {
    let web = Web::start(&[]);
    let body = "{".repeat(30_000);
    let first = format!("GET /creditors/.list HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let second = "GET /creditors/health/check/public HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let answer = web.send_raw((first + second).as_bytes()).await;
    assert_eq!(answer.status, 200, "{answer:?}");
    // Either the second request is answered too, or the connection is closed: nothing of the body is taken for a request.
    let rest = answer.body.split_once("HTTP/1.1 ").map(|(_, rest)| &rest[..3]);
    assert!(rest.is_none_or(|status| status == "200"), "{answer:?}");
}

#[actix_web::test]
async fn requests_share_a_connection() {
    let web = Web::start(&[]);
    let mut bytes = Vec::new();
    for _ in 0..2 {
        let body = r#"{"uri":"swpt:1/a"}"#;
        bytes.extend_from_slice(
            format!(
                "POST /creditors/4294967296/account-lookup HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                 Content-Length: {}\r\n\r\n{body}",
                body.len()
            )
            .as_bytes(),
        );
    }
    bytes.extend_from_slice(b"GET /creditors/.list HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n");
    let answer = web.send_raw(&bytes).await;
    assert_eq!(answer.body.matches("HTTP/1.1 200 OK").count(), 2, "{answer:?}");
}

#[actix_web::test]
async fn malformed_hosts_matter_only_where_they_are_needed() {
    let web = Web::start(&[]);
    let host = ("Host", "a b");
    assert_eq!(web.send("GET", "/creditors/.list", &[host]).await.status, 200);
    let answer = web.send("GET", "/creditors/.docs", &[host]).await;
    assert_eq!(answer.json(), serde_json::json!({"code": 400, "status": "Bad Request"}));
    let user = ("X-Swpt-User-Id", "creditors:1");
    assert_eq!(web.send("GET", "/creditors/.wallet", &[host, user]).await.status, 400);
}

#[actix_web::test]
async fn the_rest_of_an_oversized_body_is_not_waited_for() {
    let web = Web::start(&[]);
    let head = "POST /creditors/4294967296/account-lookup HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                Content-Length: 1000000\r\n\r\n{";
    // The body never comes, and yet there is an answer.
    let answer = web.send_raw(head.as_bytes()).await;
    assert_eq!(answer.status, 413);
    assert_eq!(web.send_body("POST", "/creditors/4294967296/account-lookup", &[JSON], b"{").await.status, 400);
}

#[actix_web::test]
async fn a_server_that_ends_leaves_the_others_alone() {
    let staying = Web::start(&[]);
    let (listener, _) = listener();
    let stop = Stop::new();
    let ending = tasks::spawn("web", server::start(listener, state(&[]), 1, stop.clone()).unwrap());
    stop.stop();
    ending.await.unwrap().unwrap();
    for _ in 0..20 {
        assert_eq!(staying.send("GET", "/creditors/health/check/public", &[]).await.status, 200);
    }
}
