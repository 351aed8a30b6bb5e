//! Whether a connection or channel still lives, and what ended it.

use std::sync::OnceLock;

use tokio_util::sync::CancellationToken;

use crate::Error;

/// Shared by everyone who uses a connection or channel. Once ended it stays so; the first cause is kept.
///
/// The client library's own `is_open()` cannot be trusted: it stays true when its dispatcher has died. The callbacks
/// that it drops on every kind of loss are what reports the end (`crate::callbacks`).
#[derive(Debug, Default)]
pub(crate) struct Fate {
    gone: CancellationToken,
    cause: OnceLock<Error>,
}

impl Fate {
    /// Marks the end. Called again, it changes nothing.
    pub(crate) fn end(&self, cause: Error) {
        // Fails when there is a cause already: the first one counts.
        let _ = self.cause.set(cause);
        self.gone.cancel();
    }

    pub(crate) fn is_gone(&self) -> bool {
        self.gone.is_cancelled()
    }

    /// Waits for the end.
    pub(crate) async fn gone(&self) {
        self.gone.cancelled().await;
    }

    /// What ended it, if anything did.
    pub(crate) fn cause(&self) -> Option<Error> {
        self.cause.get().cloned()
    }

    /// What ended it, for the case that something did.
    pub(crate) fn cause_or_lost(&self) -> Error {
        self.cause().unwrap_or(Error::ConnectionLost)
    }
}
