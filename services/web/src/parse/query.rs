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
