//! When the authorization server fails, nobody gets in, and everybody is told to come back.

use std::time::{Duration, Instant};

use testkit::issuer::{Issuer, Manner};

use super::{Asking, WALLET, status};

const SUBJECT: &str = "creditors:4294967296";

#[actix_web::test]
async fn answers_that_are_none() {
    let asking = Asking::with(&[("APP_AUTH_TIMEOUT", "1")]);
    asking.issuer.grant("t", SUBJECT, "access");
    let manners = [
        Manner::Status(500),
        Manner::Status(503),
        Manner::Status(401),
        Manner::Status(404),
        Manner::Status(302),
        Manner::Status(204),
        Manner::Status(400),
        Manner::Complaint("invalid_request"),
        Manner::Text("<html><body>active: true</body></html>"),
        Manner::Text(""),
        Manner::Text(r#"{"active":true"#),
        Manner::Slow(Duration::from_secs(30)),
    ];
    for manner in manners {
        asking.issuer.behave(manner.clone());
        let answer = asking.web.send("GET", WALLET, &[("Authorization", "Bearer t")]).await;
        assert_eq!((answer.status, answer.header("retry-after")), (503, Some("5")), "{manner:?}");
        assert_eq!(answer.json(), serde_json::json!({"code": 503, "status": "Service Unavailable"}));
    }
    // Failures are not remembered.
    asking.issuer.behave(Manner::Good);
    assert_eq!(asking.status("t").await, 303);
    // What is known is believed meanwhile, and what needs no token needs no server.
    asking.issuer.behave(Manner::Status(500));
    assert_eq!(asking.status("t").await, 303);
    assert_eq!(asking.web.send("GET", "/creditors/health/check/public", &[]).await.status, 200);
}

#[actix_web::test]
async fn tokens_that_the_server_does_not_talk_about() {
    let asking = Asking::start();
    asking.issuer.behave(Manner::Complaint("unsupported_token_type"));
    let answer = asking.web.send("GET", WALLET, &[("Authorization", "Bearer t")]).await;
    let challenge = r#"Bearer realm="creditors", error="invalid_token""#;
    assert_eq!((answer.status, answer.header("www-authenticate")), (401, Some(challenge)));
}

#[actix_web::test]
async fn a_server_that_is_away() {
    let Asking { issuer, web } = Asking::with(&[("APP_AUTH_TIMEOUT", "2")]);
    let port = issuer.port();
    issuer.stop().await;
    assert_eq!(status(&web, "t").await, 503);
    let issuer = Issuer::start_at(port).unwrap();
    issuer.grant("t", SUBJECT, "access");
    assert_eq!(status(&web, "t").await, 303);
}

#[actix_web::test]
async fn a_short_absence_is_not_noticed() {
    let Asking { issuer, web } = Asking::with(&[("APP_AUTH_TIMEOUT", "10")]);
    let port = issuer.port();
    issuer.stop().await;
    let back = async {
        tokio::time::sleep(Duration::from_millis(100)).await;
        let issuer = Issuer::start_at(port).unwrap();
        issuer.grant("t", SUBJECT, "access");
        issuer
    };
    let (status, _issuer) = tokio::join!(status(&web, "t"), back);
    assert_eq!(status, 303);
}

#[actix_web::test]
async fn only_so_many_questions_are_asked_at_a_time() {
    let asking = Asking::with(&[("APP_AUTH_TIMEOUT", "30")]);
    asking.issuer.behave(Manner::Slow(Duration::from_millis(100)));
    let tokens: Vec<_> = (0..100).map(|number| format!("t{number}")).collect();
    for token in &tokens {
        asking.issuer.grant(token, SUBJECT, "access");
    }
    let statuses = futures::future::join_all(tokens.iter().map(|token| asking.status(token))).await;
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    let most = asking.issuer.most_at_once();
    assert!((2..=32).contains(&most), "{most}");
}

#[actix_web::test]
async fn nobody_waits_for_a_slow_server_longer_than_allowed() {
    let asking = Asking::with(&[("APP_AUTH_TIMEOUT", "0.5")]);
    asking.issuer.behave(Manner::Slow(Duration::from_mins(1)));
    let began = Instant::now();
    let tokens: Vec<_> = (0..100).map(|number| format!("t{number}")).collect();
    let statuses = futures::future::join_all(tokens.iter().map(|token| asking.status(token))).await;
    assert!(statuses.iter().all(|status| *status == 503), "{statuses:?}");
    // One after the other, or in four groups of 32, they would need a minute and more.
    assert!(began.elapsed() < Duration::from_secs(30));
}
