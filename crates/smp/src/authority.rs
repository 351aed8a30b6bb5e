//! The other side of the protocol: what an accounting authority sends and receives.
//!
//! The agent itself does not use this. It serves simulations of an accounting authority, and the property that what
//! one side writes the other reads.

mod encode;
mod headers;
mod requests;

use chrono::TimeDelta;
use domain::Timestamp;
use domain::incoming::Incoming;
use domain::routing::binary_key;

use crate::incoming::{Kind, creditor_id};
use crate::names::DIRECT;

pub use encode::encode;
pub use headers::headers;
pub use requests::decode;

/// Seconds an [`Unused::at`] gives a prepared transfer.
const COMMIT_PERIOD: i32 = 30 * 24 * 3600;

/// The members of messages to the agent that it validates and ignores (smp §3, "unused").
#[derive(Clone, Debug, PartialEq)]
pub struct Unused {
    /// Of the three replies, at most 30 characters, not empty.
    pub coordinator_type: String,
    /// `ts` of the messages whose `ts` is ignored.
    pub ts: Timestamp,
    /// Of `PreparedTransfer` and `FinalizedTransfer`.
    pub prepared_at: Timestamp,
    /// Of `PreparedTransfer`.
    pub deadline: Timestamp,
    /// Of `PreparedTransfer`.
    pub final_interest_rate_ts: Timestamp,
    /// Of `AccountUpdate` and `PreparedTransfer`: percent per year, −100…0.
    pub demurrage_rate: f64,
    /// Of `AccountUpdate`: seconds, not negative.
    pub commit_period: i32,
}

impl Unused {
    /// Plausible values for a message made at `ts`: a direct transfer, no demurrage, 30 days to commit.
    pub fn at(ts: Timestamp) -> Self {
        let deadline = ts.checked_add_signed(TimeDelta::seconds(COMMIT_PERIOD.into())).unwrap_or(ts);
        Self {
            coordinator_type: DIRECT.to_owned(),
            ts,
            prepared_at: ts,
            deadline,
            final_interest_rate_ts: ts,
            demurrage_rate: 0.0,
            commit_period: COMMIT_PERIOD,
        }
    }
}

/// The AMQP property `type` of a message to the agent.
pub const fn message_type(message: &Incoming) -> &'static str {
    Kind::of(message).name()
}

/// The routing key of a message to the agent.
pub fn routing_key(message: &Incoming) -> String {
    binary_key(creditor_id(message))
}
