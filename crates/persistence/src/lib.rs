#![doc = include_str!("../README.md")]

pub mod account;
pub mod account_data;
pub mod account_display;
pub mod account_exchange;
pub mod account_knowledge;
pub mod admission;
pub mod committed_transfer;
pub mod connect;
pub mod creditor;
pub mod db;
pub mod error;
pub mod inspect;
pub mod ledger;
pub mod ledger_entry;
pub mod log_additions;
pub mod log_entry;
pub mod migrations;
pub mod object_update_id;
pub mod outbox;
pub mod pending_ledger_update;
pub mod pending_log_entry;
pub mod pin_info;
pub mod running_transfer;
pub mod scan;
pub(crate) mod schema;
pub mod shard_content;
mod sql;
mod tx;
pub mod usage_stats;
pub mod verify;
pub mod wake;

pub use connect::Target;
pub use db::{Connection, Db, PoolOptions};
pub use error::{Error, Fault, Result, Retry};
pub use tx::{SharedTx, Tx};
pub use wake::Wake;
