//! What the authorization server says about a token (RFC 7662 §2.2).

use domain::Timestamp;
use serde::Deserialize;

use super::Rejection;
use crate::caller::{
    Challenge, SubjectRules,
    authority::{Away, moment},
    grant::{Grant, Identity, ScopeList},
};

/// The members that matter. Members of other types than expected make the whole answer meaningless.
#[derive(Debug, Default, Deserialize)]
pub(super) struct Answer {
    active: bool,
    sub: Option<String>,
    client_id: Option<String>,
    scope: Option<ScopeList>,
    exp: Option<f64>,
    token_use: Option<String>,
}

impl Answer {
    pub(super) fn read(body: &[u8]) -> Result<Self, Away> {
        serde_json::from_slice(body).or(Err(Away::Nonsense("it is not what RFC 7662 describes")))
    }

    /// About a token that is not good for anything.
    pub(super) fn inactive() -> Self {
        Self::default()
    }

    pub(super) fn is_active(&self) -> bool {
        self.active
    }

    /// What the token allows, if it was asked about at that time.
    pub(super) fn grant(self, rules: &SubjectRules, now: Timestamp) -> Result<Grant, Rejection> {
        if !self.active {
            return Err(Rejection::Token(Challenge::InvalidToken));
        }
        if self.token_use.is_some_and(|word| word != "access_token") {
            return Err(Rejection::Token(Challenge::NotAnAccessToken));
        }
        let identity = Identity { subject: self.sub.map(Into::into), client: self.client_id.map(Into::into) };
        let grant = Grant::new(rules, identity, self.scope.as_ref(), self.exp.map(moment));
        if grant.is_expired(now) { Err(Rejection::Token(Challenge::InvalidToken)) } else { Ok(grant) }
    }
}
