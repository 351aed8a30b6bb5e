//! Successful answers (webapi §7).

use actix_web::{
    HttpResponse,
    http::{StatusCode, header},
};
use serde::Serialize;

use crate::{ApiError, location::BaseUrl};

/// Wallets and the API proxy compare this header for equality, so there are no parameters.
pub(crate) const JSON: (header::HeaderName, &str) = (header::CONTENT_TYPE, "application/json");

/// 200 with an object.
pub fn ok(object: &impl Serialize) -> Result<HttpResponse, ApiError> {
    Ok(HttpResponse::Ok().insert_header(JSON).body(to_json(object)?))
}

/// 201 with the created object, which is found at the path `path`.
pub fn created(base: &BaseUrl, path: &str, object: &impl Serialize) -> Result<HttpResponse, ApiError> {
    let location = (header::LOCATION, base.absolute(path));
    Ok(HttpResponse::Created().insert_header(JSON).insert_header(location).body(to_json(object)?))
}

/// 303: what was asked for is at the path `path`.
pub fn see_other(base: &BaseUrl, path: &str) -> HttpResponse {
    HttpResponse::SeeOther().insert_header((header::LOCATION, base.absolute(path))).finish()
}

/// 308: the same request again, to `path_and_query`.
pub(crate) fn permanent_redirect(base: &BaseUrl, path_and_query: &str) -> HttpResponse {
    let location = (header::LOCATION, base.absolute(path_and_query));
    HttpResponse::build(StatusCode::PERMANENT_REDIRECT).insert_header(location).finish()
}

/// 204.
pub fn no_content() -> HttpResponse {
    HttpResponse::NoContent().insert_header(JSON).finish()
}

/// 200 to an OPTIONS request.
pub(crate) fn options(methods: &str) -> HttpResponse {
    HttpResponse::Ok().insert_header((header::ALLOW, methods)).finish()
}

fn to_json(object: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    serde_json::to_vec(object).map_err(ApiError::internal)
}
