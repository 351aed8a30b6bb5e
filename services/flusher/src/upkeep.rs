//! Keeps tables short that many rows go through.
//!
//! A removed row leaves a trace until the table is vacuumed, and whoever looks for rows passes all traces. The server
//! vacuums by itself, but only once a minute: enough for a busy flusher to leave a hundred thousand traces, which
//! then lie before each lone message.

use domain::signal::Kind;
use persistence::{Db, outbox};
use runtime::Stop;
use smp::outgoing::message_type;
use tokio::sync::mpsc;
use tracing::{debug, warn};

use crate::error::Error;

/// So many removed rows are worth a vacuum: passing their traces takes as long as a few commits.
pub(crate) const LITTER: usize = 10_000;

/// Where to ask for a vacuum. Copies are the same.
#[derive(Clone, Debug)]
pub(crate) struct Upkeep(mpsc::UnboundedSender<Kind>);

/// What was asked for.
pub(crate) type Requests = mpsc::UnboundedReceiver<Kind>;

impl Upkeep {
    pub(crate) fn new() -> (Self, Requests) {
        let (sender, receiver) = mpsc::unbounded_channel();
        (Self(sender), receiver)
    }

    /// Has the table of a kind vacuumed, soon. Nobody waits for it.
    pub(crate) fn vacuum(&self, kind: Kind) {
        // At the end of the process nobody listens any more.
        let _ = self.0.send(kind);
    }
}

/// Does what is asked for, until the stop. What fails is left to the server.
pub(crate) async fn run(db: Db, mut requests: Requests, stop: Stop) -> Result<(), Error> {
    loop {
        let kind = tokio::select! {
            biased;
            () = stop.stopped() => return Ok(()),
            Some(kind) = requests.recv() => kind,
        };
        // The statement is never broken off: the server goes on with it if our process ends.
        match vacuum(&db, kind).await {
            Ok(()) => debug!(message_type = message_type(kind), "The table of {} was vacuumed.", message_type(kind)),
            Err(error) => warn!(
                message_type = message_type(kind),
                error = &error as &dyn std::error::Error,
                "The table of {} messages could not be vacuumed; the server will do it.",
                message_type(kind)
            ),
        }
    }
}

async fn vacuum(db: &Db, kind: Kind) -> Result<(), persistence::Error> {
    outbox::vacuum(&mut *db.conn().await?, kind).await
}
