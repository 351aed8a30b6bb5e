//! What every request needs.

use actix_web::{HttpRequest, web::Data};

use crate::{ApiError, caller::Auth, settings::Settings};

/// What every request needs. Handlers get it as [`Data<State>`].
#[derive(Debug)]
pub struct State {
    /// What the operator has chosen.
    pub settings: Settings,
    /// How callers are recognized.
    pub auth: Auth,
}

impl State {
    /// The state of the application that serves the request.
    pub(crate) fn of(request: &HttpRequest) -> Result<Data<Self>, ApiError> {
        request.app_data::<Data<Self>>().cloned().ok_or_else(|| ApiError::internal("the application has no state"))
    }
}
