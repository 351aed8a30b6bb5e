//! Recognizing callers.

use std::str::FromStr;

use actix_web::http::header::HeaderMap;
use domain::CreditorId;
use regex::Regex;

use super::{Caller, Role};
use crate::ApiError;

/// How callers are recognized (`APP_AUTH_MODE`).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMode {
    /// A gateway in front of us has authenticated the request, and tells about the caller in headers.
    TrustedHeaders,
}

/// The name of a mode that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a way of recognizing callers; allowed: \"trusted-headers\"")]
pub struct UnknownAuthMode(String);

impl FromStr for AuthMode {
    type Err = UnknownAuthMode;

    fn from_str(name: &str) -> Result<Self, UnknownAuthMode> {
        match name {
            "trusted-headers" => Ok(Self::TrustedHeaders),
            other => Err(UnknownAuthMode(other.to_owned())),
        }
    }
}

/// Recognizes callers.
#[derive(Clone, Debug)]
pub enum Auth {
    /// See [`AuthMode::TrustedHeaders`].
    TrustedHeaders(SubjectRules),
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

/// A regular expression for subjects that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("not a regular expression for subjects: {pattern:?}")]
pub struct InvalidPattern {
    pattern: String,
    source: regex::Error,
}

impl SubjectRules {
    /// Regular expressions for the three kinds of callers; the first group of the last one is the creditor id.
    ///
    /// An empty expression for superusers or supervisors stands for the exact name that is given with it.
    pub fn new(superuser: (&str, &str), supervisor: (&str, &str), creditor: &str) -> Result<Self, InvalidPattern> {
        Ok(Self {
            superuser: Matcher::new(superuser)?,
            supervisor: Matcher::new(supervisor)?,
            creditor: anchored(creditor)?,
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
    fn new((pattern, name): (&str, &str)) -> Result<Self, InvalidPattern> {
        Ok(if pattern.is_empty() { Self::Name(name.to_owned()) } else { Self::Pattern(anchored(pattern)?) })
    }

    fn matches(&self, subject: &str) -> bool {
        match self {
            Self::Name(name) => name == subject,
            Self::Pattern(pattern) => pattern.is_match(subject),
        }
    }
}

/// Only the beginning is anchored.
fn anchored(pattern: &str) -> Result<Regex, InvalidPattern> {
    Regex::new(&format!(r"\A(?:{pattern})")).map_err(|source| InvalidPattern { pattern: pattern.to_owned(), source })
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    const CREDITOR: &str = "^creditors:([0-9]+)$";

    fn rules(superuser: &str, supervisor: &str, creditor: &str) -> SubjectRules {
        SubjectRules::new((superuser, "creditors-superuser"), (supervisor, "creditors-supervisor"), creditor).unwrap()
    }

    fn creditor(id: i64) -> Option<Role> {
        Some(Role::Creditor(CreditorId::new(id)))
    }

    #[test]
    fn default_subjects() {
        let rules = rules("", "", CREDITOR);
        let cases = [
            ("creditors-superuser", Some(Role::Superuser)),
            ("creditors-supervisor", Some(Role::Supervisor)),
            ("creditors:0", creditor(0)),
            ("creditors:007", creditor(7)),
            ("creditors:18446744073709551615", creditor(-1)),
            ("creditors:9223372036854775808", creditor(i64::MIN)),
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
            ("c12;x", creditor(12)),
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
        assert!(SubjectRules::new(("(", ""), ("", ""), CREDITOR).is_err());
    }

    #[test]
    fn headers() {
        let auth = Auth::TrustedHeaders(rules("", "", CREDITOR));
        let user = |id| ("X-Swpt-User-Id", id);
        let pin = |value| ("X-Swpt-Require-Pin", value);
        let cases: &[(&[(&str, &str)], Option<(Role, bool)>)] = &[
            (&[], Some((Role::Superuser, true))),
            (&[user("")], None),
            (&[user("nobody")], None),
            (&[user("creditors-superuser"), user("creditors-superuser")], None),
            (&[user("creditors:1")], Some((Role::Creditor(CreditorId::new(1)), true))),
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
            let caller = futures::executor::block_on(auth.caller(request.to_http_request().headers()));
            assert_eq!(caller.ok().map(|caller| (caller.role, caller.pin_reset)), *expected, "{headers:?}");
        }
    }

    #[test]
    fn modes() {
        assert_eq!("trusted-headers".parse(), Ok(AuthMode::TrustedHeaders));
        assert!("Trusted-Headers".parse::<AuthMode>().is_err());
    }
}
