//! Finds out which kinds of messages wait, and calls their lanes.

use domain::signal::Kind;
use persistence::{Db, outbox};
use runtime::worker::Pass;

use crate::bell::Bell;

/// Looks at all tables of a worker at once, so that an idle worker costs one cheap statement in each period.
#[derive(Clone)]
pub(crate) struct Dispatcher {
    pub(crate) db: Db,
    pub(crate) bells: Vec<(Kind, Bell)>,
}

impl Dispatcher {
    /// Calls the lanes that have something to do, and those that are at work: these look again by themselves.
    pub(crate) async fn look(&self) -> Result<Pass, persistence::Error> {
        let (busy, idle): (Vec<_>, Vec<_>) = self.bells.iter().partition(|(_, bell)| bell.is_busy());
        for (_, bell) in busy {
            bell.ring();
        }
        if !idle.is_empty() {
            let kinds: Vec<Kind> = idle.iter().map(|(kind, _)| *kind).collect();
            let waiting = self.db.in_time(async { outbox::waiting(&mut *self.db.conn().await?, &kinds).await });
            let waiting = waiting.await?;
            for (_, bell) in idle.iter().filter(|(kind, _)| waiting.contains(kind)) {
                bell.ring();
            }
        }
        Ok(Pass::Drained)
    }
}
