//! What can go wrong between us and the broker.

use std::time::Duration;

/// Why the broker could not be used. No variant ever holds a password.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// No connection could be made: nobody listens, wrong credentials, no such virtual host.
    #[error("cannot connect to {broker}: {reason}")]
    Connect {
        /// The broker's address, without the password.
        broker: String,
        /// What the client library said.
        reason: String,
    },
    /// The broker did not answer in time.
    #[error("the broker did not answer within {} s", .0.as_secs())]
    Deadline(Duration),
    /// Published messages were not confirmed in time.
    #[error("the broker did not confirm a message within {} s", .0.as_secs())]
    ConfirmDeadline(Duration),
    /// The broker closed the channel: something asked for does not exist, is refused, or differs.
    #[error("the broker closed the channel: {code} {text}")]
    ChannelClosed {
        /// The AMQP reply code, as 404 for "not found".
        code: u16,
        /// The broker's explanation.
        text: String,
    },
    /// The broker closed the whole connection.
    #[error("the broker closed the connection: {code} {text}")]
    ConnectionClosed {
        /// The AMQP reply code, as 320 for "forced by the operator".
        code: u16,
        /// The broker's explanation.
        text: String,
    },
    /// The network failed, or heartbeats were missed.
    #[error("the connection was lost")]
    ConnectionLost,
    /// The broker ended our subscription, commonly because the queue was deleted.
    #[error("the broker cancelled the consumer")]
    ConsumerCancelled,
    /// The channel that delivered the messages is gone; the broker will deliver them again.
    #[error("the channel that delivered the messages is gone")]
    Stale,
    /// We closed the connection ourselves.
    #[error("the connection was closed")]
    Closed,
    /// A name is longer than the 255 bytes that AMQP allows.
    #[error("{what} is {bytes} bytes long, at most 255 are allowed")]
    NameTooLong {
        /// What the name is for.
        what: &'static str,
        /// Its length.
        bytes: usize,
    },
    /// TLS cannot be used with this host.
    #[error("cannot set up TLS: {0}")]
    Tls(String),
    /// The broker or the client library did what the protocol does not allow.
    #[error("AMQP protocol failure: {0}")]
    Protocol(String),
}

impl Error {
    /// Whether the queue or exchange asked for does not exist. It may be created later.
    pub fn is_not_found(&self) -> bool {
        matches!(self, Self::ChannelClosed { code: 404, .. })
    }

    /// Whether the broker refuses us: permissions, virtual host, or a differing declaration. Trying again
    /// does not help before somebody has changed something.
    pub fn is_refused(&self) -> bool {
        matches!(
            self,
            Self::ChannelClosed { code: 403 | 405 | 406, .. } | Self::ConnectionClosed { code: 403 | 530, .. }
        )
    }
}
