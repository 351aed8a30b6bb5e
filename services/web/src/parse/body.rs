//! Request bodies (webapi §4).

use actix_web::{FromRequest, HttpRequest, dev::Payload, http::header, web};
use futures::{StreamExt as _, future::LocalBoxFuture};
use tokio::time::timeout;

use super::{
    fields::{Input, not_an_object},
    json::{Json, Object},
};
use crate::{ApiError, error::Part, state::State};

/// The body of a POST or PATCH request.
///
/// Bodies that do not claim to be JSON, and empty ones, count as `{}`.
#[derive(Clone, Debug)]
pub struct Body<T>(pub T);

impl<T: Input + 'static> FromRequest for Body<T> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let request = request.clone();
        let payload = payload.take();
        Box::pin(async move {
            let state = State::of(&request)?;
            let object = if is_json(&request) {
                let body = collect(&request, payload, state.settings.web.max_content_length);
                parse(&timeout(state.patience.body, body).await.or(Err(ApiError::SlowBody))??)?
            } else {
                Object::new()
            };
            Ok(Self(T::read(object).map_err(|errors| ApiError::Unprocessable(Part::Json, errors))?))
        })
    }
}

/// `application/json`, or `application/<anything>+json`.
fn is_json(request: &HttpRequest) -> bool {
    let Some(Ok(value)) = request.headers().get(header::CONTENT_TYPE).map(|value| value.to_str()) else { return false };
    let media_type = value.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    media_type == "application/json" || (media_type.starts_with("application/") && media_type.ends_with("+json"))
}

async fn collect(request: &HttpRequest, mut payload: Payload, limit: usize) -> Result<web::BytesMut, ApiError> {
    let announced = request.headers().get(header::CONTENT_LENGTH).and_then(|value| value.to_str().ok()?.parse().ok());
    if announced.is_some_and(|length: usize| length > limit) {
        return Err(ApiError::TooLarge);
    }
    let mut body = web::BytesMut::with_capacity(announced.unwrap_or(0));
    while let Some(chunk) = payload.next().await {
        let chunk = chunk.map_err(|error| ApiError::BrokenBody(error.into()))?;
        if body.len() + chunk.len() > limit {
            return Err(ApiError::TooLarge);
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn parse(body: &[u8]) -> Result<Object, ApiError> {
    if body.is_empty() {
        return Ok(Object::new());
    }
    let text = std::str::from_utf8(body).or(Err(ApiError::InvalidJson))?;
    match Json::parse(text) {
        Ok(Json::Object(object)) => Ok(object),
        Ok(_) => Err(ApiError::Unprocessable(Part::Json, not_an_object())),
        Err(super::json::Invalid) => Err(ApiError::InvalidJson),
    }
}
