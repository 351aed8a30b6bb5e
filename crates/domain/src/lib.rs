#![doc = include_str!("../README.md")]
#![cfg_attr(not(test), deny(clippy::indexing_slicing, clippy::as_conversions, clippy::arithmetic_side_effects))]

pub mod account;
pub mod committed_transfer;
pub mod creditor;
pub mod ids;
pub mod incoming;
pub mod interest;
pub mod ledger;
pub mod log_entry;
mod numeric;
pub mod pin;
pub mod retention;
pub mod routing;
pub mod seqnum;
pub mod sharding;
pub mod signal;
pub mod swpt_uri;
pub mod time;
pub mod tolerance;
pub mod transfer;
pub mod update_id;
pub mod uris;
pub mod usage;

pub use ids::{AccountKey, CreditorId, DebtorId};
pub use sharding::{Realm, Shard};
pub use time::Timestamp;

#[cfg(test)]
mod test_values;
