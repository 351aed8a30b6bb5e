//! Bearer tokens that the authorization server is asked about (RFC 7662; webapi §13).
//!
//! Design notes. A token's good answer is remembered for at most five minutes and never beyond the token's end, so a
//! revoked token dies within that time. Of the token itself only a digest is kept, and several requests with the same new
//! token ask once. Bad tokens are remembered for seconds only, apart from the good ones, so that nobody can drive out
//! the good ones with them. When the server cannot be asked, nobody gets in.

mod answer;
mod memory;

use std::{sync::Arc, time::Duration};

use reqwest::{
    Client, Method,
    header::{ACCEPT, CONTENT_TYPE, HeaderValue},
};
use runtime::{Clock, config};
use url::{Url, form_urlencoded};

use self::{
    answer::Answer,
    memory::{Digest, Memory},
};
use super::{
    Challenge, SubjectRules,
    authority::{Away, Endpoint, InvalidServer, Question},
    grant::Grant,
};

/// Asks the authorization server about tokens, and remembers what it said.
pub(super) struct Introspection {
    endpoint: Endpoint,
    memory: Memory,
    clock: Arc<dyn Clock>,
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum Rejection {
    /// Because of what it is.
    #[error("the token is not accepted: {0:?}")]
    Token(Challenge),
    /// Because the authorization server cannot be asked.
    #[error(transparent)]
    Away(#[from] Away),
}

impl Introspection {
    pub(super) fn new(
        url: &config::SecretUrl,
        settings: &config::Auth,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidServer> {
        let endpoint = Endpoint::new("OAUTH2_INTROSPECT_URL", url, settings.timeout)?;
        Ok(Self { endpoint, memory: Memory::new(settings.introspection_cache_max_cost), clock })
    }

    /// What the token allows.
    pub(super) async fn grant(&self, token: &str, rules: &SubjectRules) -> Result<Arc<Grant>, Arc<Rejection>> {
        let digest = Digest::of(token);
        self.memory.grant(digest, &*self.clock, || self.ask(token, rules)).await
    }

    async fn ask(&self, token: &str, rules: &SubjectRules) -> Result<Grant, Rejection> {
        let asked_at = self.clock.now();
        let form = form_urlencoded::Serializer::new(String::new()).append_pair("token", token).finish();
        let answer = self.endpoint.ask(|client, url| question(client, url, &form)).await;
        let outcome = match answer {
            Ok(body) => Answer::read(&body),
            // Some servers refuse to talk about tokens that they have signed: those are none to be asked about.
            Err(Away::Unsupported) => Ok(Answer::inactive()),
            Err(failure) => Err(failure),
        };
        metrics::counter!("creditors_token_introspections_total", "outcome" => label(&outcome)).increment(1);
        outcome?.grant(rules, asked_at)
    }
}

fn question(client: &Client, url: Url, form: &str) -> Question {
    client
        .request(Method::POST, url)
        .header(CONTENT_TYPE, HeaderValue::from_static("application/x-www-form-urlencoded"))
        .header(ACCEPT, HeaderValue::from_static("application/json"))
        // Some servers refuse to talk about tokens unless they believe that nobody can overhear.
        .header("X-Forwarded-Proto", HeaderValue::from_static("https"))
        .body(form.to_owned())
        .build()
}

fn label(outcome: &Result<Answer, Away>) -> &'static str {
    match outcome {
        Ok(answer) if answer.is_active() => "active",
        Ok(_) => "inactive",
        Err(_) => "failed",
    }
}

/// So long a good answer is believed.
const LIFETIME: Duration = Duration::from_mins(5);
