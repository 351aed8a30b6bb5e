//! Why consuming cannot go on.

use crate::judge::Misdirected;

/// Why consuming cannot go on: somebody has to change something.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A message arrived that is not for this shard (smp §2, checks 5 and 6).
    #[error(transparent)]
    Misdirected(#[from] Misdirected),
    /// The queue does not exist, or the broker refuses it.
    #[error("the queue {queue} cannot be consumed")]
    Queue {
        /// Its name.
        queue: String,
        /// What the broker says.
        source: amqp::Error,
    },
    /// A part of the service has ended in disorder.
    #[error("{0}")]
    Lost(String),
}

/// An error and its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}
