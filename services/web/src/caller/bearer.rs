//! Bearer tokens in requests, and what is answered to requests without a good one (RFC 6750).

use actix_web::http::header::{AUTHORIZATION, HeaderMap};

use super::TokenScope;
use crate::ApiError;

/// No token of any authorization server is longer.
const MAX_LENGTH: usize = 8192;

/// What is wrong with the token of a request, for the `WWW-Authenticate` header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Challenge {
    /// There is none.
    NoToken,
    /// It is unknown, malformed, expired, or revoked.
    InvalidToken,
    /// It is good, but not for this.
    InsufficientScope(TokenScope),
    /// It is a token, but not one for accessing anything.
    NotAnAccessToken,
}

impl Challenge {
    /// The value of the header.
    pub(crate) fn header(self) -> String {
        match self {
            Self::NoToken => "Bearer realm=\"creditors\"".to_owned(),
            Self::InvalidToken => "Bearer realm=\"creditors\", error=\"invalid_token\"".to_owned(),
            Self::InsufficientScope(scope) => {
                let scope = scope.name();
                format!("Bearer realm=\"creditors\", error=\"insufficient_scope\", scope=\"{scope}\"")
            }
            Self::NotAnAccessToken => "Bearer realm=\"creditors\", error=\"insufficient_scope\"".to_owned(),
        }
    }

    /// Whether the caller has proved nothing, and has to come with another token.
    pub(crate) const fn is_unauthorized(self) -> bool {
        matches!(self, Self::NoToken | Self::InvalidToken)
    }
}

impl From<Challenge> for ApiError {
    fn from(challenge: Challenge) -> Self {
        Self::Challenged(challenge)
    }
}

/// The token of the request.
///
/// Two headers are no token: a server in front of us may have looked at the other one.
pub(super) fn token(headers: &HeaderMap) -> Result<&str, Challenge> {
    let mut values = headers.get_all(AUTHORIZATION);
    let value = match (values.next(), values.next()) {
        (None, _) => return Err(Challenge::NoToken),
        (Some(value), None) => value.to_str().or(Err(Challenge::InvalidToken))?,
        (Some(_), Some(_)) => return Err(Challenge::InvalidToken),
    };
    let (scheme, token) = value.split_once(' ').unwrap_or((value, ""));
    if !scheme.eq_ignore_ascii_case("Bearer") {
        return Err(Challenge::NoToken);
    }
    let token = token.trim_ascii();
    if is_token(token) { Ok(token) } else { Err(Challenge::InvalidToken) }
}

/// RFC 6750 §2.1: `1*( ALPHA / DIGIT / "-" / "." / "_" / "~" / "+" / "/" ) *"="`.
fn is_token(token: &str) -> bool {
    let body = token.trim_end_matches('=');
    let is_allowed = |c: u8| c.is_ascii_alphanumeric() || b"-._~+/".contains(&c);
    !body.is_empty() && token.len() <= MAX_LENGTH && body.bytes().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;

    use super::*;

    fn token_of(values: &[&str]) -> Result<String, Challenge> {
        let request =
            values.iter().fold(TestRequest::default(), |request, value| request.append_header((AUTHORIZATION, *value)));
        token(request.to_http_request().headers()).map(str::to_owned)
    }

    #[test]
    fn tokens() {
        let longest = "a".repeat(MAX_LENGTH);
        for token in ["a", "AZaz09-._~+/", "a==", "eyJ.eyJ.sig", &longest] {
            for scheme in ["Bearer", "bearer", "BEARER"] {
                assert_eq!(token_of(&[&format!("{scheme} {token}")]).as_deref(), Ok(token));
            }
        }
        assert_eq!(token_of(&["Bearer   a  "]).as_deref(), Ok("a"));
    }

    #[test]
    fn no_tokens() {
        for values in [&[][..], &[""], &["Basic YTpi"], &["bearera"], &["a"], &["Bearer,a"], &["Digest Bearer a"]] {
            assert_eq!(token_of(values), Err(Challenge::NoToken), "{values:?}");
        }
        let too_long = format!("Bearer {}", "a".repeat(MAX_LENGTH + 1));
        let bad =
            ["Bearer", "Bearer ", "Bearer a b", "Bearer a,b", "Bearer =", "Bearer a=b", "Bearer \"a\"", &too_long];
        for value in bad {
            assert_eq!(token_of(&[value]), Err(Challenge::InvalidToken), "{value}");
        }
        assert_eq!(token_of(&["Bearer a", "Bearer a"]), Err(Challenge::InvalidToken));
        assert_eq!(token_of(&["Bearer a", "Basic a"]), Err(Challenge::InvalidToken));
    }
}
