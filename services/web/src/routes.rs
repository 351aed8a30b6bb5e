//! The routes: one file per group of endpoints, each with its handlers and their documentation (webapi §3.4, §12).

mod account_lookup;
mod accounts;
mod admin;
mod creditors;
mod debtor_lookup;
mod docs;
mod entry_point;
mod health;
mod transfers;

use utoipa::OpenApi;

use crate::{
    caller::{
        Access::{Creditor, Known, Public},
        TokenScope::Read,
    },
    routing::{Routes, resource},
};

/// All routes.
pub fn all() -> Routes {
    Routes::default()
        .with_all(admin::resources())
        .with(resource("/creditors/.wallet", Known).get(entry_point::get))
        .with_all(creditors::resources())
        .with(resource("/creditors/{creditorId}/account-lookup", Creditor).post(account_lookup::post).needs(Read))
        .with(resource("/creditors/{creditorId}/debtor-lookup", Creditor).post(debtor_lookup::post).needs(Read))
        .with_all(accounts::resources())
        .with_all(transfers::resources())
        .with(resource("/creditors/health/check/public", Public).get(health::get))
        .with(resource("/creditors/.docs/", Public).get(docs::index))
        .with(resource("/creditors/.docs/openapi.json", Public).get(docs::openapi))
        .with(resource("/creditors/.docs/{file}", Public).get(docs::file))
}

/// The documentation of all routes.
#[derive(OpenApi)]
#[openapi(paths(
    admin::reservation::post_random,
    admin::reservation::post,
    admin::activation::activate,
    admin::activation::deactivate,
    admin::list::get,
    admin::list::page,
    entry_point::get,
    creditors::creditor::get,
    creditors::wallet::get,
    creditors::pin::get,
    creditors::pin::patch,
    creditors::log::get,
    creditors::lists::accounts,
    creditors::lists::transfers,
    account_lookup::post,
    debtor_lookup::post,
    accounts::list::get,
    accounts::list::post,
    accounts::account::get,
    accounts::account::delete,
    accounts::config::get,
    accounts::config::patch,
    accounts::display::get,
    accounts::display::patch,
    accounts::exchange::get,
    accounts::exchange::patch,
    accounts::knowledge::get,
    accounts::knowledge::patch,
    accounts::info::get,
    accounts::ledger::get,
    accounts::entries::get,
    accounts::committed_transfer::get,
    transfers::list::get,
    transfers::list::post,
    transfers::transfer::get,
    transfers::transfer::cancel,
    transfers::transfer::delete,
    health::get
))]
pub(crate) struct Documentation;
