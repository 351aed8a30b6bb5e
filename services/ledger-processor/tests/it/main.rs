//! The ledger processor as processes on a real database.

mod copies;
mod failures;
mod process;
mod waking;
