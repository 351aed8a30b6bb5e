//! How tokens are asked about.

use serde_json::{Value, json};
use testkit::issuer::Issuer;

use super::{Asking, OWN, WALLET};
use crate::app::Web;

const SUBJECT: &str = "creditors:4294967296";

#[actix_web::test]
async fn callers_are_whom_the_server_says() {
    let asking = Asking::start();
    asking.issuer.grant("t", SUBJECT, "access.readonly");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        let answer = asking.web.send("GET", WALLET, &[("Authorization", &format!("{scheme} t"))]).await;
        let wallet = format!("http://example.com/creditors/{OWN}/wallet");
        assert_eq!((answer.status, answer.header("location")), (303, Some(wallet.as_str())));
    }
}

#[actix_web::test]
async fn the_question() {
    let issuer = Issuer::start().unwrap();
    let url = format!("http://cl%40ient:p%20w@127.0.0.1:{}/introspect?a=b", issuer.port());
    let web = Web::start(&[("APP_AUTH_MODE", "introspection"), ("OAUTH2_INTROSPECT_URL", &url)]);
    let token = "a-b._~+/c==";
    issuer.grant(token, SUBJECT, "access");
    issuer.grant("other", SUBJECT, "access");
    assert_eq!(super::status(&web, token).await, 303);
    assert_eq!(super::status(&web, "other").await, 303);
    let questions = issuer.questions();
    let question = &questions[0];
    assert_eq!(question.form, [("token".to_owned(), token.to_owned())].into());
    let header = |name| question.headers.get(name).map(String::as_str);
    assert_eq!(header("x-forwarded-proto"), Some("https"));
    assert_eq!(header("content-type"), Some("application/x-www-form-urlencoded"));
    // cl@ient:p w
    assert_eq!(header("authorization"), Some("Basic Y2xAaWVudDpwIHc="));
    assert_eq!(question.peer, questions[1].peer, "both questions on one connection");
}

#[actix_web::test]
async fn answers_that_let_nobody_in() {
    let asking = Asking::start();
    let good = json!({"active": true, "sub": SUBJECT, "scope": "access"});
    let with = |name: &str, value: Value| {
        let mut answer = good.clone();
        answer[name] = value;
        answer
    };
    let without = |name: &str| {
        let mut answer = good.clone();
        answer.as_object_mut().unwrap().remove(name);
        answer
    };
    let cases = [
        (good.clone(), 303),
        (with("exp", json!(1)), 303),
        (with("token_use", json!("access_token")), 303),
        (with("scope", json!(["access.readonly"])), 303),
        (with("active", json!(false)), 401),
        // It is 1970, to the second.
        (with("exp", json!(0)), 401),
        (with("exp", json!(-1.5)), 401),
        (with("token_use", json!("refresh_token")), 403),
        (with("token_use", json!("id_token")), 403),
        (with("scope", json!("activate deactivate disable_pin")), 403),
        (with("scope", json!("")), 403),
        (without("scope"), 403),
        (without("sub"), 403),
        (with("sub", json!("")), 403),
        (with("sub", json!("nobody")), 403),
        (with("sub", json!("creditors:18446744073709551616")), 403),
        (without("active"), 503),
        (with("active", json!("true")), 503),
        (with("active", json!(1)), 503),
        (with("active", Value::Null), 503),
        (with("sub", json!(1)), 503),
        (with("exp", json!("never")), 503),
        (with("scope", json!(7)), 503),
        (with("scope", json!([7])), 503),
        (json!([]), 503),
        (json!("active"), 503),
        (json!({}), 503),
    ];
    for (number, (answer, expected)) in cases.into_iter().enumerate() {
        let token = format!("token-{number}");
        asking.issuer.say(&token, answer.clone());
        assert_eq!(asking.status(&token).await, expected, "{answer}");
    }
}

#[actix_web::test]
async fn refusals_say_what_is_missing() {
    let asking = Asking::start();
    asking.issuer.grant("reader", SUBJECT, "access.readonly");
    let delete = format!("/creditors/{OWN}/transfers/123e4567-e89b-12d3-a456-426655440000");
    let cases = [
        ("GET", WALLET, None, 401, r#"Bearer realm="creditors""#),
        ("GET", WALLET, Some("Basic YTpi"), 401, r#"Bearer realm="creditors""#),
        ("GET", WALLET, Some("Bearer unknown"), 401, r#"Bearer realm="creditors", error="invalid_token""#),
        (
            "DELETE",
            &delete,
            Some("Bearer reader"),
            403,
            r#"Bearer realm="creditors", error="insufficient_scope", scope="access""#,
        ),
    ];
    for (method, path, authorization, status, challenge) in cases {
        let headers: Vec<_> = authorization.map(|value| ("Authorization", value)).into_iter().collect();
        let answer = asking.web.send(method, path, &headers).await;
        assert_eq!((answer.status, answer.header("www-authenticate")), (status, Some(challenge)), "{authorization:?}");
        let reason = if status == 401 { "Unauthorized" } else { "Forbidden" };
        assert_eq!(answer.json(), json!({"code": status, "status": reason}));
    }
    assert_eq!(asking.issuer.asked(), 2, "nobody asks about what is no token");
}
