//! A name for every request, by which its traces can be found.

use std::fmt;

use actix_web::http::header::{HeaderMap, HeaderName, HeaderValue};
use runtime::Random;

/// The header that carries it, in both directions.
pub(crate) const HEADER: HeaderName = HeaderName::from_static("x-request-id");

/// No longer names are taken over.
const MAX_LENGTH: usize = 128;

/// The name of a request: as it came with the request, if it is harmless in log lines and headers, or a new one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct RequestId(HeaderValue);

impl RequestId {
    pub(crate) fn of(headers: &HeaderMap, random: &dyn Random) -> Self {
        let mut values = headers.get_all(HEADER);
        match (values.next(), values.next()) {
            (Some(value), None) if is_harmless(value.as_bytes()) => Self(value.clone()),
            _ => Self::new(random),
        }
    }

    fn new(random: &dyn Random) -> Self {
        let text = format!("{:016x}{:016x}", random.next_u64(), random.next_u64());
        // Digits are always good for a header.
        Self(HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static("-")))
    }

    /// The value of the header.
    pub(crate) fn header(&self) -> HeaderValue {
        self.0.clone()
    }
}

impl fmt::Display for RequestId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.to_str().unwrap_or_default())
    }
}

fn is_harmless(text: &[u8]) -> bool {
    let is_allowed = |c: &u8| c.is_ascii_alphanumeric() || b"-_.:/+=@".contains(c);
    (1..=MAX_LENGTH).contains(&text.len()) && text.iter().all(is_allowed)
}

#[cfg(test)]
mod tests {
    use actix_web::test::TestRequest;
    use runtime::SeededRandom;

    use super::*;

    fn id(values: &[&str]) -> String {
        let request =
            values.iter().fold(TestRequest::default(), |request, value| request.append_header((HEADER, *value)));
        RequestId::of(request.to_http_request().headers(), &SeededRandom::new(1)).to_string()
    }

    #[test]
    fn harmless_ids_are_taken_over() {
        let longest = "a".repeat(MAX_LENGTH);
        for value in ["a", "2f1b4c9e-6b0e-4b8e-9d39-0e7f6f3a2b1c", "Root=1-67891233:abc/+.@_", &longest] {
            assert_eq!(id(&[value]), value);
        }
    }

    #[test]
    fn others_are_replaced() {
        let made = id(&[]);
        assert_eq!((made.len(), made.bytes().all(|c| c.is_ascii_hexdigit())), (32, true));
        let too_long = "a".repeat(MAX_LENGTH + 1);
        for values in [&[""][..], &["a b"], &["a\tb"], &["a;b"], &["\"a\""], &["{}"], &["ä"], &[&too_long], &["a", "a"]]
        {
            assert_eq!(id(values), made, "{values:?}");
        }
    }
}
