//! The crate from outside: configuration and the life of a process.

#![expect(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test fails by panicking")]

mod configuration;
mod defaults;
mod service;
