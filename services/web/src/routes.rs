//! The routes: one file per group of endpoints, each with its handlers and their documentation (webapi §3.4, §12).

mod account_lookup;
mod accounts;
mod creditors_list;
mod debtor_lookup;
mod docs;
mod entry_point;
mod health;

use utoipa::OpenApi;

use crate::{
    caller::Access::{Admin, Creditor, Known, Public},
    routing::{Routes, resource},
};

/// All routes.
pub fn all() -> Routes {
    Routes::default()
        .with(resource("/creditors/.list", Admin).get(creditors_list::get))
        .with(resource("/creditors/.wallet", Known).get(entry_point::get))
        .with(resource("/creditors/{creditorId}/account-lookup", Creditor).post(account_lookup::post))
        .with(resource("/creditors/{creditorId}/debtor-lookup", Creditor).post(debtor_lookup::post))
        .with(accounts::list())
        .with(accounts::account())
        .with(resource("/creditors/health/check/public", Public).get(health::get))
        .with(resource("/creditors/.docs/", Public).get(docs::index))
        .with(resource("/creditors/.docs/openapi.json", Public).get(docs::openapi))
        .with(resource("/creditors/.docs/{file}", Public).get(docs::file))
}

/// The documentation of all routes.
#[derive(OpenApi)]
#[openapi(paths(creditors_list::get, entry_point::get, account_lookup::post, health::get))]
pub(crate) struct Documentation;
