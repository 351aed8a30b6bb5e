#![doc = include_str!("../README.md")]

pub mod accounts;
pub mod client;
pub mod creditors;
pub mod incoming;
pub mod ledger_updates;
pub mod log_additions;
pub mod pins;
pub mod scans;
pub mod transfers;

mod count;
mod outgoing;
