//! A database URL, taken apart.

use std::borrow::Cow;

use percent_encoding::percent_decode_str;
use url::form_urlencoded;

/// A database URL that cannot be used. The text never contains the URL, which may hold a password.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// The scheme is not PostgreSQL's.
    #[error("must begin with postgresql://, postgresql+psycopg:// or postgres://")]
    Scheme,
    /// A part of the URL is not UTF-8 when it is percent-decoded.
    #[error("is not UTF-8 when it is percent-decoded")]
    Encoding,
    /// The host is not of the form `name`, `name:port` or `[IPv6]:port`.
    #[error("has a host that is not of the form name, name:port, [IPv6 address]:port, or several of them with commas")]
    Host,
    /// A port is not a number from 1 to 65535, or there is another number of ports than of hosts.
    #[error("has a port that is not a number from 1 to 65535, or not one for each host")]
    Port,
    /// A parameter has a value that is not allowed.
    #[error("has the parameter {name} with a value that is not allowed; allowed: {allowed}")]
    Value {
        /// The parameter.
        name: &'static str,
        /// What is allowed, as a phrase.
        allowed: &'static str,
    },
    /// A parameter asks for a protection that this software does not have.
    #[error("has the parameter {0}, which is not supported")]
    Unsupported(&'static str),
    /// Certificates or keys cannot be used.
    #[error("cannot be used: {0}")]
    Tls(String),
}

/// What stands where in `postgresql://user:password@host:port,host:port/database?name=value&name=value`, decoded.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parts {
    pub(super) user: Option<String>,
    pub(super) password: Option<String>,
    /// As in the URL: `host:port` with commas.
    pub(super) hosts: String,
    pub(super) database: Option<String>,
    /// In the order of the URL.
    pub(super) query: Vec<(String, String)>,
}

/// Schemes that existing deployments use. The driver that some of them name says nothing to us.
const SCHEMES: [&str; 4] = ["postgresql://", "postgresql+psycopg://", "postgresql+psycopg2://", "postgres://"];

impl Parts {
    /// As the peer does it: the password ends at the first `@`, so it may hold unescaped slashes and question marks.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let rest = SCHEMES.iter().find_map(|scheme| text.strip_prefix(scheme)).ok_or(InvalidUrl::Scheme)?;
        let (user, password, rest) = credentials(rest);
        let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
        let (hosts, database) = rest.split_once('/').unwrap_or((rest, ""));
        Ok(Self {
            user: user.map(decoded).transpose()?,
            password: password.map(decoded).transpose()?,
            hosts: decoded(hosts)?,
            database: Some(decoded(database)?).filter(|name| !name.is_empty()),
            query: form_urlencoded::parse(query.as_bytes()).into_owned().collect(),
        })
    }
}

fn credentials(text: &str) -> (Option<&str>, Option<&str>, &str) {
    let name_end = text.find([':', '/', '@']).unwrap_or(text.len());
    let (name, rest) = text.split_at(name_end);
    let (password, rest) = match rest.strip_prefix(':').and_then(|rest| rest.split_once('@')) {
        Some((password, rest)) => (Some(password), rest),
        None => match rest.strip_prefix('@') {
            Some(rest) => (None, rest),
            None => return (None, None, text),
        },
    };
    (Some(name).filter(|name| !name.is_empty()), password, rest)
}

fn decoded(text: &str) -> Result<String, InvalidUrl> {
    percent_decode_str(text).decode_utf8().map(Cow::into_owned).or(Err(InvalidUrl::Encoding))
}

/// The hosts of a list like `db1:5432,[::1]:5433,/run/postgresql`, each with its port if it has one.
pub(super) fn hosts(list: &str) -> Result<Vec<(String, Option<u16>)>, InvalidUrl> {
    list.split(',').map(host).collect()
}

fn host(text: &str) -> Result<(String, Option<u16>), InvalidUrl> {
    if let Some(rest) = text.strip_prefix('[') {
        let (address, rest) = rest.split_once(']').ok_or(InvalidUrl::Host)?;
        let port = match rest.strip_prefix(':') {
            Some(digits) => port(digits)?,
            None if rest.is_empty() => None,
            None => return Err(InvalidUrl::Host),
        };
        return Ok((address.to_owned(), port));
    }
    match text.split_once(':') {
        // An IPv6 address without brackets, as libpq has it in parameters.
        Some((_, rest)) if rest.contains(':') => {
            let address: std::net::Ipv6Addr = text.parse().or(Err(InvalidUrl::Host))?;
            Ok((address.to_string(), None))
        }
        Some((name, digits)) => Ok((name.to_owned(), port(digits)?)),
        None => Ok((text.to_owned(), None)),
    }
}

/// A port; `None` for an empty text, which means the default.
pub(super) fn port(digits: &str) -> Result<Option<u16>, InvalidUrl> {
    if digits.is_empty() {
        return Ok(None);
    }
    let is_number = digits.bytes().all(|byte| byte.is_ascii_digit());
    let number: Option<u16> = digits.parse().ok().filter(|number| is_number && *number > 0);
    number.map(Some).ok_or(InvalidUrl::Port)
}

#[cfg(test)]
mod tests;
