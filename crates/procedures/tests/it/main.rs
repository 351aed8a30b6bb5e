//! Use cases on a real database.

#![allow(
    clippy::items_after_statements,
    clippy::similar_names,
    clippy::large_futures,
    clippy::type_complexity,
    clippy::too_many_lines,
    reason = "tests tell long stories, with short names"
)]
#![expect(clippy::unwrap_used, clippy::panic, reason = "helpers of tests fail like tests")]

mod accounts;
mod check_list;
mod client;
mod copies;
mod deliveries;
mod dice;
mod equivalence;
mod ledger_updates;
mod left_behind;
mod likeness;
mod log_additions;
mod messages;
mod pins;
mod queues;
mod races;
mod reads;
mod scans;
mod seed;
mod statements;
mod traffic;
mod transfer_messages;
mod transfers;
mod usage;
