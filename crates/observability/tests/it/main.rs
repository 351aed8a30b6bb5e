//! The crate from outside: what a process prints and what it answers.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod admin;
mod process;
