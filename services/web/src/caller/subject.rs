//! Which subjects are which callers (webapi §2.1).

use domain::CreditorId;
use regex::Regex;
use runtime::config;

use super::Role;

/// A regular expression for subjects is malformed.
#[derive(Debug, thiserror::Error)]
#[error("{variable} is not a regular expression")]
pub struct InvalidPattern {
    /// Which one.
    pub variable: &'static str,
    /// What is wrong with it.
    #[source]
    pub source: regex::Error,
}

/// Which subjects are which callers.
#[derive(Clone, Debug)]
pub struct SubjectRules {
    superuser: Matcher,
    supervisor: Matcher,
    creditor: Regex,
}

impl SubjectRules {
    /// The rules that the operator has chosen.
    pub fn new(settings: &config::Auth) -> Result<Self, InvalidPattern> {
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

    /// Who the subject is; `None` if nobody.
    pub fn role(&self, subject: &str) -> Option<Role> {
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
fn anchored(variable: &'static str, pattern: &str) -> Result<Regex, InvalidPattern> {
    Regex::new(&format!(r"\A(?:{pattern})")).map_err(|source| InvalidPattern { variable, source })
}

#[cfg(test)]
mod tests {
    use super::*;

    const CREDITOR: &str = "^creditors:([0-9]+)$";

    fn try_rules(superuser: &str, supervisor: &str, creditor: &str) -> Result<SubjectRules, InvalidPattern> {
        let settings = config::Settings::load(&config::Environment::from_pairs([
            ("APP_SUPERUSER_SUBJECT_REGEX", superuser),
            ("APP_SUPERVISOR_SUBJECT_REGEX", supervisor),
            ("APP_CREDITOR_SUBJECT_REGEX", creditor),
        ]));
        SubjectRules::new(&settings.unwrap().auth)
    }

    fn rules(superuser: &str, supervisor: &str, creditor: &str) -> SubjectRules {
        try_rules(superuser, supervisor, creditor).unwrap()
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

    #[test]
    fn malformed_patterns_are_named() {
        let cases = [
            (["(", "", CREDITOR], "APP_SUPERUSER_SUBJECT_REGEX"),
            (["", "(", CREDITOR], "APP_SUPERVISOR_SUBJECT_REGEX"),
            (["", "", "("], "APP_CREDITOR_SUBJECT_REGEX"),
        ];
        for ([superuser, supervisor, creditor], variable) in cases {
            assert_eq!(try_rules(superuser, supervisor, creditor).unwrap_err().variable, variable);
        }
    }
}
