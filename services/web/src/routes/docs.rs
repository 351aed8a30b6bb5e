//! The documentation of the API, for machines and people (webapi §12.7).

use std::sync::{Arc, LazyLock};

use actix_web::{HttpResponse, http::header, web::Data};
use utoipa_swagger_ui::Config;

use crate::{ApiError, State, reply, routing::Params};

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
    static CONFIG: LazyLock<Arc<Config<'static>>> = LazyLock::new(|| Arc::new(Config::from("openapi.json")));
    let file = utoipa_swagger_ui::serve(name, Arc::clone(&CONFIG))
        .map_err(|error| ApiError::internal(error.to_string()))?
        .ok_or(ApiError::NotFound)?;
    let content_type = match file.content_type.as_str() {
        "text/html" => "text/html; charset=utf-8".to_owned(),
        other => other.to_owned(),
    };
    Ok(HttpResponse::Ok().insert_header((header::CONTENT_TYPE, content_type)).body(file.bytes.into_owned()))
}
