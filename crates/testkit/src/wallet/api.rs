//! Requests and their answers.

use std::{sync::Arc, time::Duration};

use domain::CreditorId;
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde::de::DeserializeOwned;
use serde_json::Value;

use super::login::{Login, Tokens, Wanted};
use crate::{http, servers::Access};

/// After this long, an unanswered request has failed.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// What superusers ask for.
const OF_SUPERUSERS: Wanted<'static> = Wanted { scope: "access activate deactivate disable_pin", algorithm: None };
/// What wallets ask for.
const OF_WALLETS: Wanted<'static> = Wanted { scope: "access", algorithm: None };

/// The web API as one caller sees it.
#[derive(Clone, Debug)]
pub struct Api {
    http: Client,
    base: String,
    caller: Caller,
}

/// How requests tell who sends them (webapi §2, §13).
#[derive(Clone, Debug)]
enum Caller {
    /// By a header that the web server believes; a superuser needs none.
    Named(Option<String>),
    /// By a token of the authorization server at which somebody has logged in.
    Holding(Arc<Login>, Token),
}

/// Not shown.
#[derive(Clone)]
struct Token(String);

impl std::fmt::Debug for Token {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(..)")
    }
}

impl From<Tokens> for Token {
    fn from(tokens: Tokens) -> Self {
        Self(tokens.access_token)
    }
}

/// A request that was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is there, or nobody who can work at the moment. What became of the request is unknown.
    #[error("{0} got no answer")]
    Away(String, #[source] Option<reqwest::Error>),
    /// Nobody can log in.
    #[error("nobody can log in: {0:#}")]
    NoToken(anyhow::Error),
    /// A payment neither succeeds nor fails.
    #[error("{0} does not end")]
    Endless(String),
    /// It was refused, or the answer is not as it should be.
    #[error("{request} was answered {status}: {body}")]
    Refused {
        /// What was asked.
        request: String,
        /// HTTP status.
        status: StatusCode,
        /// What the answer said.
        body: String,
    },
}

/// A good answer: success, or a redirection to what exists already.
pub(super) struct Answer {
    request: String,
    status: StatusCode,
    body: String,
}

impl Api {
    /// As a superuser sees it, at a web server that trusts its callers.
    pub fn of_superuser(base: &str) -> Result<Self, reqwest::Error> {
        let http = http::builder().timeout(ANSWERED_WITHIN).redirect(redirect::Policy::none()).build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), caller: Caller::Named(None) })
    }

    /// As a superuser sees it who has logged in.
    pub async fn of_superuser_with_token(base: &str, authorization: &Access) -> anyhow::Result<Self> {
        let login = Login::new(authorization.clone())?;
        let token = login.of_superuser(OF_SUPERUSERS).await?;
        Ok(Self { caller: Caller::Holding(Arc::new(login), token.into()), ..Self::of_superuser(base)? })
    }

    /// As a creditor sees it, who logs in if callers need tokens.
    pub async fn of_creditor(&self, creditor_id: CreditorId) -> Result<Self, Error> {
        let caller = match &self.caller {
            Caller::Named(_) => Caller::Named(Some(format!("creditors:{}", creditor_id.unsigned()))),
            Caller::Holding(login, _) => {
                let token = login.of_creditor(creditor_id, OF_WALLETS).await.map_err(Error::NoToken)?;
                Caller::Holding(Arc::clone(login), token.into())
            }
        };
        Ok(Self { caller, ..self.clone() })
    }

    /// The API at another address.
    #[must_use]
    pub fn at(&self, base: &str) -> Self {
        Self { base: base.trim_end_matches('/').to_owned(), ..self.clone() }
    }

    pub(super) async fn get<T: DeserializeOwned>(&self, path: &str) -> Result<T, Error> {
        self.send(Method::GET, path, |request| request).await?.object()
    }

    pub(super) async fn post(&self, path: &str, body: &Value) -> Result<Answer, Error> {
        self.send(Method::POST, path, |request| request.json(body)).await
    }

    pub(super) async fn patch(&self, path: &str, body: &Value) -> Result<Answer, Error> {
        self.send(Method::PATCH, path, |request| request.json(body)).await
    }

    async fn send(
        &self,
        method: Method,
        path: &str,
        complete: impl FnOnce(RequestBuilder) -> RequestBuilder,
    ) -> Result<Answer, Error> {
        let name = format!("{method} {path}");
        let mut request = self.http.request(method, format!("{}{path}", self.base));
        match &self.caller {
            Caller::Named(None) => {}
            Caller::Named(Some(user)) => {
                request = request.header("X-Swpt-User-Id", user).header("X-Swpt-Require-Pin", "true");
            }
            Caller::Holding(_, Token(token)) => request = request.bearer_auth(token),
        }
        let response = match complete(request).send().await {
            Ok(response) => response,
            Err(error) => return Err(Error::Away(name, Some(error))),
        };
        let status = response.status();
        if matches!(status, StatusCode::BAD_GATEWAY | StatusCode::SERVICE_UNAVAILABLE | StatusCode::GATEWAY_TIMEOUT) {
            return Err(Error::Away(name, None));
        }
        match response.text().await {
            Ok(body) => Answer { request: name, status, body }.checked(),
            Err(error) => Err(Error::Away(name, Some(error))),
        }
    }
}

impl Error {
    /// Whether the same request may succeed later, when somebody is there again.
    pub const fn is_away(&self) -> bool {
        matches!(self, Self::Away(..))
    }
}

impl Answer {
    fn checked(self) -> Result<Self, Error> {
        if self.status.is_success() || self.status == StatusCode::SEE_OTHER { Ok(self) } else { Err(self.refused()) }
    }

    pub(super) fn object<T: DeserializeOwned>(self) -> Result<T, Error> {
        serde_json::from_str(&self.body).map_err(|error| {
            let body = format!("{error} in {}", self.body);
            Self { body, ..self }.refused()
        })
    }

    fn refused(self) -> Error {
        Error::Refused { request: self.request, status: self.status, body: self.body }
    }
}
