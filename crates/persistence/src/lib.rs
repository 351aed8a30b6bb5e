#![doc = include_str!("../README.md")]

pub mod account_data;
pub mod committed_transfer;
pub mod connect;
pub mod creditor;
pub mod db;
pub mod error;
pub mod ledger;
pub mod log_additions;
pub mod migrations;
pub mod object_update_id;
pub mod outbox;
pub mod pending_ledger_update;
pub mod pending_log_entry;
pub mod running_transfer;
pub(crate) mod schema;
mod sql;
mod tx;
pub mod wake;

pub use connect::Target;
pub use db::{Connection, Db, PoolOptions};
pub use error::{Error, Fault, Result, Retry};
pub use tx::Tx;
pub use wake::Wake;
