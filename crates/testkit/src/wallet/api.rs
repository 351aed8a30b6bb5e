//! Requests and their answers.

use std::time::Duration;

use crate::http;
use domain::CreditorId;
use reqwest::{Client, Method, RequestBuilder, StatusCode, redirect};
use serde::de::DeserializeOwned;
use serde_json::Value;

/// After this long, an unanswered request has failed.
const ANSWERED_WITHIN: Duration = Duration::from_secs(5);

/// The API of a web server that trusts its callers' headers (webapi §2), as one caller sees it.
#[derive(Clone, Debug)]
pub struct Api {
    http: Client,
    base: String,
    user: Option<String>,
}

/// A request that was not carried out.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Nobody is there, or nobody who can work at the moment. What became of the request is unknown.
    #[error("{0} got no answer")]
    Away(String, #[source] Option<reqwest::Error>),
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
    /// As a superuser sees it.
    pub fn of_superuser(base: &str) -> Result<Self, reqwest::Error> {
        let http = http::builder().timeout(ANSWERED_WITHIN).redirect(redirect::Policy::none()).build()?;
        Ok(Self { http, base: base.trim_end_matches('/').to_owned(), user: None })
    }

    /// As a creditor sees it.
    #[must_use]
    pub fn of_creditor(&self, creditor_id: CreditorId) -> Self {
        Self { user: Some(format!("creditors:{}", creditor_id.unsigned())), ..self.clone() }
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
        if let Some(user) = &self.user {
            request = request.header("X-Swpt-User-Id", user).header("X-Swpt-Require-Pin", "true");
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
