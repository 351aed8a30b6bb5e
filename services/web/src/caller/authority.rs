//! Conversations with the authorization server.

use std::{error::Error as _, sync::Arc, time::Duration};

use domain::Timestamp;
use reqwest::{Client, Request, Response, StatusCode, redirect};
use runtime::config::SecretUrl;
use rustls::{ClientConfig, RootCertStore, crypto::ring};
use serde::Deserialize;
use tokio::{sync::Semaphore, time::Instant};
use url::Url;

/// So many questions may be on their way to the server at a time; the others wait.
const AT_ONCE: usize = 32;

/// Idle connections are kept so long.
const KEEP_IDLE: Duration = Duration::from_secs(50);

/// Pauses before the question is asked again, after a server that is away, restarting, or overloaded.
const PAUSES: [Duration; 3] = [Duration::from_millis(50), Duration::from_millis(200), Duration::from_millis(500)];

/// No answer is longer.
const MAX_ANSWER: usize = 256 * 1024;

/// The authorization server gives no answer that can be used. Nothing of the question is told.
#[derive(Debug, thiserror::Error)]
pub(super) enum Away {
    /// It does not answer in time.
    #[error("the authorization server does not answer within {0:?}")]
    Slow(Duration),
    /// It cannot be asked, or breaks off.
    #[error("the authorization server is away: {0}")]
    Broken(String),
    /// It answers something else.
    #[error("the authorization server answers with status {0}")]
    Status(StatusCode),
    /// It does not talk about tokens of that kind (RFC 7009 §2.2.1).
    #[error("the authorization server does not talk about such tokens")]
    Unsupported,
    /// The answer makes no sense.
    #[error("the answer of the authorization server makes no sense: {0}")]
    Nonsense(&'static str),
}

/// The URL of the authorization server cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum InvalidServer {
    /// It is no `http` or `https` URL. It may hold a password, so it is not shown.
    #[error("{0} is not a URL with http or https")]
    Url(&'static str),
    /// There is no TLS.
    #[error("TLS cannot be set up")]
    Tls(#[source] rustls::Error),
    /// There is no client.
    #[error("the HTTP client cannot be set up")]
    Client(#[source] reqwest::Error),
}

/// Asks one endpoint of the authorization server, over connections that stay.
pub(super) struct Endpoint {
    client: Client,
    url: Url,
    slots: Semaphore,
    patience: Duration,
}

impl Endpoint {
    /// The endpoint with the URL that the variable tells, which may contain a user and a password.
    pub(super) fn new(variable: &'static str, url: &SecretUrl, patience: Duration) -> Result<Self, InvalidServer> {
        let url = Url::parse(url.expose()).or(Err(InvalidServer::Url(variable)))?;
        if !matches!(url.scheme(), "http" | "https") || !url.has_host() {
            return Err(InvalidServer::Url(variable));
        }
        let client = Client::builder()
            .tls_backend_preconfigured(tls().map_err(InvalidServer::Tls)?)
            .redirect(redirect::Policy::none())
            .no_proxy()
            .pool_idle_timeout(KEEP_IDLE)
            .connect_timeout(patience)
            .build()
            .map_err(InvalidServer::Client)?;
        Ok(Self { client, url, slots: Semaphore::new(AT_ONCE), patience })
    }

    /// The answer with status 200 to a question, which is asked again for a while if there is none.
    pub(super) async fn ask(&self, question: impl Fn(&Client, Url) -> Question) -> Result<Vec<u8>, Away> {
        let deadline = Instant::now() + self.patience;
        let slow = Away::Slow(self.patience);
        let Ok(Ok(_slot)) = tokio::time::timeout_at(deadline, self.slots.acquire()).await else { return Err(slow) };
        let mut pauses = PAUSES.into_iter();
        loop {
            let attempt = self.attempt(question(&self.client, self.url.clone()));
            let failure = match tokio::time::timeout_at(deadline, attempt).await {
                Err(_) => return Err(slow),
                Ok(Ok(answer)) => return Ok(answer),
                Ok(Err(failure)) => failure,
            };
            match pauses.next() {
                Some(pause) if failure.may_pass() && Instant::now() + pause < deadline => {
                    tokio::time::sleep(pause).await;
                }
                _ => return Err(failure),
            }
        }
    }

    async fn attempt(&self, question: Question) -> Result<Vec<u8>, Away> {
        let request = question.map_err(|error| broken(&error))?;
        let response = self.client.execute(request).await.map_err(|error| broken(&error))?;
        match response.status() {
            StatusCode::OK => body(response).await,
            StatusCode::BAD_REQUEST => Err(complaint(response).await),
            status => Err(Away::Status(status)),
        }
    }
}

/// A request that can be made, or not.
pub(super) type Question = reqwest::Result<Request>;

impl Away {
    fn may_pass(&self) -> bool {
        match self {
            Self::Broken(_) => true,
            Self::Status(status) => status.is_server_error() || *status == StatusCode::TOO_MANY_REQUESTS,
            Self::Slow(_) | Self::Unsupported | Self::Nonsense(_) => false,
        }
    }
}

async fn body(mut response: Response) -> Result<Vec<u8>, Away> {
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| broken(&error))? {
        body.extend_from_slice(&chunk);
        if body.len() > MAX_ANSWER {
            return Err(Away::Nonsense("it is too long"));
        }
    }
    Ok(body)
}

/// What is wrong with a question (RFC 6749 §5.2).
#[derive(Deserialize)]
struct Complaint {
    error: String,
}

async fn complaint(response: Response) -> Away {
    let body = body(response).await.unwrap_or_default();
    match serde_json::from_slice::<Complaint>(&body) {
        Ok(Complaint { error }) if error == "unsupported_token_type" => Away::Unsupported,
        _ => Away::Status(StatusCode::BAD_REQUEST),
    }
}

/// What reqwest says of itself names the URL; the causes do not.
fn broken(error: &reqwest::Error) -> Away {
    let mut cause = error.source();
    let mut text = if error.is_timeout() { "timeout" } else { "no connection, or a broken one" }.to_owned();
    while let Some(inner) = cause {
        text = format!("{text}: {inner}");
        cause = inner.source();
    }
    Away::Broken(text)
}

/// Trusts whom the system trusts, or Mozilla's list where the system has none, as in a minimal image.
fn tls() -> Result<ClientConfig, rustls::Error> {
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    if roots.is_empty() {
        roots.extend(webpki_roots::TLS_SERVER_ROOTS.iter().cloned());
    }
    let builder = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()));
    Ok(builder.with_safe_default_protocol_versions()?.with_root_certificates(roots).with_no_client_auth())
}

/// The moment that a token names, in seconds, perhaps with a fraction, since 1970. Moments that cannot be expressed are
/// very late, or long ago.
pub(super) fn moment(seconds: f64) -> Timestamp {
    let out_of_range = if seconds < 0.0 { Timestamp::MIN_UTC } else { Timestamp::MAX_UTC };
    #[expect(clippy::cast_possible_truncation, reason = "casts of floating point numbers saturate, and NaN is 0")]
    Timestamp::from_timestamp(seconds.floor() as i64, 0).unwrap_or(out_of_range)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments() {
        assert_eq!(moment(1_700_000_000.0).timestamp(), 1_700_000_000);
        assert_eq!(moment(1_700_000_000.9).timestamp(), 1_700_000_000);
        assert_eq!(moment(1e300), Timestamp::MAX_UTC);
        assert_eq!(moment(-1e300), Timestamp::MIN_UTC);
        assert_eq!(moment(f64::NAN).timestamp(), 0);
    }

    #[test]
    fn urls() {
        let endpoint = |url| Endpoint::new("URL", &SecretUrl::new(url), Duration::from_secs(1));
        for good in ["http://localhost", "https://user:hush@[::1]:4445/introspect?x=y"] {
            assert!(endpoint(good).is_ok(), "{good}");
        }
        for bad in ["", "localhost:4445", "ftp://hush@localhost", "//localhost", "http://", "u:hush@localhost"] {
            let error = endpoint(bad).err().unwrap();
            assert_eq!(error.to_string(), "URL is not a URL with http or https", "{bad}");
        }
    }
}
