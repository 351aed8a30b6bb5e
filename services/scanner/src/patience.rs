//! Waiting for a database that is away.

use std::{sync::Arc, time::Duration};

use persistence::{Error, Fault};
use runtime::{Random, worker::Backoff};
use tokio::time::sleep;
use tracing::warn;

/// Pauses while the database is away.
const PAUSES: Backoff = Backoff { first: Duration::from_millis(200), cap: Duration::from_secs(5) };

/// What has to be said about failures, and how many there were in a row.
pub(crate) struct Patience {
    rows: &'static str,
    random: Arc<dyn Random>,
    failures: u32,
}

impl Patience {
    pub(crate) fn new(rows: &'static str, random: Arc<dyn Random>) -> Self {
        Self { rows, random, failures: 0 }
    }

    /// Pauses after a failure that may pass; gives back one that lies in the data.
    pub(crate) async fn after(&mut self, error: Error) -> Result<(), Error> {
        if error.fault() == Fault::Data {
            return Err(error);
        }
        self.failures += 1;
        let pause = PAUSES.pause(self.failures, &*self.random);
        warn!(
            table = self.rows,
            error = &error as &dyn std::error::Error,
            pause_seconds = pause.as_secs_f64(),
            "The scan of {} waits for the database.",
            self.rows
        );
        sleep(pause).await;
        Ok(())
    }

    /// Something has worked.
    pub(crate) fn renew(&mut self) {
        self.failures = 0;
    }
}

/// Does a piece of work again and again while the database is away. It must be harmless when done twice.
macro_rules! insist {
    ($patience:expr, $work:expr) => {
        loop {
            match $work.await {
                Ok(outcome) => {
                    $patience.renew();
                    break outcome;
                }
                Err(error) => $patience.after(error).await?,
            }
        }
    };
}

pub(crate) use insist;
