//! The issuer's keys, as it publishes them (RFC 7517).

use std::{
    fmt,
    sync::{Arc, PoisonError, RwLock},
    time::Duration,
};

use chrono::TimeDelta;
use domain::Timestamp;
use jsonwebtoken::{
    Algorithm, DecodingKey,
    jwk::{AlgorithmParameters, EllipticCurve, Jwk, PublicKeyUse},
};
use reqwest::{Client, Method};
use runtime::{Clock, config::SecretUrl, tasks};
use serde::Deserialize;
use serde_json::Value;
use tokio::sync::Mutex;
use url::Url;

use super::crypto;
use crate::caller::authority::{Away, Endpoint, InvalidServer, Question};

/// After that time, keys are looked up again, while the old ones still serve.
const FRESH: TimeDelta = TimeDelta::minutes(10);

/// So long at least the issuer is left in peace, however many unknown keys are named.
const PAUSE: TimeDelta = TimeDelta::seconds(10);

/// The same after a failure.
const PAUSE_AFTER_FAILURE: TimeDelta = TimeDelta::seconds(1);

/// No name of a key is longer.
const MAX_NAME: usize = 256;

/// The keys, which are looked up when they are needed, and kept while the issuer is away.
pub(super) struct Keys {
    endpoint: Endpoint,
    clock: Arc<dyn Clock>,
    known: RwLock<Known>,
    /// Who has it looks the keys up; the others wait for the result.
    turn: Mutex<()>,
}

/// What is known of the keys.
#[derive(Clone, Default)]
struct Known {
    keys: Arc<[Key]>,
    /// When somebody began to look them up last.
    tried_at: Option<Timestamp>,
    /// Why that did not succeed.
    failure: Option<Arc<Away>>,
}

/// A key.
#[derive(Clone)]
pub(super) struct Key {
    name: Option<String>,
    algorithms: Vec<Algorithm>,
    decoding: Arc<DecodingKey>,
}

impl Key {
    /// For the library.
    pub(super) fn decoding_key(&self) -> &DecodingKey {
        &self.decoding
    }

    /// A key that can be used. Others may be published, for other purposes.
    fn new(jwk: &Jwk) -> Option<Self> {
        let is_for_signatures = matches!(jwk.common.public_key_use, None | Some(PublicKeyUse::Signature));
        let suitable: &[Algorithm] = match &jwk.algorithm {
            AlgorithmParameters::RSA(_) => &[
                Algorithm::RS256,
                Algorithm::RS384,
                Algorithm::RS512,
                Algorithm::PS256,
                Algorithm::PS384,
                Algorithm::PS512,
            ],
            AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P256 => &[Algorithm::ES256],
            AlgorithmParameters::EllipticCurve(curve) if curve.curve == EllipticCurve::P384 => &[Algorithm::ES384],
            AlgorithmParameters::OctetKeyPair(curve) if curve.curve == EllipticCurve::Ed25519 => &[Algorithm::EdDSA],
            _ => &[],
        };
        let named = jwk.common.key_algorithm.map(|algorithm| algorithm.to_string());
        let is_named = |algorithm: &Algorithm| named.as_ref().is_none_or(|name| *name == format!("{algorithm:?}"));
        let algorithms: Vec<_> = suitable.iter().copied().filter(is_named).collect();
        let decoding = Arc::new(DecodingKey::from_jwk(jwk).ok()?);
        let is_usable = is_for_signatures
            && !algorithms.is_empty()
            && algorithms.iter().all(|algorithm| crypto::family(*algorithm) == Some(decoding.family()));
        is_usable.then(|| Self { name: jwk.common.key_id.clone(), algorithms, decoding })
    }
}

impl Keys {
    pub(super) fn new(url: &SecretUrl, patience: Duration, clock: Arc<dyn Clock>) -> Result<Self, InvalidServer> {
        let endpoint = Endpoint::new("APP_JWT_JWKS_URL", url, patience)?;
        Ok(Self { endpoint, clock, known: RwLock::default(), turn: Mutex::new(()) })
    }

    /// The key with that name, for that algorithm; `None` if the issuer has no such key. A token that names no key can
    /// only be signed with the only key that fits.
    ///
    /// Fails if the issuer could not be asked about a key that is not known.
    pub(super) async fn find(
        self: &Arc<Self>,
        name: Option<&str>,
        algorithm: Algorithm,
    ) -> Result<Option<Key>, Arc<Away>> {
        if crypto::family(algorithm).is_none() || name.is_some_and(|name| name.len() > MAX_NAME) {
            return Ok(None);
        }
        let known = self.known();
        if let Some(key) = known.find(name, algorithm) {
            if known.is_due(FRESH, self.clock.now()) {
                self.refresh_meanwhile();
            }
            return Ok(Some(key));
        }
        let known = self.refresh(PAUSE).await;
        match (known.find(name, algorithm), known.failure) {
            (Some(key), _) => Ok(Some(key)),
            (None, None) => Ok(None),
            (None, Some(failure)) => Err(failure),
        }
    }

    fn known(&self) -> Known {
        self.known.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn refresh_meanwhile(self: &Arc<Self>) {
        let keys = Arc::clone(self);
        tasks::spawn("signing keys", async move {
            keys.refresh(FRESH).await;
        });
    }

    /// Looks the keys up, unless that was tried less than `pause` ago.
    async fn refresh(&self, pause: TimeDelta) -> Known {
        let _turn = self.turn.lock().await;
        let known = self.known();
        let now = self.clock.now();
        if !known.is_due(pause, now) {
            return known;
        }
        let answer = self.endpoint.ask(question).await;
        let (keys, failure) = match answer.and_then(|body| read(&body)) {
            Ok(keys) => (keys, None),
            Err(failure) => {
                tracing::warn!(
                    error = &failure as &dyn std::error::Error,
                    "The keys of the token issuer cannot be looked up; {} known ones stay in use.",
                    known.keys.len()
                );
                (known.keys, Some(Arc::new(failure)))
            }
        };
        let known = Known { keys, tried_at: Some(now), failure };
        self.known.write().unwrap_or_else(PoisonError::into_inner).clone_from(&known);
        known
    }
}

impl Known {
    fn find(&self, name: Option<&str>, algorithm: Algorithm) -> Option<Key> {
        let mut fitting = self.keys.iter().filter(|key| key.algorithms.contains(&algorithm));
        match name {
            Some(name) => fitting.find(|key| key.name.as_deref() == Some(name)).cloned(),
            None => fitting.next().filter(|_| fitting.next().is_none()).cloned(),
        }
    }

    /// Whether nobody has tried for so long. A clock that was set back does not matter.
    fn is_due(&self, pause: TimeDelta, now: Timestamp) -> bool {
        let pause = if self.failure.is_some() { PAUSE_AFTER_FAILURE } else { pause };
        self.tried_at.is_none_or(|tried_at| now < tried_at || now - tried_at >= pause)
    }
}

fn question(client: &Client, url: Url) -> Question {
    client.request(Method::GET, url).build()
}

/// A key that nobody understands must not make the others useless, so each is read by itself.
#[derive(Deserialize)]
struct Published {
    keys: Vec<Value>,
}

fn read(body: &[u8]) -> Result<Arc<[Key]>, Away> {
    let published: Published = serde_json::from_slice(body).or(Err(Away::Nonsense("it is not a set of keys")))?;
    let read_one = |value| serde_json::from_value::<Jwk>(value).ok().and_then(|jwk| Key::new(&jwk));
    Ok(published.keys.into_iter().filter_map(read_one).collect())
}

impl fmt::Debug for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Key({:?})", self.name)
    }
}
