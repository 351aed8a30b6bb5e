//! What a request may fail with, and the answer to it (webapi §6).

use std::error::Error;

use actix_web::{
    HttpResponse, ResponseError,
    http::{StatusCode, header},
};
use procedures::client::Refused;
use serde::Serialize;

use crate::{
    caller::Challenge,
    parse::{Errors, Problem},
    reply,
};

/// Seconds after which a client may try again when the database is away.
const RETRY_AFTER: &str = "5";

/// The cause of a failure, for the log. Clients never see it.
pub type Cause = Box<dyn Error + Send + Sync>;

/// A request that is not answered as it was meant.
#[derive(Debug, thiserror::Error)]
pub enum ApiError {
    /// The request line or the headers make no sense.
    #[error("the request makes no sense")]
    BadRequest,
    /// The client stopped in the middle of the body, or sent it in a wrong way.
    #[error("the body could not be received")]
    BrokenBody(#[source] Cause),
    /// The body has not arrived in time.
    #[error("the body has not arrived in time")]
    SlowBody,
    /// The body is not JSON.
    #[error("the body is not JSON")]
    InvalidJson,
    /// The token is missing, or not good enough.
    #[error("the token is not accepted: {0:?}")]
    Challenged(Challenge),
    /// The caller must not do this, now or ever.
    #[error("forbidden")]
    Forbidden,
    /// There is no such thing.
    #[error("not found")]
    NotFound,
    /// The resource exists, but not for this method; these are the methods it supports.
    #[error("the method is not allowed")]
    MethodNotAllowed(String),
    /// The thing exists already, or is in another state.
    #[error("conflict")]
    Conflict,
    /// The update id of an update is not the next one.
    #[error("the update id is not the next one")]
    UpdateConflict,
    /// The body is too large.
    #[error("the body is too large")]
    TooLarge,
    /// The body or the query has fields that cannot be accepted.
    #[error("the request has unacceptable fields")]
    Unprocessable(Part, Errors),
    /// Something that should not happen has happened.
    #[error("internal error")]
    Internal(#[source] Cause),
    /// An internal error about which clients are told.
    #[error("internal error: {0}")]
    InternalMessage(&'static str),
    /// Something needed is away at the moment.
    #[error("unavailable")]
    Unavailable(#[source] Cause),
}

/// Which part of the request the field errors are about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// The body.
    Json,
    /// The query parameters.
    Query,
}

impl ApiError {
    /// One wrong field of the body. Inner fields are named by a path: `["recipient", "uri"]`.
    pub fn field(path: &[&'static str], message: &'static str) -> Self {
        let problem = path.iter().rev().fold(Problem::from(message), |inner, name| Errors::field(*name, inner).into());
        match problem {
            Problem::Nested(errors) => Self::Unprocessable(Part::Json, errors),
            messages @ Problem::Messages(_) => Self::Unprocessable(Part::Json, Errors::field("_schema", messages)),
        }
    }

    /// A `swpt:` URI in the body that says nothing to us.
    pub fn unrecognized_uri(path: &[&'static str]) -> Self {
        Self::field(path, "The URI can not be recognized.")
    }

    /// A failure that is nobody's fault outside of the process.
    pub fn internal(cause: impl Into<Cause>) -> Self {
        Self::Internal(cause.into())
    }

    fn body(&self) -> ErrorBody<'_> {
        let status = self.status_code();
        let (errors, message) = match self {
            Self::InvalidJson => (Some(Details::Json(Content::Message(["Invalid JSON body."]))), None),
            Self::UpdateConflict => {
                let errors = Errors::field("latestUpdateId", "Incorrect value.");
                (Some(Details::Json(Content::Owned(errors))), None)
            }
            Self::Unprocessable(Part::Json, errors) => (Some(Details::Json(Content::Borrowed(errors))), None),
            Self::Unprocessable(Part::Query, errors) => (Some(Details::Query(Content::Borrowed(errors))), None),
            Self::InternalMessage(message) => (None, Some(*message)),
            Self::BadRequest
            | Self::BrokenBody(_)
            | Self::SlowBody
            | Self::Challenged(_)
            | Self::Forbidden
            | Self::NotFound
            | Self::MethodNotAllowed(_)
            | Self::Conflict
            | Self::TooLarge
            | Self::Internal(_)
            | Self::Unavailable(_) => (None, None),
        };
        ErrorBody { code: status.as_u16(), status: reason(status), errors, message }
    }
}

impl ResponseError for ApiError {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::BadRequest | Self::BrokenBody(_) | Self::InvalidJson => StatusCode::BAD_REQUEST,
            Self::SlowBody => StatusCode::REQUEST_TIMEOUT,
            Self::Challenged(challenge) if challenge.is_unauthorized() => StatusCode::UNAUTHORIZED,
            Self::Challenged(_) | Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Conflict | Self::UpdateConflict => StatusCode::CONFLICT,
            Self::TooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::Unprocessable(..) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal(_) | Self::InternalMessage(_) => StatusCode::INTERNAL_SERVER_ERROR,
            Self::Unavailable(_) => StatusCode::SERVICE_UNAVAILABLE,
        }
    }

    fn error_response(&self) -> HttpResponse {
        let mut response = HttpResponse::build(self.status_code());
        match self {
            Self::MethodNotAllowed(methods) => {
                response.insert_header((header::ALLOW, methods.as_str()));
            }
            Self::Challenged(challenge) => {
                response.insert_header((header::WWW_AUTHENTICATE, challenge.header()));
            }
            Self::Unavailable(_) => {
                response.insert_header((header::RETRY_AFTER, RETRY_AFTER));
            }
            Self::TooLarge | Self::BrokenBody(_) | Self::SlowBody => {
                // The rest of the body will not be read.
                response.force_close();
            }
            _ => {}
        }
        // Bodies made of strings and numbers can always be serialized.
        response.insert_header(reply::JSON).body(serde_json::to_vec(&self.body()).unwrap_or_default())
    }
}

impl From<persistence::Error> for ApiError {
    fn from(error: persistence::Error) -> Self {
        match error.fault() {
            // Work that has been retried so often may succeed a little later.
            persistence::Fault::Race | persistence::Fault::Unavailable => Self::Unavailable(error.into()),
            persistence::Fault::Data => Self::Internal(error.into()),
        }
    }
}

impl From<Refused> for ApiError {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::UsageLimit | Refused::WrongPin => Self::Forbidden,
            Refused::CreditorDoesNotExist => Self::NotFound,
        }
    }
}

/// The body of an error response.
#[derive(Debug, Serialize)]
struct ErrorBody<'a> {
    code: u16,
    status: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    errors: Option<Details<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<&'static str>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "lowercase")]
enum Details<'a> {
    Json(Content<'a>),
    Query(Content<'a>),
}

#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Content<'a> {
    Message([&'static str; 1]),
    Owned(Errors),
    Borrowed(&'a Errors),
}

/// The reason phrase, as clients have always seen it: the current RFC calls 413 and 422 otherwise.
fn reason(status: StatusCode) -> &'static str {
    match status {
        StatusCode::PAYLOAD_TOO_LARGE => "Request Entity Too Large",
        StatusCode::UNPROCESSABLE_ENTITY => "Unprocessable Entity",
        other => other.canonical_reason().unwrap_or("Unknown"),
    }
}

#[cfg(test)]
mod tests {
    use actix_web::body::{MessageBody as _, to_bytes};

    use super::*;
    use crate::caller::TokenScope;

    #[actix_web::test]
    async fn bodies() {
        let missing = Errors::field("prev", "Missing data for required field.");
        let cases = [
            (ApiError::BadRequest, r#"{"code":400,"status":"Bad Request"}"#),
            (ApiError::BrokenBody("cut".into()), r#"{"code":400,"status":"Bad Request"}"#),
            (ApiError::SlowBody, r#"{"code":408,"status":"Request Timeout"}"#),
            (ApiError::InvalidJson, r#"{"code":400,"status":"Bad Request","errors":{"json":["Invalid JSON body."]}}"#),
            (ApiError::Challenged(Challenge::NoToken), r#"{"code":401,"status":"Unauthorized"}"#),
            (ApiError::Challenged(Challenge::NotAnAccessToken), r#"{"code":403,"status":"Forbidden"}"#),
            (ApiError::Forbidden, r#"{"code":403,"status":"Forbidden"}"#),
            (ApiError::NotFound, r#"{"code":404,"status":"Not Found"}"#),
            (ApiError::MethodNotAllowed("GET".to_owned()), r#"{"code":405,"status":"Method Not Allowed"}"#),
            (ApiError::Conflict, r#"{"code":409,"status":"Conflict"}"#),
            (
                ApiError::UpdateConflict,
                r#"{"code":409,"status":"Conflict","errors":{"json":{"latestUpdateId":["Incorrect value."]}}}"#,
            ),
            (ApiError::TooLarge, r#"{"code":413,"status":"Request Entity Too Large"}"#),
            (
                ApiError::Unprocessable(Part::Query, missing),
                r#"{"code":422,"status":"Unprocessable Entity","errors":{"query":{"prev":["Missing data for required field."]}}}"#,
            ),
            (
                ApiError::unrecognized_uri(&["recipient", "uri"]),
                r#"{"code":422,"status":"Unprocessable Entity","errors":{"json":{"recipient":{"uri":["The URI can not be recognized."]}}}}"#,
            ),
            (
                ApiError::field(&["peg", "account", "uri"], "Account does not exist."),
                r#"{"code":422,"status":"Unprocessable Entity","errors":{"json":{"peg":{"account":{"uri":["Account does not exist."]}}}}}"#,
            ),
            (ApiError::internal("secret"), r#"{"code":500,"status":"Internal Server Error"}"#),
            (
                ApiError::InternalMessage("No room."),
                r#"{"code":500,"status":"Internal Server Error","message":"No room."}"#,
            ),
            (ApiError::Unavailable("secret".into()), r#"{"code":503,"status":"Service Unavailable"}"#),
        ];
        for (error, expected) in cases {
            let response = error.error_response();
            assert_eq!(response.headers().get("Content-Type").unwrap(), "application/json");
            assert!(!response.body().size().is_eof());
            let body = to_bytes(response.into_body()).await.unwrap();
            assert_eq!(body, expected);
        }
    }

    #[test]
    fn headers() {
        let unavailable = ApiError::from(persistence::Error::PoolTimeout).error_response();
        assert_eq!(
            (unavailable.status().as_u16(), unavailable.headers().get("Retry-After").unwrap()),
            (503, &RETRY_AFTER.parse().unwrap())
        );
        let challenges = [
            (Challenge::NoToken, (401, "Bearer realm=\"creditors\"")),
            (Challenge::InvalidToken, (401, "Bearer realm=\"creditors\", error=\"invalid_token\"")),
            (Challenge::NotAnAccessToken, (403, "Bearer realm=\"creditors\", error=\"insufficient_scope\"")),
            (
                Challenge::InsufficientScope(TokenScope::Change),
                (403, "Bearer realm=\"creditors\", error=\"insufficient_scope\", scope=\"access\""),
            ),
        ];
        for (challenge, expected) in challenges {
            let response = ApiError::from(challenge).error_response();
            let header = response.headers().get("WWW-Authenticate").unwrap().to_str().unwrap();
            assert_eq!((response.status().as_u16(), header), expected);
        }
        let not_allowed = ApiError::MethodNotAllowed("GET, HEAD, OPTIONS".to_owned()).error_response();
        assert_eq!(not_allowed.headers().get("Allow").unwrap(), "GET, HEAD, OPTIONS");
    }

    #[test]
    fn inconsistent_rows_are_our_fault() {
        let error = persistence::Error::Inconsistent { table: "account", key: "1".to_owned() };
        assert_eq!(ApiError::from(error).status_code(), StatusCode::INTERNAL_SERVER_ERROR);
    }
}
