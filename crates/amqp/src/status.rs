//! What a supervised connection is doing.

use crate::Error;

/// State of a [`Publisher`](crate::Publisher) or [`Consumer`](crate::Consumer), for health checks and for services that
/// would rather exit than wait.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Status {
    /// Not usable yet, or not any more: connecting, or waiting for the next attempt.
    #[default]
    Connecting,
    /// The last attempt failed, or the connection was lost; another attempt follows by itself.
    Failing {
        /// Failures in a row. A connection that lasted ten seconds breaks the row.
        failures: u32,
        /// What went wrong last.
        error: Error,
    },
    /// Usable: a publisher is connected, a consumer has its subscription.
    Ready,
    /// A consumer that was told to pause, and holds no message.
    Paused,
    /// Ended, because it was told to stop or its handle was dropped.
    Stopped,
}

impl Status {
    /// Whether it does what it is there for, or was told not to.
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready | Self::Paused)
    }
}
