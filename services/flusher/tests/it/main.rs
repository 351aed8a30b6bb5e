//! The flusher against a real database and a real broker.

mod faults;
mod messages;
mod outbox;
mod process;
mod proxy;
mod refusals;
mod shards;
mod signals;
mod work;
mod world;
