//! Use cases on a real database.

mod ledger_updates;
mod log_additions;
mod messages;
mod seed;
