//! Recognizing callers.

use actix_web::http::header::HeaderMap;
use domain::CreditorId;
use regex::Regex;
use runtime::config::{self, AuthMode};

use super::{Caller, Role};
use crate::ApiError;

/// Recognizes callers, in the way that `APP_AUTH_MODE` says.
#[derive(Clone, Debug)]
pub enum Auth {
    /// A gateway in front of us has authenticated the request, and tells about the caller in headers.
    TrustedHeaders(SubjectRules),
}

/// Callers cannot be recognized as configured.
#[derive(Debug, thiserror::Error)]
pub enum AuthError {
    /// A regular expression for subjects is malformed.
    #[error("{variable} is not a regular expression")]
    Pattern {
        /// Which one.
        variable: &'static str,
        /// What is wrong with it.
        source: regex::Error,
    },
    /// This program cannot recognize callers in that way.
    #[error("APP_AUTH_MODE: this program can only use trusted-headers")]
    Mode,
}

impl Auth {
    /// Makes the recognizer the operator has chosen.
    pub fn new(settings: &config::Auth) -> Result<Self, AuthError> {
        match settings.modes.as_slice() {
            [AuthMode::TrustedHeaders] => Ok(Self::TrustedHeaders(SubjectRules::new(settings)?)),
            _ => Err(AuthError::Mode),
        }
    }
}

impl Auth {
    /// Who has sent a request with these headers.
    ///
    /// Fails with [`ApiError::Forbidden`] for callers that are nobody.
    #[expect(clippy::unused_async, reason = "recognizing a caller may need to ask another server")]
    pub async fn caller(&self, headers: &HeaderMap) -> Result<Caller, ApiError> {
        match self {
            Self::TrustedHeaders(rules) => trusted_caller(rules, headers),
        }
    }
}

fn trusted_caller(rules: &SubjectRules, headers: &HeaderMap) -> Result<Caller, ApiError> {
    let mut subjects = headers.get_all("X-Swpt-User-Id");
    let role = match (subjects.next(), subjects.next()) {
        (None, _) => Some(Role::Superuser),
        (Some(subject), None) => subject.to_str().ok().and_then(|subject| rules.role(subject)),
        (Some(_), Some(_)) => None,
    };
    let pin_reset = headers.get_all("X-Swpt-Require-Pin").all(|value| value == "false");
    role.map(|role| Caller { role, pin_reset }).ok_or(ApiError::Forbidden)
}

/// Which subjects are which callers.
#[derive(Clone, Debug)]
pub struct SubjectRules {
    superuser: Matcher,
    supervisor: Matcher,
    creditor: Regex,
}

impl SubjectRules {
    fn new(settings: &config::Auth) -> Result<Self, AuthError> {
        let matcher = |variable, pattern: &Option<String>, name: &str| match pattern.as_deref() {
            None | Some("") => Ok(Matcher::Name(name.to_owned())),
            Some(pattern) => anchored(variable, pattern).map(Matcher::Pattern),
        };
        Ok(Self {
            superuser: matcher(
                "APP_SUPERUSER_SUBJECT_REGEX",
                &settings.superuser_subject_regex,
                &settings.superuser_username,
            )?,
            supervisor: matcher(
                "APP_SUPERVISOR_SUBJECT_REGEX",
                &settings.supervisor_subject_regex,
                &settings.supervisor_username,
            )?,
            creditor: anchored("APP_CREDITOR_SUBJECT_REGEX", &settings.creditor_subject_regex)?,
        })
    }

    fn role(&self, subject: &str) -> Option<Role> {
        if self.superuser.matches(subject) {
            Some(Role::Superuser)
        } else if self.supervisor.matches(subject) {
            Some(Role::Supervisor)
        } else {
            let number = self.creditor.captures(subject)?.get(1)?.as_str().parse().ok()?;
            Some(Role::Creditor(CreditorId::from_unsigned(number)))
        }
    }
}

#[derive(Clone, Debug)]
enum Matcher {
    Name(String),
    Pattern(Regex),
}

impl Matcher {
    fn matches(&self, subject: &str) -> bool {
        match self {
            Self::Name(name) => name == subject,
            Self::Pattern(pattern) => pattern.is_match(subject),
        }
    }
}

/// Only the beginning is anchored.
fn anchored(variable: &'static str, pattern: &str) -> Result<Regex, AuthError> {
    Regex::new(&format!(r"\A(?:{pattern})")).map_err(|source| AuthError::Pattern { variable, source })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const CREDITOR: &str = "^creditors:([0-9]+)$";

    fn auth(pairs: &[(&str, &str)]) -> Result<Auth, AuthError> {
        let settings = config::Settings::load(&config::Environment::from_pairs(pairs.iter().copied())).unwrap();
        Auth::new(&settings.auth)
    }

    fn rules(superuser: &str, supervisor: &str, creditor: &str) -> SubjectRules {
        let Auth::TrustedHeaders(rules) = auth(&[
            ("APP_AUTH_MODE", "trusted-headers"),
            ("APP_SUPERUSER_SUBJECT_REGEX", superuser),
            ("APP_SUPERVISOR_SUBJECT_REGEX", supervisor),
            ("APP_CREDITOR_SUBJECT_REGEX", creditor),
        ])
        .unwrap();
        rules
    }

    const fn creditor(id: i64) -> Role {
        Role::Creditor(CreditorId::new(id))
    }

    #[test]
    fn default_subjects() {
        let rules = rules("", "", CREDITOR);
        let cases = [
            ("creditors-superuser", Some(Role::Superuser)),
            ("creditors-supervisor", Some(Role::Supervisor)),
            ("creditors:0", Some(creditor(0))),
            ("creditors:007", Some(creditor(7))),
            ("creditors:18446744073709551615", Some(creditor(-1))),
            ("creditors:9223372036854775808", Some(creditor(i64::MIN))),
            ("creditors:18446744073709551616", None),
            ("creditors:99999999999999999999999999", None),
            ("creditors:", None),
            ("creditors:-1", None),
            ("creditors:+1", None),
            ("creditors:1x", None),
            ("xcreditors:1", None),
            ("Creditors:1", None),
            ("creditors-superuserx", None),
            ("Creditors-superuser", None),
            ("", None),
        ];
        for (subject, expected) in cases {
            assert_eq!(rules.role(subject), expected, "{subject}");
        }
    }

    #[test]
    fn patterns_are_anchored_at_the_beginning_only() {
        let rules = rules("root|admin", "watch", "c([0-9]+)");
        let cases = [
            ("root", Some(Role::Superuser)),
            ("admin-2", Some(Role::Superuser)),
            ("watcher", Some(Role::Supervisor)),
            ("nightwatch", None),
            ("c12;x", Some(creditor(12))),
            ("xc12", None),
            ("creditors-superuser", None),
        ];
        for (subject, expected) in cases {
            assert_eq!(rules.role(subject), expected, "{subject}");
        }
    }

    #[test]
    fn patterns_are_tried_in_order() {
        let rules = rules("a", "a", "a([0-9]+)");
        assert_eq!(rules.role("a1"), Some(Role::Superuser));
    }

    #[test]
    fn a_creditor_pattern_without_a_number_recognizes_nobody() {
        assert_eq!(rules("", "", "^creditor").role("creditor"), None);
    }

    #[actix_web::test]
    async fn headers() {
        let auth = Auth::TrustedHeaders(rules("", "", CREDITOR));
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
            let caller = auth.caller(request.to_http_request().headers()).await;
            assert_eq!(caller.ok().map(|caller| (caller.role, caller.pin_reset)), *expected, "{headers:?}");
        }
    }

    #[test]
    fn unusable_settings() {
        let mode = ("APP_AUTH_MODE", "trusted-headers");
        for name in ["APP_SUPERUSER_SUBJECT_REGEX", "APP_SUPERVISOR_SUBJECT_REGEX", "APP_CREDITOR_SUBJECT_REGEX"] {
            assert!(matches!(auth(&[mode, (name, "(")]), Err(AuthError::Pattern { variable, .. }) if variable == name));
        }
        for other in ["introspection", "jwt", "jwt,introspection"] {
            assert!(matches!(auth(&[("APP_AUTH_MODE", other)]), Err(AuthError::Mode)), "{other}");
        }
    }
}
