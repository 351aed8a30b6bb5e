//! Our own address, as the client knows it (webapi §7.4).

use std::future::{Ready, ready};

use actix_web::{
    FromRequest, HttpRequest,
    dev::Payload,
    http::header::{self, HeaderMap},
};

use crate::ApiError;

/// The scheme, host and port under which the client has reached us.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BaseUrl {
    scheme: &'static str,
    authority: String,
}

impl BaseUrl {
    /// Reads the headers of a request that came over TLS or not.
    ///
    /// Fails if the `Host` header is missing or malformed.
    pub fn of(headers: &HeaderMap, is_tls: bool) -> Result<Self, ApiError> {
        let scheme = match last_item(headers, "X-Forwarded-Proto") {
            Some("https" | "wss") => "https",
            None if is_tls => "https",
            Some(_) | None => "http",
        };
        let host = headers.get(header::HOST).and_then(|value| value.to_str().ok()).unwrap_or_default();
        let (host, port) = split_port(host).ok_or(ApiError::BadRequest)?;
        let port = match last_item(headers, "X-Forwarded-Port") {
            Some(forwarded) if is_port(forwarded) => Some(forwarded),
            Some(_) => return Err(ApiError::BadRequest),
            None => port,
        };
        let authority = match port.filter(|port| *port != default_port(scheme)) {
            Some(port) => format!("{host}:{port}"),
            None => host.to_owned(),
        };
        Ok(Self { scheme, authority })
    }

    /// The absolute URL of a path (or path and query) of ours.
    pub fn absolute(&self, path: &str) -> String {
        format!("{}://{}{path}", self.scheme, self.authority)
    }

    /// `http` or `https`.
    pub fn scheme(&self) -> &str {
        self.scheme
    }

    /// The URI authority names us: same host, same port.
    pub fn is_authority(&self, authority: &str) -> bool {
        split_port(authority).is_some_and(|(host, port)| {
            let (our_host, our_port) = split_port(&self.authority).unwrap_or_default();
            let default = default_port(self.scheme);
            host.eq_ignore_ascii_case(our_host) && port.unwrap_or(default) == our_port.unwrap_or(default)
        })
    }
}

impl FromRequest for BaseUrl {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        ready(Self::of(request.headers(), request.app_config().secure()))
    }
}

/// The last item of a header that may be repeated, and may hold a comma-separated list. Empty headers do not count.
fn last_item<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let value = headers.get_all(name).last()?.to_str().ok()?;
    value.rsplit(',').next().map(str::trim).filter(|item| !item.is_empty())
}

/// Host (a name, an IPv4 address, or an IPv6 address in brackets) and port.
fn split_port(authority: &str) -> Option<(&str, Option<&str>)> {
    let (host, port) = match authority.rsplit_once(':') {
        Some((host, port)) if !port.ends_with(']') => (host, Some(port)),
        _ => (authority, None),
    };
    let is_host = match host.strip_prefix('[') {
        Some(rest) => rest.strip_suffix(']').is_some_and(|address| {
            !address.is_empty() && address.bytes().all(|c| c.is_ascii_hexdigit() || matches!(c, b':' | b'.'))
        }),
        None => !host.is_empty() && host.bytes().all(|c| c.is_ascii_alphanumeric() || matches!(c, b'.' | b'-' | b'_')),
    };
    // `host:` is a host without a port.
    let port = port.filter(|port| !port.is_empty());
    (is_host && port.is_none_or(is_port)).then_some((host, port))
}

fn is_port(text: &str) -> bool {
    text.bytes().all(|c| c.is_ascii_digit()) && text.parse::<u16>().is_ok()
}

fn default_port(scheme: &str) -> &'static str {
    if scheme == "https" { "443" } else { "80" }
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn base(headers: &[(&'static str, &'static str)]) -> Result<String, ApiError> {
        let mut request = TestRequest::default();
        for header in headers {
            request = request.append_header(*header);
        }
        BaseUrl::of(request.to_http_request().headers(), false).map(|base| base.absolute("/creditors/1/"))
    }

    #[test]
    fn forwarded_requests() {
        let cases: &[(&[(&str, &str)], &str)] = &[
            (&[("Host", "example.com")], "http://example.com"),
            (&[("Host", "example.com:8080")], "http://example.com:8080"),
            (&[("Host", "example.com:80")], "http://example.com"),
            (&[("Host", "example.com:443")], "http://example.com:443"),
            (&[("Host", "example.com:")], "http://example.com"),
            (&[("Host", "Example.COM")], "http://Example.COM"),
            (&[("Host", "[::1]")], "http://[::1]"),
            (&[("Host", "[::1]:8080")], "http://[::1]:8080"),
            (&[("Host", "127.0.0.1:8080"), ("X-Forwarded-Proto", "https")], "https://127.0.0.1:8080"),
            (&[("Host", "a:443"), ("X-Forwarded-Proto", "https")], "https://a"),
            (&[("Host", "a:80"), ("X-Forwarded-Proto", "https")], "https://a:80"),
            (&[("Host", "a"), ("X-Forwarded-Proto", "http, https")], "https://a"),
            (&[("Host", "a"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Proto", "http")], "http://a"),
            (&[("Host", "a"), ("X-Forwarded-Proto", "https,http")], "http://a"),
            (&[("Host", "a"), ("X-Forwarded-Proto", "wss")], "https://a"),
            (&[("Host", "a"), ("X-Forwarded-Proto", "ftp")], "http://a"),
            (&[("Host", "a"), ("X-Forwarded-Proto", "")], "http://a"),
            (&[("Host", "a"), ("X-Forwarded-Port", "44443")], "http://a:44443"),
            (&[("Host", "a:1"), ("X-Forwarded-Port", "2")], "http://a:2"),
            (&[("Host", "a:1"), ("X-Forwarded-Port", "3, 80")], "http://a"),
            (&[("Host", "a:1"), ("X-Forwarded-Port", "")], "http://a:1"),
            (&[("Host", "a:1"), ("X-Forwarded-Port", "443"), ("X-Forwarded-Proto", "https")], "https://a"),
            (&[("Host", "[::1]:1"), ("X-Forwarded-Port", "2")], "http://[::1]:2"),
            (&[("Host", "a"), ("X-Forwarded-Host", "b"), ("X-Forwarded-Prefix", "/c")], "http://a"),
        ];
        for (headers, expected) in cases {
            assert_eq!(base(headers).unwrap(), format!("{expected}/creditors/1/"), "{headers:?}");
        }
    }

    #[test]
    fn malformed_hosts() {
        for host in ["", "a b", "a/b", "a:b", "a:99999", "user@a", "[::1", "a:1:2", "::1", "[]"] {
            assert!(matches!(base(&[("Host", host)]), Err(ApiError::BadRequest)), "{host}");
        }
        assert!(matches!(base(&[]), Err(ApiError::BadRequest)));
        assert!(matches!(base(&[("Host", "a"), ("X-Forwarded-Port", "x")]), Err(ApiError::BadRequest)));
    }

    #[test]
    fn authorities() {
        let base = |host, scheme| BaseUrl { scheme, authority: String::from(host) };
        let cases = [
            ("a", "http", "a", true),
            ("a", "http", "A:80", true),
            ("a", "https", "a:443", true),
            ("a", "https", "a:80", false),
            ("a:8080", "http", "a:8080", true),
            ("a:8080", "http", "a", false),
            ("a", "http", "b", false),
            ("a", "http", "user@a", false),
            ("a", "http", "", false),
        ];
        for (ours, scheme, theirs, expected) in cases {
            assert_eq!(base(ours, scheme).is_authority(theirs), expected, "{scheme} {ours} {theirs}");
        }
    }
}
