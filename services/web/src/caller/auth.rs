//! Recognizing callers.

use std::sync::Arc;

use actix_web::http::header::HeaderMap;
use runtime::{
    Clock,
    config::{self, AuthMode, SecretUrl},
};

use super::{
    Caller, Challenge, Identified, InvalidPattern, Refusal, Role, SubjectRules, TokenScope,
    authority::InvalidServer,
    bearer,
    grant::{Grant, Identity},
    introspection::{self, Introspection},
    jwt::{self, Jwt},
};
use crate::ApiError;

/// Recognizes callers, in the way that `APP_AUTH_MODE` says.
pub struct Auth {
    rules: SubjectRules,
    way: Way,
}

enum Way {
    /// A gateway in front of us has authenticated the request, and tells about the caller in headers.
    TrustedHeaders,
    /// Requests carry a token. What other headers say about the caller is not looked at.
    Tokens(Box<Tokens>),
}

/// What can be done about a token; at least one of them.
struct Tokens {
    signed: Option<Jwt>,
    opaque: Option<Introspection>,
    clock: Arc<dyn Clock>,
}

/// Callers cannot be recognized as configured.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// A regular expression for subjects is malformed.
    #[error(transparent)]
    Pattern(#[from] InvalidPattern),
    /// The authorization server cannot be asked.
    #[error(transparent)]
    Server(#[from] InvalidServer),
    /// A variable that the mode needs is missing.
    #[error("{0} is not set, but APP_AUTH_MODE needs it")]
    Missing(&'static str),
}

impl Auth {
    /// Makes the recognizer the operator has chosen.
    pub fn new(settings: &config::Auth, clock: Arc<dyn Clock>) -> Result<Self, AuthError> {
        let rules = SubjectRules::new(settings)?;
        let way = if settings.allows(AuthMode::TrustedHeaders) {
            Way::TrustedHeaders
        } else {
            Way::Tokens(Box::new(Tokens::new(settings, clock)?))
        };
        Ok(Self { rules, way })
    }

    /// Whether callers come with tokens, so that nothing that they could not know themselves is in front of us.
    pub fn by_tokens(&self) -> bool {
        matches!(self.way, Way::Tokens(_))
    }

    /// Who has sent a request with these headers, for an operation that needs that scope; `None` for OPTIONS requests,
    /// which browsers send without tokens.
    ///
    /// Fails with [`ApiError::Challenged`] for tokens that are missing or not good enough, with [`ApiError::Forbidden`]
    /// for callers that are nobody, and with [`ApiError::Unavailable`] if that cannot be found out.
    pub(crate) async fn identify(
        &self,
        headers: &HeaderMap,
        needed: Option<TokenScope>,
    ) -> Result<Identified, Refusal> {
        match &self.way {
            Way::TrustedHeaders => Ok(trusted(&self.rules, headers)?),
            Way::Tokens(tokens) => match needed {
                None => Ok(Identified::anonymous()),
                // On the heap: it is large, because it may have to ask, and is a part of the answer to every request.
                Some(needed) => Box::pin(tokens.identify(headers, needed, &self.rules)).await,
            },
        }
    }
}

impl Tokens {
    fn new(settings: &config::Auth, clock: Arc<dyn Clock>) -> Result<Self, AuthError> {
        let signed = settings.allows(AuthMode::Jwt).then(|| {
            let url = required("APP_JWT_JWKS_URL", settings.jwt.jwks_url.as_ref())?;
            required("APP_JWT_ISSUER", settings.jwt.issuer.as_ref())?;
            required("APP_JWT_AUDIENCE", settings.jwt.audience.as_ref())?;
            Ok::<_, AuthError>(Jwt::new(url, settings, Arc::clone(&clock))?)
        });
        let opaque = settings.allows(AuthMode::Introspection).then(|| {
            let url: &SecretUrl = required("OAUTH2_INTROSPECT_URL", settings.introspect_url.as_ref())?;
            Ok::<_, AuthError>(Introspection::new(url, settings, Arc::clone(&clock))?)
        });
        Ok(Self { signed: signed.transpose()?, opaque: opaque.transpose()?, clock })
    }

    async fn identify(
        &self,
        headers: &HeaderMap,
        needed: TokenScope,
        rules: &SubjectRules,
    ) -> Result<Identified, Refusal> {
        let grant = self.grant(bearer::token(headers)?, rules).await?;
        if grant.is_expired(self.clock.now()) {
            return Err(Challenge::InvalidToken.into());
        }
        let who = grant.role.map(|role| Identified {
            caller: Caller { role, pin_reset: grant.pin_reset },
            identity: grant.identity.clone(),
        });
        if !grant.allows(needed) {
            return Err(Refusal { error: Challenge::InsufficientScope(needed).into(), who });
        }
        Ok(who.ok_or(ApiError::Forbidden)?)
    }

    /// A signed token is never shown to the authorization server, whatever is wrong with it.
    async fn grant(&self, token: &str, rules: &SubjectRules) -> Result<Arc<Grant>, ApiError> {
        match (&self.signed, &self.opaque) {
            (Some(signed), Some(_)) if jwt::is_signed(token) => Ok(Arc::new(signed.grant(token, rules).await?)),
            (_, Some(opaque)) => opaque.grant(token, rules).await.map_err(rejected),
            (Some(signed), None) => Ok(Arc::new(signed.grant(token, rules).await?)),
            (None, None) => Err(ApiError::internal("no way to look at tokens")),
        }
    }
}

fn rejected(rejection: Arc<introspection::Rejection>) -> ApiError {
    match *rejection {
        introspection::Rejection::Token(challenge) => challenge.into(),
        introspection::Rejection::Away(_) => ApiError::Unavailable(rejection.into()),
    }
}

fn required<'a, T>(variable: &'static str, value: Option<&'a T>) -> Result<&'a T, AuthError> {
    value.ok_or(AuthError::Missing(variable))
}

fn trusted(rules: &SubjectRules, headers: &HeaderMap) -> Result<Identified, ApiError> {
    let mut subjects = headers.get_all("X-Swpt-User-Id");
    let subject = match (subjects.next(), subjects.next()) {
        (None, _) => None,
        (Some(subject), None) => Some(subject.to_str().or(Err(ApiError::Forbidden))?),
        (Some(_), Some(_)) => return Err(ApiError::Forbidden),
    };
    let role = subject.map_or(Some(Role::Superuser), |subject| rules.role(subject)).ok_or(ApiError::Forbidden)?;
    let pin_reset = headers.get_all("X-Swpt-Require-Pin").all(|value| value == "false");
    let identity = Identity { subject: subject.map(Into::into), client: None };
    Ok(Identified { caller: Caller { role, pin_reset }, identity })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use domain::CreditorId;
    use runtime::SystemClock;

    use super::*;

    fn auth(pairs: &[(&str, &str)]) -> Result<Auth, AuthError> {
        let settings = config::Settings::load(&config::Environment::from_pairs(pairs.iter().copied())).unwrap();
        Auth::new(&settings.auth, Arc::new(SystemClock))
    }

    const fn creditor(id: i64) -> Role {
        Role::Creditor(CreditorId::new(id))
    }

    #[actix_web::test]
    async fn trusted_headers() {
        let auth = auth(&[("APP_AUTH_MODE", "trusted-headers")]).unwrap();
        let user = |id| ("X-Swpt-User-Id", id);
        let pin = |value| ("X-Swpt-Require-Pin", value);
        let cases: &[(&[(&str, &str)], _)] = &[
            (&[], Some((Role::Superuser, true))),
            (&[user("")], None),
            (&[user("nobody")], None),
            (&[user("creditors-superuser"), user("creditors-superuser")], None),
            (&[user("creditors:1")], Some((creditor(1), true))),
            (&[user("creditors-supervisor"), pin("true")], Some((Role::Supervisor, false))),
            (&[pin("false")], Some((Role::Superuser, true))),
            (&[pin("False")], Some((Role::Superuser, false))),
            (&[pin("0")], Some((Role::Superuser, false))),
            (&[pin("")], Some((Role::Superuser, false))),
            (&[pin("false"), pin("true")], Some((Role::Superuser, false))),
        ];
        for (headers, expected) in cases {
            let mut request = TestRequest::default();
            for header in *headers {
                request = request.append_header(*header);
            }
            let request = request.to_http_request();
            for needed in [None, Some(TokenScope::Change)] {
                let caller = auth.identify(request.headers(), needed).await.ok().map(|identified| identified.caller);
                assert_eq!(caller.map(|caller| (caller.role, caller.pin_reset)), *expected, "{headers:?}");
            }
        }
    }

    #[test]
    fn unusable_settings() {
        let url = "http://localhost/";
        let introspection = ("APP_AUTH_MODE", "introspection");
        let jwt = ("APP_AUTH_MODE", "jwt");
        let cases: &[(&[(&str, &str)], &str)] = &[
            (
                &[("APP_AUTH_MODE", "trusted-headers"), ("APP_CREDITOR_SUBJECT_REGEX", "(")],
                "APP_CREDITOR_SUBJECT_REGEX",
            ),
            (&[introspection], "OAUTH2_INTROSPECT_URL"),
            (&[introspection, ("OAUTH2_INTROSPECT_URL", "localhost")], "OAUTH2_INTROSPECT_URL"),
            (&[jwt], "APP_JWT_JWKS_URL"),
            (&[jwt, ("APP_JWT_JWKS_URL", url)], "APP_JWT_ISSUER"),
            (&[jwt, ("APP_JWT_JWKS_URL", url), ("APP_JWT_ISSUER", url)], "APP_JWT_AUDIENCE"),
        ];
        for (pairs, named) in cases {
            let error = auth(pairs).err().unwrap().to_string();
            assert!(error.starts_with(named), "{pairs:?}: {error}");
        }
    }
}
