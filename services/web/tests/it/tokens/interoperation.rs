//! A real authorization server, with all the ways to get a token from it.

use std::{
    fs,
    path::{Path, PathBuf},
};

use domain::CreditorId;
use serde_json::{Value, json};
use testkit::{
    ports,
    servers::{Access, AuthorizationServer, Manner},
    wallet::{Login, Tokens, Wanted},
};

use crate::{
    app::{Answer, JSON, Web},
    world::{C, World},
};

const OWN: &str = "/creditors/4294967296";
const OTHER: &str = "/creditors/4294967297";

/// The server, somebody who gets tokens from it, and the database of the web servers that are tested.
struct Real {
    login: Login,
    access: Access,
    world: World,
    directory: PathBuf,
    _server: AuthorizationServer,
}

impl Real {
    async fn start() -> Self {
        let [port] = ports::free().unwrap();
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("authorization-{port}"));
        fs::create_dir_all(&directory).unwrap();
        let server = AuthorizationServer::start(&directory, "http://127.0.0.1:8080", Manner::TESTS).await.unwrap();
        let access = server.access().clone();
        let login = Login::new(access.clone()).unwrap();
        Self { login, access, world: World::new().await, directory, _server: server }
    }

    fn web(&self, mode: &str) -> Web {
        self.world.again(&[
            ("APP_AUTH_MODE", mode),
            ("OAUTH2_INTROSPECT_URL", &self.access.introspection_url()),
            ("APP_JWT_JWKS_URL", &self.access.keys_url()),
            ("APP_JWT_ISSUER", &self.access.url),
            ("APP_JWT_AUDIENCE", "urn:creditors-agent"),
        ])
    }

    async fn of_creditor(&self, wanted: Wanted<'_>) -> Tokens {
        self.login.of_creditor(C, wanted).await.unwrap()
    }
}

impl Drop for Real {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.directory);
    }
}

const fn opaque(scope: &str) -> Wanted<'_> {
    Wanted { scope, algorithm: None }
}

async fn send(web: &Web, token: &str, method: &str, path: &str, body: &Value) -> Answer {
    let authorization = format!("Bearer {token}");
    let headers = [("Authorization", authorization.as_str()), JSON];
    let body = if body.is_null() { String::new() } else { body.to_string() };
    web.send_body(method, path, &headers, body.as_bytes()).await
}

async fn status(web: &Web, tokens: &Tokens, method: &str, path: &str, body: Value) -> u16 {
    send(web, &tokens.access_token, method, path, &body).await.status
}

async fn get(web: &Web, tokens: &Tokens, path: &str) -> u16 {
    status(web, tokens, "GET", path, Value::Null).await
}

/// What administrators and a creditor may do with these tokens.
async fn check_rights(web: &Web, superuser: &Tokens, supervisor: &Tokens, own: &Tokens, reader: &Tokens) {
    let lists = [superuser, supervisor, own, reader];
    let mut seen = vec![];
    for tokens in lists {
        seen.push((
            get(web, tokens, "/creditors/.list").await,
            get(web, tokens, &format!("{OWN}/wallet")).await,
            status(web, tokens, "POST", &format!("{OWN}/account-lookup"), json!({"uri": "swpt:1/a"})).await,
            status(web, tokens, "POST", &format!("{OWN}/accounts/"), json!({"uri": "swpt:1"})).await,
        ));
    }
    // The account exists from the first one on.
    assert_eq!(seen, [(200, 200, 200, 201), (200, 200, 403, 403), (403, 200, 200, 303), (403, 200, 200, 403)]);
    for tokens in [supervisor, own, reader] {
        assert_eq!(status(web, tokens, "POST", &format!("{OWN}/deactivate"), json!({})).await, 403);
    }
}

#[actix_web::test]
async fn opaque_tokens() {
    let real = Real::start().await;
    let web = real.web("introspection");
    let superuser = real.login.of_superuser(opaque("access activate deactivate")).await.unwrap();
    let supervisor = real.login.of_supervisor(opaque("access.readonly activate")).await.unwrap();
    assert!(real.login.of_supervisor(opaque("access")).await.is_err(), "supervisors only read");
    assert_eq!(status(&web, &supervisor, "POST", &format!("{OTHER}/activate"), json!({})).await, 200);
    assert_eq!(status(&web, &superuser, "POST", &format!("{OTHER}/deactivate"), json!({})).await, 204);

    let own = real.of_creditor(opaque("access")).await;
    assert_eq!(own.scope, "access");
    assert_eq!(get(&web, &own, &format!("{OTHER}/wallet")).await, 403);
    let wallet = send(&web, &own.access_token, "GET", "/creditors/.wallet", &Value::Null).await;
    assert_eq!(
        (wallet.status, wallet.header("location")),
        (303, Some("http://example.com/creditors/4294967296/wallet"))
    );
    assert!(real.login.of_creditor(C, opaque("activate")).await.is_err(), "wallets cannot ask for more");

    // The scope `disable_pin` is PIN reset mode, and nothing else is.
    let pin = |id: i64| json!({"status": "on", "newPin": "1234", "latestUpdateId": id});
    assert_eq!(status(&web, &own, "PATCH", &format!("{OWN}/pin"), pin(2)).await, 200);
    assert_eq!(status(&web, &own, "PATCH", &format!("{OWN}/pin"), pin(3)).await, 403);
    let resetter = real.of_creditor(opaque("access disable_pin")).await;
    assert_eq!(status(&web, &resetter, "PATCH", &format!("{OWN}/pin"), pin(3)).await, 200);

    let renewed = real.login.refresh(&own).await.unwrap();
    assert_ne!(renewed.access_token, own.access_token);
    assert_eq!(get(&web, &renewed, &format!("{OWN}/wallet")).await, 200);
    let refresh = renewed.refresh_token.clone().unwrap();
    assert_eq!(send(&web, &refresh, "GET", &format!("{OWN}/wallet"), &Value::Null).await.status, 401);
    real.login.revoke(&renewed).await.unwrap();
    assert_eq!(get(&real.web("introspection"), &renewed, &format!("{OWN}/wallet")).await, 401);
    // It may be known somewhere for five minutes.
    assert_eq!(get(&web, &renewed, &format!("{OWN}/wallet")).await, 200);

    let own = real.of_creditor(opaque("access")).await;
    let reader = real.of_creditor(opaque("access.readonly")).await;
    check_rights(&web, &superuser, &supervisor, &own, &reader).await;
    // The server does not talk about tokens that it has signed.
    let signed = real.of_creditor(Wanted { scope: "access", algorithm: Some("ES256") }).await;
    assert_eq!(get(&web, &signed, &format!("{OWN}/wallet")).await, 401);
}

#[actix_web::test]
async fn signed_tokens() {
    let real = Real::start().await;
    let (web, both) = (real.web("jwt"), real.web("jwt,introspection"));
    let wanted = |scope, algorithm| Wanted { scope, algorithm: Some(algorithm) };
    for algorithm in ["RS256", "PS256", "ES256", "ES384", "EdDSA"] {
        let tokens = real.login.of_superuser(wanted("access", algorithm)).await.unwrap();
        assert_eq!(get(&web, &tokens, "/creditors/.list").await, 200, "{algorithm}");
        // One letter of the signature less, and one other.
        let token = &tokens.access_token;
        let (head, tail) = token.split_at(token.rfind('.').unwrap() + 3);
        let other = if tail.starts_with('A') { "B" } else { "A" };
        for changed in [token[..token.len() - 1].to_owned(), format!("{head}{other}{}", &tail[1..])] {
            let answer = send(&web, &changed, "GET", "/creditors/.list", &Value::Null).await;
            assert_eq!(answer.status, 401, "{algorithm}");
        }
    }
    let superuser = real.login.of_superuser(wanted("access activate deactivate", "RS256")).await.unwrap();
    let supervisor = real.login.of_supervisor(wanted("access.readonly activate", "PS256")).await.unwrap();
    let own = real.of_creditor(wanted("access", "ES256")).await;
    let reader = real.of_creditor(wanted("access.readonly", "EdDSA")).await;
    check_rights(&both, &superuser, &supervisor, &own, &reader).await;
    let renewed = real.login.refresh(&own).await.unwrap();
    let opaque = real.of_creditor(opaque("access")).await;
    let path = format!("{OWN}/wallet");
    assert_eq!((get(&web, &renewed, &path).await, get(&both, &renewed, &path).await), (200, 200));
    assert_eq!((get(&web, &opaque, &path).await, get(&both, &opaque, &path).await), (401, 200));
    let other = real.login.of_creditor(CreditorId::new(C.get() + 1), wanted("access", "RS256")).await.unwrap();
    assert_eq!(get(&web, &other, &path).await, 403);
}
