//! The numbered check list of processing §18, row by row, through the agent's commands as an operator and a wallet use
//! them: whole processes, a real broker, HTTP. All services must have been built.
//!
//! Where a row continues the story of another, one test tells the whole story.
#![expect(clippy::unwrap_used, clippy::panic, reason = "what a test's helper cannot do fails the test")]

mod accounts;
mod commands;
mod configurations;
mod creditors;
mod ledgers;
mod messages;
mod transfers;
mod upkeep;
mod world;
