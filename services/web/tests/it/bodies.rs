//! How bodies are received (webapi §4).

use serde_json::{Value, json};

use crate::{
    app::{Header, JSON, Web},
    world::World,
};

const PATH: &str = "/creditors/4294967296/account-lookup";

async fn post(web: &Web, headers: &[Header<'_>], body: &[u8]) -> (u16, Value) {
    let answer = web.send_body("POST", PATH, headers, body).await;
    let json = answer.json();
    (answer.status, json["errors"]["json"].clone())
}

#[actix_web::test]
async fn content_types() {
    let web = Web::start(&[]);
    let missing = (422, json!({"uri": ["Missing data for required field."]}));
    let read = (200, Value::Null);
    let cases = [
        ("application/json", &read),
        ("APPLICATION/Json", &read),
        ("application/json; charset=utf-16", &read),
        ("application/json;", &read),
        (" application/json ", &read),
        ("application/vnd.api+json", &read),
        ("application/+json", &read),
        ("application/problem+JSON; a=b", &read),
        ("text/plain", &missing),
        ("text/json", &missing),
        ("text/x+json", &missing),
        ("application/x-www-form-urlencoded", &missing),
        ("application/jsonx", &missing),
        ("json", &missing),
        ("", &missing),
    ];
    for (content_type, expected) in cases {
        let actual = post(&web, &[("Content-Type", content_type)], br#"{"uri":"swpt:1/a"}"#).await;
        assert_eq!(actual, *expected, "{content_type:?}");
    }
    assert_eq!(post(&web, &[], br#"{"uri":"swpt:1/a"}"#).await, missing);
    assert_eq!(post(&web, &[JSON], b"").await, missing);
    // What a client accepts, and how it says that the body is encoded, is not looked at.
    for header in [("Accept", "text/html"), ("Content-Encoding", "gzip"), ("Content-Encoding", "nonsense")] {
        assert_eq!(post(&web, &[JSON, header], br#"{"uri":"swpt:1/a"}"#).await, read, "{header:?}");
    }
    assert_eq!(post(&web, &[("Content-Type", "text/plain")], b"{").await, missing);
}

#[actix_web::test]
async fn syntax() {
    let web = Web::start(&[]);
    let nested = format!("{}1{}", "[".repeat(9000), "]".repeat(9000));
    let utf_16: Vec<u8> = r#"{"uri":"swpt:1/a"}"#.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let utf_32: Vec<u8> = r#"{"uri":"swpt:1/a"}"#.chars().flat_map(|c| u32::from(c).to_le_bytes()).collect();
    let bad: [&[u8]; 15] = [
        b"{",
        b"{\"uri\":\"swpt:1\",}",
        b"{\"uri\":\"swpt:1\"} x",
        b"{'uri':'swpt:1'}",
        b"{\"uri\":\"a\tb\"}",
        b"{\"uri\":\"\xff\xfe\"}",
        b"\xef\xbb\xbf{}",
        b" ",
        b"\"\\ud800\"",
        b"{\"uri\":\"\\ud800\"}",
        b"{\"x\":NaN}",
        b"{\"x\":01}",
        &utf_16,
        &utf_32,
        nested.as_bytes(),
    ];
    for body in bad {
        let answer = web.send_body("POST", PATH, &[JSON], body).await;
        let expected = json!({"code": 400, "errors": {"json": ["Invalid JSON body."]}, "status": "Bad Request"});
        assert_eq!(answer.json(), expected, "{}", String::from_utf8_lossy(body));
    }
}

/// Neither does the server read what it does not need, nor does it tell browsers or proxies to remember anything.
#[actix_web::test]
async fn bodies_that_nobody_needs_are_not_looked_at() {
    let world = World::new().await;
    world.open_account(1).await;
    for (method, path, status) in [
        ("GET", "wallet", 200),
        ("HEAD", "wallet", 200),
        ("OPTIONS", "wallet", 200),
        ("DELETE", "transfers/123e4567-e89b-12d3-a456-426655440000", 204),
        ("GET", "accounts/2/", 404),
    ] {
        let path = format!("/creditors/4294967296/{path}");
        let answer = world.web.send_body(method, &path, &[JSON], b"{nonsense").await;
        assert_eq!(answer.status, status, "{method} {path}");
        for name in ["cache-control", "expires", "pragma", "set-cookie", "etag", "last-modified", "www-authenticate"] {
            assert_eq!(answer.header(name), None, "{method} {path}");
        }
    }
}

#[actix_web::test]
async fn only_objects_are_understood() {
    let web = Web::start(&[]);
    let not_an_object = (422, json!({"_schema": ["Invalid input type."]}));
    for body in ["null", "[]", "1", "\"x\"", "true", "1e400", "[{}]"] {
        assert_eq!(post(&web, &[JSON], body.as_bytes()).await, not_an_object, "{body}");
    }
}

#[actix_web::test]
async fn sizes() {
    let web = Web::start(&[]);
    let body = |length: usize| format!("{{\"uri\":\"{}\"}}", "x".repeat(length - 10)).into_bytes();
    let chunked = |body: &[u8]| {
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nContent-Type: application/json\r\n\
             Transfer-Encoding: chunked\r\n\r\n{:x}\r\n",
            body.len()
        );
        [head.as_bytes(), body, b"\r\n0\r\n\r\n"].concat()
    };
    let too_long = (422, json!({"uri": ["Longer than maximum length 200."]}));
    assert_eq!(post(&web, &[JSON], &body(20480)).await, too_long);
    assert_eq!(web.send_raw(&chunked(&body(20480))).await.status, 422);
    let refused = json!({"code": 413, "status": "Request Entity Too Large"});
    assert_eq!(web.send_body("POST", PATH, &[JSON], &body(20481)).await.json(), refused);
    assert_eq!(web.send_raw(&chunked(&body(20481))).await.json(), refused);
    // Bodies that nobody reads may be as long as they like.
    let missing = (422, json!({"uri": ["Missing data for required field."]}));
    assert_eq!(post(&web, &[("Content-Type", "text/plain")], &body(20481)).await, missing);
    assert_eq!(web.send_body("GET", "/creditors/.list", &[JSON], &body(20481)).await.status, 200);
}

#[actix_web::test]
async fn the_size_limit_is_configurable() {
    let web = Web::start(&[("MAX_CONTENT_LENGTH", "20")]);
    assert_eq!(post(&web, &[JSON], br#"{"uri":"swpt:1/ab"}"#).await.0, 200);
    assert_eq!(post(&web, &[JSON], br#"{"uri":"swpt:1/abcde"}"#).await.0, 413);
}
