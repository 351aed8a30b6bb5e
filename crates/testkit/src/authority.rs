//! A simulated accounting authority: the other side of the protocol, for tests, the demo and benchmarks.
//!
//! It keeps real accounts of any number of debtors, locks amounts, commits transfers, issues money and pays interest.
//! Its three parts know little of each other:
//!
//! * [`Book`] decides. It is a pure state machine: a message or command and an instant go in, messages come out.
//! * [`Way`] harms, if it is told to: messages come late, twice, in another order or not at all, as a seed says.
//! * [`Authority`] talks to the broker and owns one of each. [`control`] lets other processes give commands by HTTP.
//!
//! # Design notes
//!
//! * Account ids are the unsigned decimal numbers of the creditors; the issuer, from whom new money comes, is `0`.
//! * Principals are never negative. The sum of all principals of a debtor is the money in circulation.
//! * One AccountUpdate tells of all changes since the previous one; there is one per account and batch of messages.
//! * Every transfer is told to both sides, negligible amounts included.
//! * An account that is removed and created again on the same day gets a creation date in the future: the agent knows
//!   different accounts by later dates.
//! * All state is in memory. An authority that starts again knows no accounts: existing ones come back, empty, when
//!   their holders configure them anew. Prepared transfers of the former life are never finalised.
//!
//! # To add one more command
//!
//! 1. A method of [`Book`] in `book/commands.rs` that takes `now` and returns what is to be sent; accounts that it
//!    changes go through `Book::post`, or into `Book::changed`.
//! 2. Cases in `book/tests.rs`, and an event in `book/tests/properties.rs`.
//! 3. A method of [`Authority`] that wraps it with [`Authority::command`].
//! 4. If other processes need it: a body in `control/views.rs`, a route in `control/routes.rs`, a method of
//!    [`control::Client`], a row in the table of [`control`].

mod account;
mod book;
pub mod control;
mod faults;
mod interest;
mod options;
mod outgoing;
mod program;
mod server;
pub mod status;

pub use account::{Account, ISSUER, Terms, account_id, creditor_of};
pub use book::{Book, Prepared, Refused};
pub use faults::{Faults, Way};
pub use options::BookOptions;
pub use outgoing::Outgoing;
pub use program::main;
pub use server::{Authority, AuthorityOptions, CommandError};
