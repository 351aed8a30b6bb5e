//! Signed tokens (RFC 9068).

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::{DateTime, TimeDelta};
use runtime::ManualClock;
use serde_json::{Value, json};
use testkit::issuer::{Issuer, Manner, Signer, parts, token};

use super::status;
use crate::app::{Web, state_with};

const NOW: i64 = 1_700_000_000;
const ISSUER: &str = "https://issuer.example/";
const AUDIENCE: &str = "urn:creditors-agent";

/// A web server that verifies tokens itself.
struct Verifying {
    issuer: Issuer,
    web: Web,
    clock: Arc<ManualClock>,
}

impl Verifying {
    fn new(mode: &str, keys: &[&Signer]) -> Self {
        let issuer = Issuer::start().unwrap();
        issuer.publish(keys.iter().copied());
        let (keys_url, introspection_url) = (issuer.keys_url(), issuer.introspection_url());
        let settings = [
            ("APP_AUTH_MODE", mode),
            ("APP_JWT_JWKS_URL", &keys_url),
            ("APP_JWT_ISSUER", ISSUER),
            ("APP_JWT_AUDIENCE", AUDIENCE),
            ("OAUTH2_INTROSPECT_URL", &introspection_url),
            ("APP_AUTH_TIMEOUT", "1"),
        ];
        let clock = Arc::new(ManualClock::new(DateTime::from_timestamp(NOW, 0).unwrap()));
        let state = state_with("postgresql://127.0.0.1:9/none", clock.clone(), &settings);
        Self { issuer, web: Web::serve(state), clock }
    }

    async fn status(&self, token: &str) -> u16 {
        status(&self.web, token).await
    }

    fn wait(&self, seconds: i64) {
        self.clock.advance(TimeDelta::seconds(seconds));
    }
}

fn signer(name: &str, algorithm: &'static str) -> Signer {
    Signer::new(name, algorithm).unwrap()
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "aud": AUDIENCE, "sub": "creditors:4294967296", "client_id": "wallet", "scope": "access",
        "exp": NOW + 600, "iat": NOW, "jti": "1",
    })
}

/// The object with another value of a member; `null` removes it.
fn with(object: &Value, name: &str, value: Value) -> Value {
    let mut object = object.clone();
    if value.is_null() {
        object.as_object_mut().unwrap().remove(name);
    } else {
        object[name] = value;
    }
    object
}

#[actix_web::test]
async fn good_tokens() {
    let signers = ["RS256", "PS256", "ES256", "ES384", "EdDSA"].map(|algorithm| signer(algorithm, algorithm));
    let verifying = Verifying::new("jwt", &signers.each_ref());
    for signer in &signers {
        let head = signer.head();
        assert_eq!(verifying.status(&signer.sign(&head, &claims())).await, 303, "{head}");
        let application = with(&head, "typ", json!("application/AT+JWT"));
        assert_eq!(verifying.status(&signer.sign(&application, &claims())).await, 303, "{application}");
    }
    let good = [
        ("aud", json!(["other", AUDIENCE])),
        ("scope", json!(["x", "access"])),
        ("scope", json!("access.readonly")),
        ("nbf", json!(NOW)),
        ("nbf", json!(NOW + 30)),
        ("exp", json!(NOW + 1)),
        ("exp", json!(1e300)),
        ("client_id", Value::Null),
    ];
    for (name, value) in good {
        let claims = with(&claims(), name, value);
        assert_eq!(verifying.status(&signers[2].sign(&signers[2].head(), &claims)).await, 303, "{claims}");
    }
    assert_eq!(verifying.issuer.keys_asked(), 1);
    assert_eq!(verifying.issuer.asked(), 0);
}

#[actix_web::test]
async fn bad_claims() {
    let signer = signer("k", "ES256");
    let verifying = Verifying::new("jwt", &[&signer]);
    let bad = [
        ("iss", json!("https://issuer.example"), 401),
        ("iss", json!([ISSUER]), 401),
        ("iss", Value::Null, 401),
        ("aud", json!("urn:creditors"), 401),
        ("aud", json!(["a", "b"]), 401),
        ("aud", json!([]), 401),
        ("aud", Value::Null, 401),
        ("sub", Value::Null, 401),
        ("sub", json!(""), 401),
        ("sub", json!(5), 401),
        ("sub", json!("nobody"), 403),
        ("exp", json!(NOW), 401),
        ("exp", json!(NOW - 1), 401),
        ("exp", json!("never"), 401),
        ("exp", json!(-1e300), 401),
        ("exp", Value::Null, 401),
        ("nbf", json!(NOW + 31), 401),
        ("nbf", json!(1e300), 401),
        ("nbf", json!("tomorrow"), 401),
        ("scope", Value::Null, 403),
        ("scope", json!("activate"), 403),
        ("scope", json!(["activate"]), 403),
        ("scope", json!(5), 401),
    ];
    for (name, value, expected) in bad {
        let claims = with(&claims(), name, value);
        assert_eq!(verifying.status(&signer.sign(&signer.head(), &claims)).await, expected, "{claims}");
    }
    let good = signer.sign(&signer.head(), &claims());
    assert_eq!(verifying.status(&good).await, 303);
    verifying.wait(600);
    assert_eq!(verifying.status(&good).await, 401);
}

#[actix_web::test]
async fn bad_heads() {
    let signer = signer("k", "ES256");
    let verifying = Verifying::new("jwt", &[&signer]);
    let bad = [
        ("typ", json!("JWT")),
        ("typ", json!("id+jwt")),
        ("typ", json!("at+jwt2")),
        ("typ", Value::Null),
        ("alg", json!("none")),
        ("alg", json!("NONE")),
        ("alg", json!("HS256")),
        ("alg", json!("ES384")),
        ("alg", json!("RS256")),
        ("alg", json!("EdDSA")),
        ("alg", json!("es256")),
        ("alg", json!(["ES256"])),
        ("alg", Value::Null),
        ("kid", json!("other")),
        ("kid", json!("k".repeat(5000))),
        ("kid", json!("")),
        ("kid", json!(7)),
        ("kid", json!("../k")),
        ("crit", json!(["exp"])),
        ("crit", json!(["b64"])),
        ("crit", json!([])),
        ("crit", json!("exp")),
    ];
    for (name, value) in bad {
        let head = with(&signer.head(), name, value);
        assert_eq!(verifying.status(&signer.sign(&head, &claims())).await, 401, "{head}");
    }
    // What a token says about its key is not believed.
    let stranger = self::signer("k", "ES256");
    for (name, value) in [("jwk", stranger.jwk()), ("jku", json!("http://127.0.0.1:9/")), ("x5u", json!("http://a/"))] {
        let head = with(&stranger.head(), name, value);
        assert_eq!(verifying.status(&stranger.sign(&head, &claims())).await, 401, "{head}");
    }
    // One key, so it need not be named.
    let unnamed = with(&signer.head(), "kid", Value::Null);
    assert_eq!(verifying.status(&signer.sign(&unnamed, &claims())).await, 303);
}

#[actix_web::test]
async fn bad_signatures() {
    let [rsa, curve] = [signer("rsa", "RS256"), signer("curve", "ES256")];
    let verifying = Verifying::new("jwt", &[&rsa, &curve]);
    let good = curve.sign(&curve.head(), &claims());
    let [head, body, signature] = parts(&good).unwrap();
    let other = curve.sign(&curve.head(), &with(&claims(), "sub", json!("creditors-superuser")));
    let [_, other_body, _] = parts(&other).unwrap();
    let zeros = URL_SAFE_NO_PAD.encode([0; 64]);
    let bad = [
        format!("{head}.{body}."),
        format!("{head}.{other_body}.{signature}"),
        format!("{head}.{body}.{zeros}"),
        format!("{head}.{body}.AA"),
        format!("{head}.{body}.{signature}AA"),
        format!("{head}.{body}"),
        format!("{head}..{signature}"),
        format!(".{body}.{signature}"),
        format!("{good}.{signature}"),
        good.replace(head, &URL_SAFE_NO_PAD.encode("{}")),
        "a.b.c".to_owned(),
        "opaque".to_owned(),
    ];
    for token in &bad {
        assert_eq!(verifying.status(token).await, 401, "{token}");
    }
    // The public key as a shared secret.
    let jwk = rsa.jwk();
    let modulus = URL_SAFE_NO_PAD.decode(jwk["n"].as_str().unwrap()).unwrap();
    for secret in [modulus.as_slice(), jwk.to_string().as_bytes(), b""] {
        let head = json!({"typ": "at+jwt", "alg": "HS256", "kid": "rsa"});
        let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA256, secret);
        let forged = token(&head, &claims(), |message| ring::hmac::sign(&key, message).as_ref().to_vec());
        assert_eq!(verifying.status(&forged).await, 401);
    }
    // A key for encryption, and one for another algorithm, sign nothing.
    for (name, value) in [("use", json!("enc")), ("alg", json!("RS512"))] {
        let verifying = Verifying::new("jwt", &[]);
        verifying.issuer.publish_raw(vec![with(&rsa.jwk(), name, value), json!("nonsense"), json!({"kty": "future"})]);
        assert_eq!(verifying.status(&rsa.sign(&rsa.head(), &claims())).await, 401, "{name}");
    }
    assert_eq!(verifying.status(&good).await, 303);
}

#[actix_web::test]
async fn keys_come_and_go() {
    let [old, new] = [signer("old", "ES256"), signer("new", "ES256")];
    let verifying = Verifying::new("jwt", &[&old]);
    let claims = with(&claims(), "exp", json!(NOW + 100_000));
    let [by_old, by_new] = [&old, &new].map(|signer| signer.sign(&signer.head(), &claims));
    assert_eq!((verifying.status(&by_old).await, verifying.issuer.keys_asked()), (303, 1));
    // Unknown keys are looked up once in ten seconds, whoever asks.
    for _ in 0..20 {
        assert_eq!(verifying.status(&by_new).await, 401);
    }
    assert_eq!(verifying.issuer.keys_asked(), 1);
    verifying.issuer.publish([&old, &new]);
    verifying.wait(10);
    assert_eq!((verifying.status(&by_new).await, verifying.issuer.keys_asked()), (303, 2));
    // The old one is withdrawn: noticed in ten minutes, without anybody waiting.
    verifying.issuer.publish([&new]);
    verifying.wait(600);
    assert_eq!(verifying.status(&by_old).await, 303);
    for _ in 0..500 {
        if verifying.status(&by_old).await == 401 {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(10)).await;
    }
    assert_eq!((verifying.status(&by_old).await, verifying.status(&by_new).await), (401, 303));
}

#[actix_web::test]
async fn keys_stay_while_the_issuer_is_away() {
    let [known, unknown] = [signer("known", "ES256"), signer("unknown", "ES256")];
    let verifying = Verifying::new("jwt", &[&known]);
    let claims = with(&claims(), "exp", json!(NOW + 1_000_000));
    let [by_known, by_unknown] = [&known, &unknown].map(|signer| signer.sign(&signer.head(), &claims));
    for manner in [Manner::Status(500), Manner::Text("<html>"), Manner::Text("{\"keys\":7}")] {
        verifying.issuer.behave(manner);
        // Nothing is known yet.
        assert_eq!(verifying.status(&by_known).await, 503);
        verifying.wait(1);
    }
    verifying.issuer.behave(Manner::Good);
    assert_eq!(verifying.status(&by_known).await, 303);
    verifying.issuer.behave(Manner::Status(500));
    for _ in 0..5 {
        verifying.wait(3600);
        assert_eq!(verifying.status(&by_known).await, 303);
    }
    assert_eq!(verifying.status(&by_unknown).await, 503);
}

#[actix_web::test]
async fn opaque_tokens_are_asked_about() {
    let signer = signer("k", "ES256");
    let verifying = Verifying::new("jwt,introspection", &[&signer]);
    let good = signer.sign(&signer.head(), &claims());
    assert_eq!((verifying.status(&good).await, verifying.issuer.asked()), (303, 0));
    // Whatever is wrong with a signed token, nobody else is asked.
    let untyped = signer.sign(&with(&signer.head(), "typ", json!("JWT")), &claims());
    let unsigned = token(&json!({"alg": "none", "typ": "at+jwt"}), &claims(), |_| Vec::new());
    for token in [&untyped, &unsigned] {
        verifying.issuer.grant(token, "creditors-superuser", "access");
        assert_eq!((verifying.status(token).await, verifying.issuer.asked()), (401, 0));
    }
    for (asked, token) in ["opaque", "ory_at_abc.def", "a.b.c"].into_iter().enumerate() {
        verifying.issuer.grant(token, "creditors-supervisor", "access.readonly");
        assert_eq!((verifying.status(token).await, verifying.issuer.asked()), (204, asked + 1));
    }
}
