//! Telling those who follow logs that there is something new.
//!
//! Whoever writes into logs notifies all web servers, without saying whose logs have grown. One task per process then
//! asks the database for the newest entries of all followed logs at once, and wakes the followers concerned.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use domain::CreditorId;
use persistence::{Db, creditor};
use runtime::{Stop, Wake, Woken};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

/// More followers than that are sent away.
const MAX_FOLLOWERS: usize = 10_000;

/// If nobody notifies us (the peer implementation never does), the logs are looked at so often.
const PERIOD: Duration = Duration::from_secs(5);

/// Between two looks.
const QUIET: Duration = Duration::from_millis(5);

/// Wakes those who follow logs.
pub struct Feed {
    /// Ids of the newest entries that we know of, of the logs that are followed.
    logs: Mutex<HashMap<CreditorId, watch::Sender<i64>>>,
    places: Arc<Semaphore>,
    stop: Stop,
}

/// A place among the followers of a log.
pub struct Following {
    newest: watch::Receiver<i64>,
    stop: Stop,
    _place: OwnedSemaphorePermit,
}

/// Why the wait for a log has ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Waited {
    /// The log has grown.
    Grown,
    /// Nothing has happened for so long.
    Elapsed,
    /// The process ends.
    Stopped,
}

impl Feed {
    /// A feed whose followers are sent away at the stop.
    pub fn new(stop: Stop) -> Self {
        Self { logs: Mutex::default(), places: Arc::new(Semaphore::new(MAX_FOLLOWERS)), stop }
    }

    /// Follows a log. `None`: there are too many followers already.
    pub fn follow(&self, creditor_id: CreditorId) -> Option<Following> {
        let place = Arc::clone(&self.places).try_acquire_owned().ok()?;
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        let newest = logs.entry(creditor_id).or_insert_with(|| watch::channel(0).0).subscribe();
        Some(Following { newest, stop: self.stop.clone(), _place: place })
    }

    /// Looks at the followed logs whenever it is woken, until the stop.
    pub async fn run(&self, db: &Db, wake: &Wake) {
        while wake.wait(PERIOD, &self.stop).await != Woken::Stopped {
            let followed = self.followed();
            if !followed.is_empty() {
                match newest_entries(db, &followed).await {
                    Ok(newest) => self.tell(newest),
                    Err(error) => {
                        let error = &error as &dyn std::error::Error;
                        tracing::warn!(error, "Followers of logs wait for the database.");
                    }
                }
            }
            tokio::time::sleep(QUIET).await;
        }
    }

    /// The logs that somebody follows; the others are forgotten.
    fn followed(&self) -> Vec<CreditorId> {
        let mut logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        logs.retain(|_, newest| newest.receiver_count() > 0);
        logs.keys().copied().collect()
    }

    fn tell(&self, entries: Vec<(CreditorId, i64)>) {
        let logs = self.logs.lock().unwrap_or_else(PoisonError::into_inner);
        for (creditor_id, entry_id) in entries {
            if let Some(newest) = logs.get(&creditor_id) {
                newest.send_if_modified(|known| {
                    let has_grown = entry_id > *known;
                    *known = entry_id;
                    has_grown
                });
            }
        }
    }
}

async fn newest_entries(db: &Db, creditor_ids: &[CreditorId]) -> persistence::Result<Vec<(CreditorId, i64)>> {
    creditor::newest_log_entries(&mut *db.conn().await?, creditor_ids).await
}

impl Following {
    /// Waits until the log has an entry after this one.
    pub async fn wait(&mut self, entry_id: i64, longest: Duration) -> Waited {
        tokio::select! {
            biased;
            () = self.stop.stopped() => Waited::Stopped,
            outcome = self.newest.wait_for(|newest| *newest > entry_id) => {
                if outcome.is_ok() { Waited::Grown } else { Waited::Stopped }
            }
            () = tokio::time::sleep(longest) => Waited::Elapsed,
        }
    }
}
