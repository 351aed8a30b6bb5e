//! The ledger processor as processes on a real database.

#![expect(clippy::unwrap_used, reason = "helpers of tests fail like tests")]

mod copies;
mod failures;
mod process;
mod waking;
