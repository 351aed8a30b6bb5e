//! Whatever the log level is: who has done what to whom.

use serde_json::Value;
use testkit::issuer::Issuer;

use super::Served;
use crate::app::JSON;

/// What the lines should be, but for the time. `request_id` tells which of [`REQUESTS`] a line is about.
const LINES: &str = include_str!("audit.jsonl");

/// Token, method, path, body: every administrative operation, done and refused, in an order in which it works; and some
/// that leave no line.
const REQUESTS: [(&str, &str, &str, &str); 25] = [
    ("superuser", "POST", "/creditors/4294967296/reserve", "{}"),
    ("superuser", "POST", "/creditors/4294967296/reserve", "{}"),
    ("superuser", "POST", "/creditors/.creditor-reserve", "{}"),
    ("supervisor", "POST", "/creditors/4294967297/activate", "{}"),
    ("superuser", "POST", "/creditors/1/activate", "{}"),
    ("superuser", "POST", "/creditors/4294967296/activate", r#"{"reservationId": 0}"#),
    ("superuser", "POST", "/creditors/4294967298/activate", "{}"),
    // Reading is no administration.
    ("superuser", "GET", "/creditors/.list", ""),
    ("superuser", "GET", "/creditors/4294967296/enumerate", ""),
    // Who is not known has done nothing.
    ("nobody", "POST", "/creditors/4294967298/deactivate", "{}"),
    // Others are refused: without the scope,
    ("supervisor", "POST", "/creditors/4294967298/deactivate", "{}"),
    ("own", "POST", "/creditors/4294967298/deactivate", "{}"),
    // as creditors, whatever their tokens allow,
    ("ambitious", "POST", "/creditors/4294967298/deactivate", "{}"),
    // for what belongs to others,
    ("own", "DELETE", "/creditors/4294967297/accounts/18446744073709551615/", ""),
    ("reset", "PATCH", "/creditors/4294967297/pin", r#"{"status": "off", "latestUpdateId": 2}"#),
    // and supervisors, for whatever belongs to creditors.
    ("watchful", "DELETE", "/creditors/4294967298/transfers/123e4567-e89b-12d3-a456-426655440000", ""),
    ("own", "POST", "/creditors/4294967298/accounts/", r#"{"uri": "swpt:18446744073709551615"}"#),
    ("own", "DELETE", "/creditors/4294967298/accounts/18446744073709551615/", ""),
    ("own", "DELETE", "/creditors/4294967298/transfers/123e4567-e89b-12d3-a456-426655440000", ""),
    ("superuser", "DELETE", "/creditors/4294967298/transfers/123e4567-e89b-12d3-a456-426655440000", ""),
    // Setting a PIN where there is none is no reset, unless the token allows it.
    ("own", "PATCH", "/creditors/4294967298/pin", r#"{"status": "on", "newPin": "98237465", "latestUpdateId": 2}"#),
    ("reset", "PATCH", "/creditors/4294967298/pin", r#"{"status": "on", "newPin": "98237465", "latestUpdateId": 3}"#),
    ("reset", "PATCH", "/creditors/4294967298/pin", r#"{"status": "on", "newPin": "98237465", "latestUpdateId": 3}"#),
    ("superuser", "POST", "/creditors/4294967298/deactivate", "{}"),
    ("superuser", "POST", "/creditors/4294967298/deactivate", "{}"),
];

fn issuer() -> Issuer {
    let issuer = Issuer::start().unwrap();
    issuer.grant("superuser", "creditors-superuser", "access activate deactivate");
    issuer.grant("supervisor", "creditors-supervisor", "access.readonly activate");
    issuer.grant("watchful", "creditors-supervisor", "access");
    issuer.grant("ambitious", "creditors:4294967298", "access activate deactivate");
    issuer.grant("own", "creditors:4294967298", "access");
    issuer.grant("reset", "creditors:4294967298", "access disable_pin");
    issuer
}

#[actix_web::test]
async fn every_administrative_operation_leaves_a_line() {
    let issuer = issuer();
    let url = issuer.introspection_url();
    let served = Served::start(&[("OAUTH2_INTROSPECT_URL", &url), ("APP_LOG_LEVEL", "critical")]).await;
    let mut random_id = String::new();
    for (number, (token, method, path, body)) in REQUESTS.into_iter().enumerate() {
        let (authorization, id) = (format!("Bearer {token}"), format!("request-{number}"));
        let headers = [("Authorization", authorization.as_str()), JSON, ("X-Request-Id", &id)];
        let answer = served.web.send_body(method, path, &headers, body.as_bytes()).await;
        assert_eq!(answer.header("x-request-id"), Some(id.as_str()));
        if path.ends_with(".creditor-reserve") {
            answer.json()["creditorId"].as_str().unwrap().clone_into(&mut random_id);
        }
    }
    let mut lines = String::new();
    for mut line in served.log() {
        line.as_object_mut().unwrap().remove("asctime").unwrap();
        let text = line.to_string().replace(&format!("\"creditor_id\":{random_id},"), "\"creditor_id\":\"random\",");
        lines += &(text + "\n");
    }
    assert_eq!(lines, LINES, "the lines are:\n{lines}");
}

#[actix_web::test]
async fn ids_of_requests_are_in_all_lines_about_them_and_secrets_in_none() {
    let issuer = issuer();
    let secret_token = "hush-token-hush-token";
    issuer.grant(secret_token, "creditors:4294967297", "access disable_pin");
    let url = issuer.introspection_url().replace("http://", "http://agent:hush-password@");
    let served = Served::start(&[("OAUTH2_INTROSPECT_URL", &url), ("APP_LOG_LEVEL", "debug")]).await;
    let authorization = format!("Bearer {secret_token}");
    let send = async |method: &'static str, path: &'static str, body: &'static str, id: &'static str| {
        let headers = [("Authorization", authorization.as_str()), JSON, ("X-Request-Id", id)];
        served.web.send_body(method, path, &headers, body.as_bytes()).await
    };
    let activate = [("Authorization", "Bearer superuser"), JSON];
    served.web.send_body("POST", "/creditors/4294967297/activate", &activate, b"{}").await;
    let good =
        send("PATCH", "/creditors/4294967297/pin", r#"{"status":"on","newPin":"98237465","latestUpdateId":2}"#, "a-1");
    assert_eq!(good.await.status, 200);
    send("PATCH", "/creditors/4294967297/pin", r#"{"status":"on","newPin":"98237465x","latestUpdateId":3}"#, "a-2")
        .await;
    send("GET", "/creditors/4294967297/wallet?access_token=hush-token-in-query", "", "a-3").await;
    // The authorization server is away, which is told.
    issuer.stop().await;
    let unknown = [("Authorization", "Bearer hush-unknown-token"), ("X-Request-Id", "a-4")];
    assert_eq!(served.web.send("GET", "/creditors/.wallet", &unknown).await.status, 503);
    // Harmful ids are replaced.
    let replaced = served.web.send("GET", "/creditors/.wallet", &[("X-Request-Id", "a\"5 {}")]).await;
    let made = replaced.header("x-request-id").unwrap().to_owned();
    assert!(made.len() == 32 && made.bytes().all(|c| c.is_ascii_hexdigit()), "{made}");

    let log = served.log();
    for id in ["a-1", "a-2", "a-3", "a-4", &made] {
        let lines: Vec<_> = log.iter().filter(|line| line["request_id"] == id).collect();
        let is_told = |line: &&&Value| line["message"].as_str().unwrap().contains("/creditors/");
        assert!(lines.iter().any(|line| is_told(&line)), "{id}: {lines:?}");
    }
    let failure = log.iter().find(|line| line["levelname"] == "ERROR" && line["request_id"] == "a-4").unwrap();
    assert!(failure["cause"].as_str().unwrap().contains("the authorization server is away"), "{failure}");
    let text = std::fs::read_to_string(served.directory.join("creditors-web.log")).unwrap();
    for secret in ["hush", "98237465", "hush-password", secret_token, "hush-token-in-query", "hush-unknown-token"] {
        assert!(!text.contains(secret), "{secret} is told: {text}");
    }
}
