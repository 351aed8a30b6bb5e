//! Requests from other origins (webapi §14).

use crate::app::Web;

const LOOKUP: &str = "/creditors/4294967296/account-lookup";
const PREFLIGHT: [(&str, &str); 3] = [
    ("Origin", "https://wallet.example"),
    ("Access-Control-Request-Method", "POST"),
    ("Access-Control-Request-Headers", "authorization,content-type"),
];
const NAMES: [&str; 5] = [
    "access-control-allow-origin",
    "access-control-expose-headers",
    "access-control-max-age",
    "access-control-allow-methods",
    "access-control-allow-headers",
];

#[actix_web::test]
async fn nothing_is_said_unless_wanted() {
    let web = Web::start(&[]);
    for (method, path) in [("OPTIONS", LOOKUP), ("GET", "/creditors/.list")] {
        let answer = web.send(method, path, &PREFLIGHT).await;
        assert_eq!(answer.status, 200);
        assert_eq!(NAMES.map(|name| answer.header(name)), [None; 5]);
    }
}

#[actix_web::test]
async fn every_answer_can_be_read() {
    let web = Web::start(&[("APP_ENABLE_CORS", "true")]);
    let origin = PREFLIGHT[0];
    let cases = [
        ("GET", "/creditors/.list", 200),
        ("GET", "/creditors/nope", 404),
        ("PUT", LOOKUP, 405),
        ("GET", "/creditors/.docs", 308),
        ("POST", LOOKUP, 422),
        ("GET", "/creditors/health/check/public", 200),
    ];
    for (method, path, status) in cases {
        let answer = web.send(method, path, &[origin]).await;
        assert_eq!(answer.status, status, "{path}");
        let expected = [Some("https://wallet.example"), Some("Location"), None, None, None];
        assert_eq!(NAMES.map(|name| answer.header(name)), expected, "{path}");
        assert_eq!(answer.header("vary"), None, "{path}");
    }
    let answer = web.send("GET", "/creditors/.list", &[]).await;
    assert_eq!(answer.header(NAMES[0]), Some("*"));
}

#[actix_web::test]
async fn preflights() {
    let web = Web::start(&[("APP_ENABLE_CORS", "true")]);
    for (path, status) in [(LOOKUP, 200), ("/creditors/nope", 404), ("/creditors/1/account-lookup", 404)] {
        let answer = web.send("OPTIONS", path, &PREFLIGHT).await;
        assert_eq!(answer.status, status, "{path}");
        let expected = [
            Some("https://wallet.example"),
            Some("Location"),
            Some("86400"),
            Some("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
            Some("authorization,content-type"),
        ];
        assert_eq!(NAMES.map(|name| answer.header(name)), expected, "{path}");
    }
    let without_headers = web.send("OPTIONS", LOOKUP, &PREFLIGHT[..2]).await;
    assert_eq!(without_headers.header(NAMES[4]), None);
    let no_preflight = web.send("OPTIONS", LOOKUP, &PREFLIGHT[..1]).await;
    assert_eq!(no_preflight.header(NAMES[2]), None);
}
