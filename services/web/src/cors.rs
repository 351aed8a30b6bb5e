//! Requests that browsers send on behalf of pages of other origins (webapi §14).

use actix_web::{
    dev::ServiceResponse,
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};

use crate::state::State;

/// Adds the headers that let other origins read the response, if the operator wants them.
///
/// With them the official wallet is content: it needs `Authorization` among the allowed headers, which browsers do not
/// count under a `*`.
pub(crate) fn decorate(response: &mut ServiceResponse) {
    let request = response.request().clone();
    if State::of(&request).is_ok_and(|state| state.settings.web.enable_cors) {
        let is_preflight = *request.method() == Method::OPTIONS
            && request.headers().contains_key(header::ORIGIN)
            && request.headers().contains_key(header::ACCESS_CONTROL_REQUEST_METHOD);
        allow(request.headers(), is_preflight, response.headers_mut());
    }
}

fn allow(request: &HeaderMap, is_preflight: bool, response: &mut HeaderMap) {
    let any = HeaderValue::from_static("*");
    let origin = request.get(header::ORIGIN).filter(|origin| !origin.is_empty()).cloned().unwrap_or(any);
    response.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    response.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("Location"));
    if is_preflight {
        let methods = HeaderValue::from_static("DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
        response.insert(header::ACCESS_CONTROL_ALLOW_METHODS, methods);
        response.insert(header::ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("86400"));
        if let Some(headers) = request.get(header::ACCESS_CONTROL_REQUEST_HEADERS) {
            response.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
        }
    }
}
