//! What the authority sends.

use domain::Timestamp;
use domain::incoming::Incoming;
use smp::authority::Unused;

/// A message from the authority to the agent.
#[derive(Clone, Debug, PartialEq)]
pub struct Outgoing {
    /// What the agent reads of it.
    pub message: Incoming,
    /// What the agent validates and ignores.
    pub unused: Unused,
}

impl Outgoing {
    /// A message made at `now`, with the usual values in the members that the agent ignores.
    pub fn new(message: Incoming, now: Timestamp) -> Self {
        Self { message, unused: Unused::at(now) }
    }
}
