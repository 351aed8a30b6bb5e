//! Stopping deliveries from outside.

use std::fmt;

use tokio::sync::watch;

use super::supervisor::{Command, Mode};

/// Stops the deliveries to a [`Consumer`](super::Consumer) that somebody else owns, and takes nothing away from it:
/// batches can still be settled, and what has arrived can still be taken.
///
/// Consumers of one queue that are about to return messages must all be stopped first. Otherwise what one returns is
/// delivered to the next, which returns it as well, and the broker counts each time.
#[derive(Clone)]
pub struct Brake {
    pub(super) commands: watch::Sender<Command>,
    pub(super) obeyed: watch::Receiver<u64>,
}

impl Brake {
    /// Returns when no more messages will be delivered, until the owner says
    /// [`resume`](super::Consumer::resume). One that pauses or has ended is left alone.
    pub async fn hold(&self) {
        let mut number = 0;
        self.commands.send_if_modified(|command| {
            let consumes = command.mode == Mode::Consume;
            if consumes {
                command.number += 1;
                command.mode = Mode::Hold;
            }
            number = command.number;
            consumes
        });
        // Failing, the supervisor has ended, and consumes nothing either.
        let _ = self.obeyed.clone().wait_for(|&obeyed| obeyed >= number).await;
    }
}

impl fmt::Debug for Brake {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Brake").field("command", &*self.commands.borrow()).finish_non_exhaustive()
    }
}
