//! The flusher against a real database and a real broker.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod faults;
mod messages;
mod outbox;
mod peer;
mod process;
mod proxy;
mod refusals;
mod shards;
mod signals;
mod work;
mod world;
