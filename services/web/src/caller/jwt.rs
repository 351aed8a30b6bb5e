//! Bearer tokens that are signed, and verified here (RFC 9068; webapi §13).
//!
//! Design notes. What a token says of itself decides nothing: the algorithm must be one of a fixed list of asymmetric ones
//! and fit the key, keys come from one place only, and a token that asks for anything we do not know (`crit`) is
//! refused. Times are compared here, because the library reads the system's clock. No result is remembered:
//! verifying costs less than a tenth of a millisecond, and so a withdrawn key ends its tokens.

mod crypto;
mod keys;

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use jsonwebtoken::{Header, Validation};
use runtime::{Clock, config};
use serde::Deserialize;
use serde_json::{Map, Value};

use self::keys::Keys;
use super::{
    Challenge, SubjectRules,
    authority::{Away, InvalidServer, moment},
    grant::{Grant, Identity, ScopeList},
};

/// So far the authorization server's clock may be ahead of ours.
const CLOCK_SKEW: TimeDelta = TimeDelta::seconds(30);

/// Verifies signed tokens.
pub(super) struct Jwt {
    keys: Arc<Keys>,
    issuer: String,
    audience: String,
    clock: Arc<dyn Clock>,
}

/// Why a token is not accepted.
#[derive(Debug, thiserror::Error)]
pub(super) enum Rejection {
    /// Because of what it is.
    #[error("the token is not accepted")]
    Token,
    /// Because the keys cannot be had.
    #[error(transparent)]
    Away(#[from] Arc<Away>),
}

/// What must be in an access token. Members of other types make the token a bad one.
#[derive(Debug, Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    sub: String,
    exp: f64,
    nbf: Option<f64>,
    client_id: Option<String>,
    scope: Option<ScopeList>,
}

#[derive(Debug, Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

impl Audience {
    fn contains(&self, name: &str) -> bool {
        match self {
            Self::One(one) => one == name,
            Self::Many(many) => many.iter().any(|one| one == name),
        }
    }
}

impl Jwt {
    pub(super) fn new(
        jwks_url: &config::SecretUrl,
        settings: &config::Auth,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, InvalidServer> {
        crypto::install();
        Ok(Self {
            keys: Arc::new(Keys::new(jwks_url, settings.timeout, Arc::clone(&clock))?),
            issuer: settings.jwt.issuer.clone().unwrap_or_default(),
            audience: settings.jwt.audience.clone().unwrap_or_default(),
            clock,
        })
    }

    /// What the token allows.
    pub(super) async fn grant(&self, token: &str, rules: &SubjectRules) -> Result<Grant, Rejection> {
        let header = jsonwebtoken::decode_header(token).or(Err(Rejection::Token))?;
        if !is_access_token(&header) {
            return Err(Rejection::Token);
        }
        let key = self.keys.find(header.kid.as_deref(), header.alg).await?.ok_or(Rejection::Token)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key.decoding_key(), &signature_only(&header));
        self.judge(claims.or(Err(Rejection::Token))?.claims, rules).ok_or(Rejection::Token)
    }

    fn judge(&self, claims: Claims, rules: &SubjectRules) -> Option<Grant> {
        let now = self.clock.now();
        let is_too_early = claims.nbf.is_some_and(|nbf| moment(nbf) > now + CLOCK_SKEW);
        let is_for_us = claims.iss == self.issuer && claims.aud.contains(&self.audience) && !claims.sub.is_empty();
        if !is_for_us || is_too_early {
            return None;
        }
        let identity = Identity { subject: Some(claims.sub.into()), client: claims.client_id.map(Into::into) };
        let grant = Grant::new(rules, identity, claims.scope.as_ref(), Some(moment(claims.exp)));
        (!grant.is_expired(now)).then_some(grant)
    }
}

/// Whether the token looks like a signed one: three parts, of which the first one is a JSON object. Everything else is
/// opaque.
pub(super) fn is_signed(token: &str) -> bool {
    let mut parts = token.split('.');
    let (Some(head), Some(_), Some(_), None) = (parts.next(), parts.next(), parts.next(), parts.next()) else {
        return false;
    };
    let head = URL_SAFE_NO_PAD.decode(head.trim_end_matches('='));
    head.is_ok_and(|head| serde_json::from_slice::<Map<String, Value>>(&head).is_ok())
}

/// RFC 9068 §4: other kinds of signed tokens, ID tokens above all, are no access tokens.
fn is_access_token(header: &Header) -> bool {
    let typ = header.typ.as_deref().map(str::to_ascii_lowercase);
    matches!(typ.as_deref(), Some("at+jwt" | "application/at+jwt")) && header.crit.is_none()
}

/// The key has already been chosen to fit the algorithm, and the claims are judged here.
fn signature_only(header: &Header) -> Validation {
    let mut validation = Validation::new(header.alg);
    validation.required_spec_claims.clear();
    validation.validate_exp = false;
    validation.validate_aud = false;
    validation
}

impl From<Rejection> for crate::ApiError {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Token => Challenge::InvalidToken.into(),
            Rejection::Away(away) => Self::Unavailable(away.into()),
        }
    }
}
