//! What happens to the connection.

use std::time::Duration;

use actix_web::web::Data;
use creditors_web::{patience::Patience, server};
use runtime::{Stop, tasks};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use crate::app::{JSON, Web, listener, state, state_without_database};

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

/// A web server that loses its patience quickly with what `change` changes.
fn impatient(change: impl FnOnce(&mut Patience)) -> Web {
    let mut state = state_without_database(&[]);
    change(&mut state.patience);
    Web::serve(Data::new(state))
}

const SHORT: Duration = Duration::from_millis(200);

#[actix_web::test]
async fn heads_have_limits() {
    let web = Web::start(&[]);
    let head = |more: &str| format!("GET /creditors/.list HTTP/1.1\r\nHost: a\r\nConnection: close\r\n{more}\r\n");
    let headers = |count: usize| (0..count).map(|number| format!("X-{number}: y\r\n")).collect::<Vec<_>>().concat();
    assert_eq!(web.send_raw(head(&headers(90)).as_bytes()).await.status, 200);
    assert_eq!(web.send_raw(head(&headers(100)).as_bytes()).await.status, 431);
    let large = |size: usize| format!("X: {}\r\n", "y".repeat(size));
    assert_eq!(web.send_raw(head(&large(100_000)).as_bytes()).await.status, 200);
    // As much as the server takes without seeing the end of the head.
    let endless = head(&large(200_000));
    assert_eq!(web.send_raw(&endless.as_bytes()[..131_072]).await.status, 431);
}

#[actix_web::test]
async fn slow_heads_are_given_up() {
    let web = impatient(|patience| patience.head = SHORT);
    for beginning in ["", "GET /creditors/.list HTTP/1.1\r\nHost: a"] {
        assert_eq!(web.send_raw(beginning.as_bytes()).await.status, 408, "{beginning}");
    }
}

#[actix_web::test]
async fn slow_bodies_are_given_up() {
    let web = impatient(|patience| patience.body = SHORT);
    let head = "POST /creditors/4294967296/account-lookup HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n\
                Content-Length: 100\r\n\r\n{";
    let answer = web.send_raw(head.as_bytes()).await;
    assert_eq!(answer.json(), serde_json::json!({"code": 408, "status": "Request Timeout"}));
}

#[actix_web::test]
async fn idle_connections_are_closed() {
    let web = impatient(|patience| patience.idle = SHORT);
    // No `Connection: close`, and yet the end comes.
    let answer = web.send_raw(b"GET /creditors/.list HTTP/1.1\r\nHost: a\r\n\r\n").await;
    assert_eq!(answer.status, 200);
}

#[actix_web::test]
async fn answers_that_nobody_takes_are_given_up() {
    // Far more than the buffers between us hold.
    const FILES: usize = 20;
    const FILE: usize = 1_000_000;
    let web = impatient(|patience| patience.taking = SHORT);
    let mut stream = web.connect().await;
    for _ in 0..FILES {
        stream.write_all(b"GET /creditors/.docs/swagger-ui-bundle.js HTTP/1.1\r\nHost: a\r\n\r\n").await.unwrap();
    }
    tokio::time::sleep(Duration::from_secs(5)).await;
    let mut received = Vec::new();
    // Whatever was on the way; the rest does not come anymore.
    let _ = stream.read_to_end(&mut received).await;
    assert!(received.len() < FILES * FILE, "everything was sent: {} bytes", received.len());
}
