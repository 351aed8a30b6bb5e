//! Use cases on a real database.

mod accounts;
mod client;
mod ledger_updates;
mod log_additions;
mod messages;
mod pins;
mod reads;
mod seed;
mod transfers;
