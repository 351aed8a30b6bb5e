//! The documentation of the API, for machines and people (webapi §12.7).

use std::{borrow::Cow, sync::Arc};

use actix_web::{
    HttpResponse,
    http::header,
    web::{Bytes, Data},
};
use utoipa_swagger_ui::Config;

use crate::{ApiError, State, reply, routing::Params};

/// What makes Swagger UI show our document.
const INITIALIZER: &str = include_str!("docs/swagger-initializer.js");

/// The OpenAPI document.
pub(crate) async fn openapi(state: Data<State>) -> HttpResponse {
    HttpResponse::Ok().insert_header(reply::JSON).body(state.openapi.clone())
}

/// The page that shows the document.
pub(crate) async fn index() -> Result<HttpResponse, ApiError> {
    asset("index.html")
}

/// What the page consists of.
pub(crate) async fn file(params: Params) -> Result<HttpResponse, ApiError> {
    asset(params.segment.as_deref().ok_or(ApiError::NotFound)?)
}

fn asset(name: &str) -> Result<HttpResponse, ApiError> {
    if name == "swagger-initializer.js" {
        return Ok(page("text/javascript", Bytes::from_static(INITIALIZER.as_bytes())));
    }
    let file = utoipa_swagger_ui::serve(name, Arc::new(Config::from("openapi.json")))
        .map_err(|error| ApiError::internal(error.to_string()))?
        .ok_or(ApiError::NotFound)?;
    let bytes = match file.bytes {
        Cow::Borrowed(bytes) => Bytes::from_static(bytes),
        Cow::Owned(bytes) => bytes.into(),
    };
    Ok(page(&file.content_type, bytes))
}

fn page(content_type: &str, bytes: Bytes) -> HttpResponse {
    let content_type = match content_type {
        "text/html" => "text/html; charset=utf-8",
        other => other,
    };
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, content_type)).body(bytes)
}
