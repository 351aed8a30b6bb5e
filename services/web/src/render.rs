//! The objects clients see, as plain serializable values (webapi §7, §8).
//!
//! An object is made from what the domain knows by a function `new`. Members that have no value are absent, never `null`.

pub mod account;
pub mod config;
pub mod creditor;
pub mod display;
pub mod exchange;
pub mod identities;
pub mod info;
pub mod knowledge;
pub mod ledger;
pub mod log;
pub mod page;
pub mod timestamp;
pub mod transfer;
pub mod wallet;

#[cfg(test)]
mod tests;
