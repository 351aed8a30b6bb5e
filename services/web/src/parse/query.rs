//! Query parameters (webapi §4).

use std::future::{Ready, ready};

use actix_web::{FromRequest, HttpRequest, dev::Payload};
use percent_encoding::percent_decode;

use super::{
    fields::Input,
    json::{Json, Object},
};
use crate::{ApiError, error::Part};

/// The query parameters of a request.
#[derive(Clone, Debug)]
pub struct Query<T>(pub T);

impl<T: Input> FromRequest for Query<T> {
    type Error = ApiError;
    type Future = Ready<Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let query = T::read(parse(request.query_string()));
        ready(query.map(Self).map_err(|errors| ApiError::Unprocessable(Part::Query, errors)))
    }
}

/// All values are strings; of repeated parameters the first one counts.
pub(crate) fn parse(query: &str) -> Object {
    let mut object = Object::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        object.entry(decode(name)).or_insert_with(|| Json::String(decode(value)));
    }
    object
}

/// Percent signs that do not introduce a byte stand for themselves.
fn decode(text: &str) -> String {
    let spaced = text.replace('+', " ");
    percent_decode(spaced.as_bytes()).decode_utf8_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters() {
        let cases: &[(&str, &[(&str, &str)])] = &[
            ("", &[]),
            ("&&", &[]),
            ("prev=1", &[("prev", "1")]),
            ("prev=1&prev=2&Prev=3", &[("Prev", "3"), ("prev", "1")]),
            ("prev=", &[("prev", "")]),
            ("prev", &[("prev", "")]),
            ("a=b=c", &[("a", "b=c")]),
            ("a=x+y%20z%2B", &[("a", "x y z+")]),
            ("a=%&b=%zz&c=%4", &[("a", "%"), ("b", "%zz"), ("c", "%4")]),
            ("%70rev=%D0%B6", &[("prev", "ж")]),
            ("a=%ff", &[("a", "\u{fffd}")]),
        ];
        for (query, expected) in cases {
            let actual: Object = parse(query);
            let expected: Object =
                expected.iter().map(|(name, value)| ((*name).to_owned(), Json::String((*value).to_owned()))).collect();
            assert_eq!(actual, expected, "{query}");
        }
    }
}
