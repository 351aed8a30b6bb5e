//! Who may call the web API.

use std::net::IpAddr;
use std::time::Duration;

use super::SECONDS;
use crate::config::reader::Reader;
use crate::config::variable::variables;
use crate::config::{ConfigError, Kind, Problem, SecretUrl};

const MODES: &[&str] = &["introspection", "jwt", "trusted-headers"];

variables! {
    Auth {
        MODE = "APP_AUTH_MODE", Kind::Words(MODES), ["introspection"],
            "how callers prove who they are: introspection, jwt, or both; or trusted-headers";
        TRUSTED_GATEWAY = "APP_TRUSTED_GATEWAY", Kind::Bool, ["false"],
            "with trusted-headers: only an authenticating gateway can reach the port, so it may be a public one";
        INTROSPECT_URL = "OAUTH2_INTROSPECT_URL", Kind::Url, "token introspection endpoint (RFC 7662)";
        CACHE_MAX_COST = "TOKEN_INTROSPECTION_CACHE_MAX_COST", Kind::Int(0, i64::MAX), ["10000000"],
            "introspected tokens that are remembered";
        TIMEOUT = "APP_AUTH_TIMEOUT", Kind::Float(0.0, 60.0), ["3"],
            "seconds that the authorization server may take to answer; then the request is answered with 503";
        JWKS_URL = "APP_JWT_JWKS_URL", Kind::Url, "with jwt: where the issuer publishes its keys";
        ISSUER = "APP_JWT_ISSUER", Kind::Text, "with jwt: the only accepted issuer";
        AUDIENCE = "APP_JWT_AUDIENCE", Kind::Text, "with jwt: the audience that tokens must name";
        SUPERUSER = "OAUTH2_SUPERUSER_USERNAME", Kind::Text, ["creditors-superuser"], "subject with all rights";
        SUPERVISOR = "OAUTH2_SUPERVISOR_USERNAME", Kind::Text, ["creditors-supervisor"],
            "subject that may read everything and create creditors";
        SUPERUSER_REGEX = "APP_SUPERUSER_SUBJECT_REGEX", Kind::Text, [""],
            "subjects with all rights; empty = OAUTH2_SUPERUSER_USERNAME";
        SUPERVISOR_REGEX = "APP_SUPERVISOR_SUBJECT_REGEX", Kind::Text, [""],
            "subjects of supervisors; empty = OAUTH2_SUPERVISOR_USERNAME";
        CREDITOR_REGEX = "APP_CREDITOR_SUBJECT_REGEX", Kind::Text, ["^creditors:([0-9]+)$"],
            "subjects of creditors; group 1 is the creditor id";
    }
}

/// A way in which callers prove who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthMode {
    /// Bearer tokens are shown to an introspection endpoint.
    Introspection,
    /// Bearer tokens are signed and verified here.
    Jwt,
    /// A gateway has verified the caller and says so in headers.
    TrustedHeaders,
}

impl AuthMode {
    fn from_word(word: &str) -> Option<Self> {
        match word {
            "introspection" => Some(Self::Introspection),
            "jwt" => Some(Self::Jwt),
            "trusted-headers" => Some(Self::TrustedHeaders),
            _ => None,
        }
    }
}

/// Who may call the web API (webapi §2, §13).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Auth {
    /// At least one mode; trusted headers are never combined with another mode.
    pub modes: Vec<AuthMode>,
    /// Whether trusted headers are acceptable on an address that others can reach.
    pub trusted_gateway: bool,
    /// The introspection endpoint.
    pub introspect_url: Option<SecretUrl>,
    /// How many introspected tokens are remembered.
    pub introspection_cache_max_cost: u64,
    /// How long the authorization server may take to answer, with all attempts.
    pub timeout: Duration,
    /// What is needed to verify signed tokens.
    pub jwt: JwtAuth,
    /// The subject with all rights, if there is no regular expression for it.
    pub superuser_username: String,
    /// The subject of the supervisor, if there is no regular expression for it.
    pub supervisor_username: String,
    /// Regular expression for subjects with all rights, not checked.
    pub superuser_subject_regex: Option<String>,
    /// Regular expression for subjects of supervisors, not checked.
    pub supervisor_subject_regex: Option<String>,
    /// Regular expression for subjects of creditors, not checked; group 1 is the id as an unsigned number.
    pub creditor_subject_regex: String,
}

/// What is needed to verify signed tokens.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtAuth {
    /// Where the issuer publishes its keys.
    pub jwks_url: Option<SecretUrl>,
    /// The only accepted issuer.
    pub issuer: Option<String>,
    /// The audience that tokens must name.
    pub audience: Option<String>,
}

impl Auth {
    pub(in crate::config) fn read(reader: &mut Reader) -> Self {
        Self {
            modes: modes(reader),
            trusted_gateway: reader.boolean(&TRUSTED_GATEWAY),
            introspect_url: reader.optional_url(&INTROSPECT_URL),
            introspection_cache_max_cost: reader.int(&CACHE_MAX_COST),
            timeout: reader.duration(&TIMEOUT, SECONDS),
            jwt: JwtAuth {
                jwks_url: reader.optional_url(&JWKS_URL),
                issuer: reader.optional_text(&ISSUER),
                audience: reader.optional_text(&AUDIENCE),
            },
            superuser_username: reader.text(&SUPERUSER),
            supervisor_username: reader.text(&SUPERVISOR),
            superuser_subject_regex: reader.optional_text(&SUPERUSER_REGEX),
            supervisor_subject_regex: reader.optional_text(&SUPERVISOR_REGEX),
            creditor_subject_regex: reader.text(&CREDITOR_REGEX),
        }
    }

    /// Whether callers may prove who they are in this way.
    pub fn allows(&self, mode: AuthMode) -> bool {
        self.modes.contains(&mode)
    }

    /// Checks what only the web server needs: each mode has what it works with, and trusted headers are not accepted
    /// from everybody who can reach `bind`.
    pub fn check(&self, bind: IpAddr) -> Result<(), ConfigError> {
        let jwt = self.allows(AuthMode::Jwt);
        let open = self.allows(AuthMode::TrustedHeaders) && !bind.is_loopback() && !self.trusted_gateway;
        let problems: Vec<Problem> = [
            missing(&INTROSPECT_URL, self.allows(AuthMode::Introspection) && self.introspect_url.is_none()),
            missing(&JWKS_URL, jwt && self.jwt.jwks_url.is_none()),
            missing(&ISSUER, jwt && self.jwt.issuer.is_none()),
            missing(&AUDIENCE, jwt && self.jwt.audience.is_none()),
            open.then(|| Problem {
                variable: MODE.name,
                held: Some("\"trusted-headers\"".into()),
                allowed: format!(
                    "this mode on a loopback address only, not on {bind}, unless APP_TRUSTED_GATEWAY is true"
                ),
            }),
        ]
        .into_iter()
        .flatten()
        .collect();
        if problems.is_empty() { Ok(()) } else { Err(ConfigError::Invalid(problems)) }
    }
}

fn modes(reader: &mut Reader) -> Vec<AuthMode> {
    let modes: Vec<AuthMode> = reader.words(&MODE).into_iter().filter_map(AuthMode::from_word).collect();
    if modes.contains(&AuthMode::TrustedHeaders) && modes.len() > 1 {
        reader.refuse(&MODE, "trusted-headers only alone");
    }
    modes
}

fn missing(variable: &crate::config::Variable, missing: bool) -> Option<Problem> {
    missing.then(|| Problem {
        variable: variable.name,
        held: Some("nothing".into()),
        allowed: format!("a value, as {} is chosen to need it", MODE.name),
    })
}
