#![doc = include_str!("../README.md")]

pub mod account_purges;
pub mod account_transfers;
pub mod account_updates;
pub mod accounts;
pub mod activations;
pub mod bounced_configs;
pub mod client;
pub mod creditors;
pub mod incoming;
pub mod ledger_updates;
pub mod log_additions;
pub mod pins;
pub mod rejected_configs;
pub mod running_transfers;
pub mod transfers;

mod write;
