//! What a token allows (webapi §13).

use std::{iter, sync::Arc};

use domain::Timestamp;
use serde::Deserialize;

use super::{Role, SubjectRules};

/// A scope that an operation can need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TokenScope {
    /// Reading.
    Read,
    /// Reading and changing what belongs to creditors.
    Change,
    /// Making creditors.
    Activate,
    /// Ending creditors.
    Deactivate,
}

impl TokenScope {
    const ALL: [Self; 4] = [Self::Read, Self::Change, Self::Activate, Self::Deactivate];

    /// Its name in tokens.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Read => "access.readonly",
            Self::Change => "access",
            Self::Activate => "activate",
            Self::Deactivate => "deactivate",
        }
    }

    /// Whether the scope `granted` includes this one: `access` includes `access.readonly`.
    fn is_in(self, granted: &str) -> bool {
        self.name().strip_prefix(granted).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
    }
}

/// With this scope, the PIN is not asked for.
const PIN_RESET: &str = "disable_pin";

/// Scopes as they come with a token: words in a text, or a list of words.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub(super) enum ScopeList {
    Text(String),
    List(Vec<String>),
}

impl ScopeList {
    fn words(&self) -> impl Iterator<Item = &str> {
        let texts = match self {
            Self::Text(text) => std::slice::from_ref(text),
            Self::List(texts) => texts,
        };
        texts.iter().flat_map(|text| text.split_ascii_whitespace())
    }
}

/// What a valid token says. Whether that is enough is asked at every request.
#[derive(Clone, Debug)]
pub(super) struct Grant {
    /// Who the subject is; `None` if nobody.
    pub(super) role: Option<Role>,
    /// Whose token it is.
    pub(super) identity: Identity,
    /// PIN-reset mode.
    pub(super) pin_reset: bool,
    /// When the token expires, if it does.
    pub(super) expires_at: Option<Timestamp>,
    scopes: [bool; TokenScope::ALL.len()],
}

/// By which names the authorization server knows a caller.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Identity {
    /// On whose behalf the request is made.
    pub subject: Option<Arc<str>>,
    /// The program that makes it.
    pub client: Option<Arc<str>>,
}

impl Grant {
    pub(super) fn new(
        rules: &SubjectRules,
        identity: Identity,
        scopes: Option<&ScopeList>,
        expires_at: Option<Timestamp>,
    ) -> Self {
        let words = || scopes.into_iter().flat_map(ScopeList::words);
        Self {
            role: identity.subject.as_deref().and_then(|subject| rules.role(subject)),
            identity,
            pin_reset: words().any(|word| word == PIN_RESET),
            expires_at,
            scopes: TokenScope::ALL.map(|scope| words().any(|word| scope.is_in(word))),
        }
    }

    /// Whether the token is good for an operation that needs this scope.
    pub(super) fn allows(&self, needed: TokenScope) -> bool {
        iter::zip(TokenScope::ALL, self.scopes).any(|(scope, granted)| granted && scope == needed)
    }

    pub(super) fn is_expired(&self, now: Timestamp) -> bool {
        self.expires_at.is_some_and(|expires_at| expires_at <= now)
    }
}

#[cfg(test)]
mod tests {
    use runtime::config::{Environment, Settings};

    use super::*;

    fn grant(scopes: &str) -> Grant {
        let settings = Settings::load(&Environment::from_pairs([("A", "")])).unwrap();
        let rules = SubjectRules::new(&settings.auth).unwrap();
        let scopes: Option<ScopeList> = serde_json::from_str(scopes).unwrap();
        Grant::new(&rules, Identity::default(), scopes.as_ref(), None)
    }

    #[test]
    fn scopes_include_others() {
        //  [Read, Change, Activate, Deactivate], PIN-reset mode
        let cases = [
            (r#""access""#, [true, true, false, false], false),
            (r#""access.readonly""#, [true, false, false, false], false),
            (r#""access.readonly activate""#, [true, false, true, false], false),
            (r#""deactivate""#, [false, false, false, true], false),
            (r#""access disable_pin""#, [true, true, false, false], true),
            (r#""access disable_pin.x""#, [true, true, false, false], false),
            (r#""disable""#, [false; 4], false),
            (r#""acc accessx access. access.readonl .readonly ACCESS a""#, [false; 4], false),
            (r#"["access.readonly", "deactivate activate"]"#, [true, false, true, true], false),
            (r#"["disable_pin"]"#, [false; 4], true),
            (r#""""#, [false; 4], false),
            ("[]", [false; 4], false),
            ("null", [false; 4], false),
        ];
        for (scopes, expected, pin_reset) in cases {
            let grant = grant(scopes);
            assert_eq!(TokenScope::ALL.map(|scope| grant.allows(scope)), expected, "{scopes}");
            assert_eq!(grant.pin_reset, pin_reset, "{scopes}");
        }
    }

    #[test]
    fn expiry() {
        let at = |seconds| Timestamp::from_timestamp(seconds, 0).unwrap();
        let grant = Grant { expires_at: Some(at(10)), ..grant("\"\"") };
        assert_eq!([9, 10, 11].map(|now| grant.is_expired(at(now))), [false, true, true]);
        assert!(!Grant { expires_at: None, ..grant }.is_expired(at(11)));
    }
}
