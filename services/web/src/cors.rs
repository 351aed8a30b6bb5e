//! Requests that browsers send on behalf of pages of other origins (webapi §14).
//!
//! Where callers come with tokens, pages of all origins are welcome, as they have always been at the gateway: a page has no
//! token that its user has not given to it, and browsers add none by themselves. Behind a gateway, this is the
//! gateway's business, unless the operator wants it here.

use actix_web::{
    HttpRequest, HttpResponse,
    dev::{ServiceRequest, ServiceResponse},
    http::{
        Method,
        header::{self, HeaderMap, HeaderValue},
    },
};

use crate::state::State;

/// `Authorization` is not covered by a `*`. The last ones are for what only this implementation has.
const ALLOWED_HEADERS: &str = "Authorization, Content-Type, X-Requested-With, Last-Event-ID, X-Request-Id";

/// The same of answers.
const EXPOSED_HEADERS: &str = "Content-Type, Location, Retry-After, WWW-Authenticate, X-Request-Id";

/// What browsers ask before they send a request, answered without looking at the path.
pub(crate) fn preflight(request: &ServiceRequest) -> Option<HttpResponse> {
    if !is_preflight(request.method(), request.headers()) || !is_for_everybody(request.request()) {
        return None;
    }
    let mut response = HttpResponse::NoContent();
    response
        .insert_header((header::ACCESS_CONTROL_ALLOW_METHODS, "POST, GET, PUT, PATCH, DELETE"))
        .insert_header((header::ACCESS_CONTROL_ALLOW_HEADERS, ALLOWED_HEADERS))
        .insert_header((header::ACCESS_CONTROL_MAX_AGE, "86400"));
    Some(response.finish())
}

/// Adds the headers that let other origins read the response.
pub(crate) fn decorate(response: &mut ServiceResponse) {
    let request = response.request().clone();
    if is_for_everybody(&request) {
        let headers = response.headers_mut();
        headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
        headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static(EXPOSED_HEADERS));
    } else if State::of(&request).is_ok_and(|state| state.settings.web.enable_cors) {
        allow(request.headers(), is_preflight(request.method(), request.headers()), response.headers_mut());
    }
}

fn is_for_everybody(request: &HttpRequest) -> bool {
    State::of(request).is_ok_and(|state| state.auth.by_tokens())
}

fn is_preflight(method: &Method, headers: &HeaderMap) -> bool {
    *method == Method::OPTIONS
        && headers.contains_key(header::ORIGIN)
        && headers.contains_key(header::ACCESS_CONTROL_REQUEST_METHOD)
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
