#![doc = include_str!("../README.md")]

pub mod audit;
pub mod caller;
mod cors;
pub mod error;
pub mod feed;
pub mod location;
mod observe;
pub mod openapi;
pub mod parse;
pub mod patience;
mod reference;
pub mod render;
pub mod reply;
mod request_id;
pub mod requests;
pub mod routes;
pub mod routing;
pub mod server;
mod start;
pub mod state;

pub use self::{
    error::ApiError,
    start::{Arguments, run, run_blocking},
    state::State,
};

use actix_web::web::{Data, ServiceConfig};

/// Makes an actix application answer all requests of the Web API.
pub fn configure(config: &mut ServiceConfig, state: Data<State>) {
    config.app_data(state).default_service(routes::all());
}
