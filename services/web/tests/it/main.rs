//! Tests of the web service.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod accounts;
mod app;
mod availability;
mod bodies;
mod callers;
mod cors;
mod creditors;
mod documents;
mod fields;
mod follow;
mod known_bugs;
mod pins;
mod process;
mod races;
mod requests;
mod routing;
mod sockets;
mod statements;
mod tokens;
mod transcripts;
mod transfers;
mod world;
