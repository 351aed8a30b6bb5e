//! Tests of the test support itself, with real servers.

mod authority;
mod broker;
mod check_list;
mod daemon;
mod database;
mod faults;
mod invariants;
mod operations;
mod scratch;
mod service;
mod split;
mod takeover;
mod with_servers;
