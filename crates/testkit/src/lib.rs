#![doc = include_str!("../README.md")]

pub mod authority;
pub mod bench;
pub mod broker;
pub mod database;
pub mod environment;
pub mod http;
pub mod invariants;
pub mod issuer;
mod leftovers;
pub mod local;
pub mod ports;
pub mod process;
pub mod programs;
mod random;
pub mod seed;
pub mod servers;
pub mod stage;
pub mod wallet;

pub use broker::TestBroker;
pub use database::TestDatabase;
pub use process::ServiceProcess;
