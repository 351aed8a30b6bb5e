//! What every request needs.

use std::sync::Arc;

use actix_web::{
    HttpRequest,
    web::{Bytes, Data},
};
use domain::{Shard, pin::Secret, usage::Limits};
use persistence::Db;
use procedures::client::{Client, Policy, Proof};
use runtime::{
    Clock, Random, Stop,
    config::{self, Settings},
};

use crate::{
    ApiError,
    caller::{Auth, AuthError},
    feed::Feed,
    openapi,
    patience::Patience,
};

/// What every request needs. Handlers get it as [`Data<State>`].
pub struct State {
    /// What the operator has chosen.
    pub settings: Settings,
    /// The creditors this shard is responsible for.
    pub shard: Shard,
    /// What the operator has chosen about clients' write requests.
    pub policy: Policy,
    /// How callers are recognized.
    pub auth: Auth,
    /// The database.
    pub db: Db,
    /// What time it is.
    pub clock: Arc<dyn Clock>,
    /// Where randomness comes from.
    pub random: Arc<dyn Random>,
    /// The OpenAPI document.
    pub openapi: Bytes,
    /// Who follows a log.
    pub feed: Feed,
    /// How long others may let us wait.
    pub patience: Patience,
}

/// The settings do not make a web server.
#[derive(Debug, thiserror::Error)]
pub enum StateError {
    /// The sharding realm is malformed.
    #[error("PROTOCOL_BROKER_QUEUE_ROUTING_KEY is malformed")]
    Realm(#[from] domain::sharding::InvalidRoutingKey),
    /// Callers cannot be recognized as configured.
    #[error("callers cannot be recognized")]
    Auth(#[from] AuthError),
    /// The OpenAPI document could not be made.
    #[error("the OpenAPI document could not be made")]
    OpenApi(#[from] serde_json::Error),
}

impl State {
    /// Prepares everything.
    pub fn new(settings: Settings, db: Db, clock: Arc<dyn Clock>, random: Arc<dyn Random>) -> Result<Self, StateError> {
        let shard = &settings.shard;
        let shard = Shard::parse(shard.min_creditor_id, shard.max_creditor_id, &shard.routing_key)?;
        let policy = policy(&settings.policy);
        let auth = Auth::new(&settings.auth, Arc::clone(&clock))?;
        let document = openapi::document(&settings.web)?;
        let openapi = Bytes::from(serde_json::to_vec(&document)?);
        let (feed, patience) = (Feed::new(Stop::new()), Patience::default());
        Ok(Self { settings, shard, policy, auth, db, clock, random, openapi, feed, patience })
    }

    /// A write request that proves this, and that has come just now.
    pub(crate) fn client<'a>(&'a self, proof: Proof<'a>) -> Client<'a> {
        Client { policy: &self.policy, proof, now: self.clock.now() }
    }

    /// The state of the application that serves the request.
    pub(crate) fn of(request: &HttpRequest) -> Result<&Data<Self>, ApiError> {
        request.app_data::<Data<Self>>().ok_or_else(|| ApiError::internal("the application has no state"))
    }
}

fn pin_secret(settings: &config::Policy) -> Secret {
    let secret = Secret::new(settings.pin_protection_secret.expose());
    match &settings.previous_pin_protection_secret {
        Some(previous) => secret.replacing(previous.expose()),
        None => secret,
    }
}

fn policy(settings: &config::Policy) -> Policy {
    Policy {
        limits: Limits {
            accounts: settings.max_creditor_accounts.into(),
            transfers: settings.max_creditor_transfers.into(),
            reconfigs: settings.max_creditor_reconfigs.into(),
            initiations: settings.max_creditor_initiations.into(),
        },
        clear_hours: settings.dos_stats_clear_hours,
        pin_secret: pin_secret(settings),
        pin_failures_reset: settings.pin_failures_reset,
    }
}
