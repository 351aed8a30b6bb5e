//! Is the web server alive? (webapi §12.7)

use actix_web::{HttpResponse, http::header};

/// Tells that the web server is alive.
///
/// Nobody is authenticated, and the database is not asked.
#[utoipa::path(
    get,
    path = "/creditors/health/check/public",
    operation_id = "checkHealth",
    tag = "health",
    responses((status = 200, description = "The web server is alive."))
)]
pub(crate) async fn get() -> HttpResponse {
    // The header is exactly so: with a `&str` body actix would add a charset.
    HttpResponse::Ok().insert_header((header::CONTENT_TYPE, "text/plain")).body("I am healthy.")
}
