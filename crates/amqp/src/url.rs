//! The broker's address.

use std::{borrow::Cow, fmt};

use percent_encoding::{NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use url::Url;

/// Without a wish, heartbeats are agreed on at this many seconds: a frozen broker is noticed after twice that.
const HEARTBEAT: u16 = 10;
/// The client library sends heartbeats in a busy loop when the interval is 1.
const SHORTEST_HEARTBEAT: u16 = 4;
/// A frozen broker has to be noticed: this is also what 0 ("never") becomes.
const LONGEST_HEARTBEAT: u16 = 60;

/// `amqp://user:password@host:port/vhost?heartbeat=10`, taken apart (operations §3).
///
/// Neither `Debug` nor `Display` shows the password.
#[derive(Clone, PartialEq, Eq)]
pub struct BrokerUrl {
    tls: bool,
    user: String,
    password: String,
    host: String,
    port: u16,
    vhost: String,
    heartbeat: u16,
}

/// Why a text is not the address of a broker. Never repeats any of the text: it may be the password.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidUrl {
    /// Not a URL at all, or not of the expected shape.
    #[error("not a URL of the form amqp://user:password@host:port/vhost (special characters must be percent-encoded)")]
    Syntax,
    /// A URL, but of another scheme.
    #[error("the URL must begin with amqp:// or amqps://")]
    Scheme,
    /// User or password cannot be sent: they are not UTF-8 when decoded, or contain a zero byte.
    #[error("user and password in the URL must be UTF-8 without zero bytes when percent-decoded")]
    Credentials,
    /// The virtual host is not UTF-8 when decoded, or longer than 255 bytes.
    #[error("the virtual host in the URL must be UTF-8 and at most 255 bytes when percent-decoded")]
    Vhost,
}

impl BrokerUrl {
    /// Takes a URL apart. What is missing has the usual default: `guest`, `guest`, `localhost`, 5672 (5671 with TLS),
    /// virtual host `/`. Of the query, only `heartbeat` (seconds) is heeded, within 4…60; 0 becomes 60.
    pub fn parse(text: &str) -> Result<Self, InvalidUrl> {
        let Ok(url) = Url::parse(text) else { return Err(InvalidUrl::Syntax) };
        let tls = match url.scheme() {
            "amqp" => false,
            "amqps" => true,
            _ => return Err(InvalidUrl::Scheme),
        };
        if url.cannot_be_a_base() {
            return Err(InvalidUrl::Syntax);
        }
        let (user, password) = credentials(&url)?;
        Ok(Self {
            tls,
            user,
            password,
            host: url.host_str().filter(|host| !host.is_empty()).unwrap_or("localhost").to_owned(),
            port: url.port().unwrap_or(if tls { 5671 } else { 5672 }),
            vhost: vhost(&url)?,
            heartbeat: heartbeat(&url),
        })
    }

    /// Whether the connection is encrypted (`amqps`).
    pub fn uses_tls(&self) -> bool {
        self.tls
    }

    /// The user's name, decoded.
    pub fn user(&self) -> &str {
        &self.user
    }

    /// The password, decoded. Not for logs.
    pub fn password(&self) -> &str {
        &self.password
    }

    /// Name or address of the host; an IPv6 address is in brackets.
    pub fn host(&self) -> &str {
        &self.host
    }

    /// The TCP port.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// The virtual host, decoded.
    pub fn vhost(&self) -> &str {
        &self.vhost
    }

    /// The heartbeat interval that we propose, in seconds; 4…60.
    pub fn heartbeat(&self) -> u16 {
        self.heartbeat
    }
}

/// Without a user in the URL it is `guest`; a user without a password has an empty one.
fn credentials(url: &Url) -> Result<(String, String), InvalidUrl> {
    if url.username().is_empty() && url.password().is_none() {
        return Ok(("guest".to_owned(), "guest".to_owned()));
    }
    let decoded = |text| decode(text).filter(|text| !text.contains('\0')).ok_or(InvalidUrl::Credentials);
    Ok((decoded(url.username())?, decoded(url.password().unwrap_or_default())?))
}

/// The first path segment; without any, `/`.
fn vhost(url: &Url) -> Result<String, InvalidUrl> {
    let path = url.path().strip_prefix('/').unwrap_or_default();
    if path.is_empty() {
        return Ok("/".to_owned());
    }
    let segment = path.split('/').next().unwrap_or_default();
    decode(segment).filter(|vhost| vhost.len() <= 255).ok_or(InvalidUrl::Vhost)
}

fn heartbeat(url: &Url) -> u16 {
    let wish = url.query_pairs().find(|(key, _)| key == "heartbeat").and_then(|(_, value)| value.parse::<u64>().ok());
    match wish {
        None => HEARTBEAT,
        Some(0) => LONGEST_HEARTBEAT,
        Some(seconds) => {
            u16::try_from(seconds).unwrap_or(LONGEST_HEARTBEAT).clamp(SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT)
        }
    }
}

fn decode(text: &str) -> Option<String> {
    percent_decode_str(text).decode_utf8().ok().map(Cow::into_owned)
}

impl fmt::Display for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = if self.tls { "amqps" } else { "amqp" };
        let (user, vhost) = (encode(&self.user), encode(&self.vhost));
        write!(f, "{scheme}://{user}:***@{}:{}/{vhost}", self.host, self.port)
    }
}

impl fmt::Debug for BrokerUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "BrokerUrl({self})")
    }
}

/// Readable, and a part of a URL again.
fn encode(text: &str) -> impl fmt::Display {
    const KEPT: &percent_encoding::AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'.').remove(b'_').remove(b'~');
    utf8_percent_encode(text, KEPT)
}

#[cfg(test)]
mod tests;
