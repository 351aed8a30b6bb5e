//! The scanner on a real database.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod accounts;
mod creditors;
mod faults;
mod process;
mod records;
mod world;
