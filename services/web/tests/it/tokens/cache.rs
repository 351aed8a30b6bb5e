//! For how long answers about tokens are believed.

use std::{sync::Arc, time::Duration};

use chrono::{DateTime, TimeDelta, Utc};
use runtime::ManualClock;
use serde_json::json;
use testkit::issuer::{Issuer, Manner};

use super::{OWN, WALLET, status};
use crate::app::{Web, state_with};

const SUBJECT: &str = "creditors:4294967296";

/// A web server whose time is ours, and an issuer.
struct Timed {
    issuer: Issuer,
    web: Web,
    clock: Arc<ManualClock>,
}

impl Timed {
    fn with(more: &[(&str, &str)]) -> Self {
        let issuer = Issuer::start().unwrap();
        let url = issuer.introspection_url();
        let clock = Arc::new(ManualClock::new(DateTime::<Utc>::UNIX_EPOCH));
        let usual = [("APP_AUTH_MODE", "introspection"), ("OAUTH2_INTROSPECT_URL", url.as_str())];
        let state = state_with("postgresql://127.0.0.1:9/none", clock.clone(), &[&usual, more].concat());
        Self { issuer, web: Web::serve(state), clock }
    }

    async fn status(&self, token: &str) -> u16 {
        status(&self.web, token).await
    }

    fn wait(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }
}

#[actix_web::test]
async fn a_good_token_is_asked_about_once_in_five_minutes() {
    let timed = Timed::with(&[]);
    timed.issuer.grant("t", SUBJECT, "access.readonly");
    for (wait, asked) in [(0, 1), (0, 1), (299, 1), (1, 2), (299, 2), (1, 3)] {
        timed.wait(wait);
        assert_eq!((timed.status("t").await, timed.issuer.asked()), (303, asked));
    }
}

#[actix_web::test]
async fn a_revoked_token_dies_within_five_minutes() {
    let timed = Timed::with(&[]);
    timed.issuer.grant("t", SUBJECT, "access.readonly");
    assert_eq!(timed.status("t").await, 303);
    timed.issuer.revoke("t");
    // Using it does not make it live longer.
    for _ in 0..10 {
        timed.wait(29);
        assert_eq!(timed.status("t").await, 303);
    }
    timed.wait(10);
    assert_eq!(timed.status("t").await, 401);
}

#[actix_web::test]
async fn a_token_dies_when_it_expires() {
    let timed = Timed::with(&[]);
    timed.issuer.say("t", json!({"active": true, "sub": SUBJECT, "scope": "access", "exp": 100}));
    assert_eq!(timed.status("t").await, 303);
    timed.wait(99);
    assert_eq!((timed.status("t").await, timed.issuer.asked()), (303, 1));
    timed.wait(1);
    // The server's clock may be behind.
    assert_eq!((timed.status("t").await, timed.issuer.asked()), (401, 2));
}

#[actix_web::test]
async fn the_scope_is_checked_at_every_request() {
    let timed = Timed::with(&[]);
    timed.issuer.grant("t", SUBJECT, "access.readonly");
    let authorization = [("Authorization", "Bearer t")];
    for _ in 0..2 {
        assert_eq!(timed.web.send("GET", WALLET, &authorization).await.status, 303);
        let delete = format!("/creditors/{OWN}/accounts/1/");
        assert_eq!(timed.web.send("DELETE", &delete, &authorization).await.status, 403);
        let foreign = timed.web.send("GET", "/creditors/4294967297/wallet", &authorization).await;
        assert_eq!(foreign.status, 403);
    }
    assert_eq!(timed.issuer.asked(), 1);
}

#[actix_web::test]
async fn a_bad_token_is_remembered_for_seconds() {
    let timed = Timed::with(&[]);
    assert_eq!(timed.status("t").await, 401);
    timed.issuer.grant("t", SUBJECT, "access");
    timed.wait(4);
    assert_eq!((timed.status("t").await, timed.issuer.asked()), (401, 1));
    timed.wait(1);
    assert_eq!((timed.status("t").await, timed.issuer.asked()), (303, 2));
}

#[actix_web::test]
async fn those_who_come_at_the_same_time_ask_once() {
    let timed = Timed::with(&[("APP_AUTH_TIMEOUT", "30")]);
    timed.issuer.grant("t", SUBJECT, "access");
    timed.issuer.behave(Manner::Slow(Duration::from_millis(300)));
    let statuses = futures::future::join_all((0..50).map(|_| timed.status("t"))).await;
    assert!(statuses.iter().all(|status| *status == 303), "{statuses:?}");
    assert_eq!(timed.issuer.asked(), 1);
}

#[actix_web::test]
async fn without_room_every_request_asks() {
    let timed = Timed::with(&[("TOKEN_INTROSPECTION_CACHE_MAX_COST", "0")]);
    timed.issuer.grant("t", SUBJECT, "access");
    for asked in 1..4 {
        assert_eq!((timed.status("t").await, timed.issuer.asked()), (303, asked));
    }
}
