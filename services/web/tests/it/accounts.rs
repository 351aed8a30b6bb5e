//! Accounts and their parts (webapi §12.3 – §12.5).

pub(crate) mod bodies;
mod config;
mod deletion;
mod display;
mod exchange;
mod guards;
mod knowledge;
mod ledger;
mod list;
mod view;
