#![doc = include_str!("../README.md")]

pub mod account;
pub mod ids;
pub mod incoming;
pub mod ledger;
pub mod log_entry;
pub mod signal;
pub mod time;
pub mod transfer;

pub use ids::{AccountKey, CreditorId, DebtorId};
pub use time::Timestamp;
