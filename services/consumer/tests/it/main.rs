//! The consumer against a real broker and a real database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod draining;
mod faults;
mod judging;
mod processes;
mod restarts;
mod world;
