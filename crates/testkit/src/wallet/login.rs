//! Tokens, as administrators and wallet apps get them from an authorization server (RFC 6749, with PKCE: RFC 7636).

mod browser;

use std::collections::HashMap;

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::CreditorId;
use reqwest::{Client, RequestBuilder, redirect};
use serde::Deserialize;
use url::{Url, form_urlencoded};

use self::browser::Browser;
use crate::{http, random, servers::Access};

/// The client that people's wallets are.
const WALLET: &str = "wallet";

/// Somebody who gets tokens from an authorization server.
#[derive(Clone, Debug)]
pub struct Login {
    http: Client,
    access: Access,
}

/// What kind of token is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Wanted<'a> {
    /// The scopes, with blanks between them.
    pub scope: &'a str,
    /// How the token is to be signed; opaque ones if `None`.
    pub algorithm: Option<&'a str>,
}

/// What the authorization server gives.
#[derive(Clone, Deserialize)]
pub struct Tokens {
    /// For the web API.
    pub access_token: String,
    /// For new tokens.
    pub refresh_token: Option<String>,
    /// What was granted.
    pub scope: String,
}

impl Login {
    /// At this authorization server.
    pub fn new(access: Access) -> Result<Self> {
        let http = http::builder().redirect(redirect::Policy::none()).build()?;
        Ok(Self { http, access })
    }

    /// A token of the client `creditors-superuser`.
    pub async fn of_superuser(&self, wanted: Wanted<'_>) -> Result<Tokens> {
        self.of_client("creditors-superuser", &self.access.superuser_secret, wanted).await
    }

    /// A token of the client `creditors-supervisor`.
    pub async fn of_supervisor(&self, wanted: Wanted<'_>) -> Result<Tokens> {
        self.of_client("creditors-supervisor", &self.access.supervisor_secret, wanted).await
    }

    async fn of_client(&self, id: &str, secret: &str, wanted: Wanted<'_>) -> Result<Tokens> {
        let resource = wanted.resource();
        let form: [(&str, &str); 3] =
            [("grant_type", "client_credentials"), ("scope", wanted.scope), ("resource", &resource)];
        self.tokens(self.post(&self.access.token_url(), &form).basic_auth(id, Some(secret))).await
    }

    /// Tokens of a wallet in which the creditor has logged in.
    pub async fn of_creditor(&self, creditor_id: CreditorId, wanted: Wanted<'_>) -> Result<Tokens> {
        // 43 characters at least.
        let verifier = random::password() + &random::password();
        let code = self.code(creditor_id, wanted, &challenge(&verifier)).await?;
        let form: [(&str, &str); 5] = [
            ("grant_type", "authorization_code"),
            ("client_id", WALLET),
            ("redirect_uri", &self.access.wallet_redirect),
            ("code", &code),
            ("code_verifier", &verifier),
        ];
        self.tokens(self.post(&self.access.token_url(), &form)).await
    }

    /// New tokens for a wallet's old ones.
    pub async fn refresh(&self, tokens: &Tokens) -> Result<Tokens> {
        let token = tokens.refresh_token.as_deref().context("there is no refresh token")?;
        let form = [("grant_type", "refresh_token"), ("client_id", WALLET), ("refresh_token", token)];
        self.tokens(self.post(&self.access.token_url(), &form)).await
    }

    /// Gives a wallet's access token back.
    pub async fn revoke(&self, tokens: &Tokens) -> Result<()> {
        let form: [(&str, &str); 2] = [("client_id", WALLET), ("token", &tokens.access_token)];
        let answer = self.post(&self.access.revocation_url(), &form).send().await?;
        answer.error_for_status().map(drop).context("a token cannot be revoked")
    }

    /// Logs in as a person does, and returns the code that the wallet is sent back with.
    async fn code(&self, creditor_id: CreditorId, wanted: Wanted<'_>, challenge: &str) -> Result<String> {
        let state = random::password();
        let resource = wanted.resource();
        let query: [(&str, &str); 8] = [
            ("response_type", "code"),
            ("client_id", WALLET),
            ("redirect_uri", &self.access.wallet_redirect),
            ("scope", wanted.scope),
            ("resource", &resource),
            ("state", &state),
            ("code_challenge", challenge),
            ("code_challenge_method", "S256"),
        ];
        let mut browser = Browser::new(&self.http);
        let start = Url::parse_with_params(&self.access.authorization_url(), query)?;
        let page = browser.follow(start).await?;
        let name = format!("creditors:{}", creditor_id.unsigned());
        let form: [(&str, &str); 2] = [("name", &name), ("password", &self.access.password)];
        let end = browser.submit(page, &encode(&form)).await?;
        let sent: HashMap<_, _> = end.query_pairs().into_owned().collect();
        if !end.as_str().starts_with(&self.access.wallet_redirect) || sent.get("state") != Some(&state) {
            bail!("{name} was not logged in, but ended at {}", end.path());
        }
        sent.get("code").cloned().with_context(|| format!("{name} was not logged in: {:?}", sent.get("error")))
    }

    fn post(&self, url: &str, form: &[(&str, &str)]) -> RequestBuilder {
        browser::posted(&self.http, url, encode(form))
    }

    async fn tokens(&self, request: RequestBuilder) -> Result<Tokens> {
        let answer = request.send().await.context("the authorization server is away")?;
        let status = answer.status();
        let body = answer.text().await?;
        if !status.is_success() {
            bail!("the authorization server gives no token, but {status}: {body}");
        }
        serde_json::from_str(&body).context("the authorization server gives something that is no token")
    }
}

impl Wanted<'_> {
    fn resource(&self) -> String {
        let suffix = self.algorithm.map(|name| format!(":{name}")).unwrap_or_default();
        format!("urn:creditors-agent{suffix}")
    }
}

fn challenge(verifier: &str) -> String {
    URL_SAFE_NO_PAD.encode(ring::digest::digest(&ring::digest::SHA256, verifier.as_bytes()))
}

fn encode(form: &[(&str, &str)]) -> String {
    form_urlencoded::Serializer::new(String::new()).extend_pairs(form).finish()
}
