//! What goes wrong.

use std::time::Duration;

use domain::CreditorId;

/// Why flushing is interrupted, or cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// There are messages that this shard must not send: somebody has to find out why (processing §14).
    #[error("the outbox holds messages of a creditor that this shard is not responsible for: {}", .0.get())]
    Misrouted(CreditorId),
    /// The database is away, or refuses a statement.
    #[error(transparent)]
    Database(#[from] persistence::Error),
    /// The connection to the broker was lost while messages were on their way.
    #[error("{0} messages were not confirmed, and will be sent again")]
    Unconfirmed(usize),
    /// The broker refuses messages for so many destinations that the trouble must be with all of them.
    #[error("the broker refuses messages for too many destinations")]
    Refused,
    /// There is no connection to the broker, and nobody wants to wait for one any longer.
    #[error("there is no connection to the broker within {} s", .0.as_secs())]
    NoBroker(Duration),
}
