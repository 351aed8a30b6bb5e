//! One log line and one measurement per request.

use std::{error::Error, time::Duration};

use actix_web::{body::MessageBody as _, dev::ServiceResponse};

/// Counts and logs an answered request. `template` is the path template of the route, if there is one.
pub(crate) fn request(response: &ServiceResponse, template: Option<&'static str>, duration: Duration) {
    let request = response.request();
    let status = response.status().as_u16();
    let route = template.unwrap_or("unknown");
    let method = method_label(request.method().as_str());
    let labels = [("method", method.to_owned()), ("route", route.to_owned()), ("status", status.to_string())];
    metrics::histogram!("creditors_http_request_seconds", &labels).record(duration);
    let millis = duration.as_secs_f64() * 1e3;
    let path = request.path();
    if status >= 500 {
        let cause = response.response().error().map(chain).unwrap_or_default();
        tracing::error!(method, path, status, duration_ms = millis, cause, "{method} {path} failed with {status}");
    } else {
        let size = match response.response().body().size() {
            actix_web::body::BodySize::Sized(size) => size,
            actix_web::body::BodySize::None | actix_web::body::BodySize::Stream => 0,
        };
        // operations §8: only at this level
        tracing::debug!(
            method,
            path,
            status,
            duration_ms = millis,
            size_bytes = size,
            "{method} {path} answered with {status}"
        );
    }
}

/// Clients must not be able to create new labels.
fn method_label(method: &str) -> &'static str {
    ["GET", "POST", "PATCH", "DELETE", "HEAD", "OPTIONS"].into_iter().find(|known| *known == method).unwrap_or("other")
}

/// The error and its causes.
fn chain(error: &actix_web::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.as_error::<crate::ApiError>().and_then(Error::source);
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}
