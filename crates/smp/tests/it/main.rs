//! The protocol as smp.md describes it, seen from outside.

#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

extern crate creditors_smp as smp;

mod authority;
mod checks;
mod fixture;
mod golden;
mod hostile;
mod lenient;
mod outgoing;
mod poison;
mod roundtrip;
mod samples;
mod schemas;
mod strategies;
