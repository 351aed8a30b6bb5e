//! Measures how much is waiting.

use std::{sync::Arc, time::Duration};

use domain::signal::Kind;
use persistence::{Db, outbox};
use runtime::{Clock, worker::Pass};

use crate::metrics;

/// From one measurement to the next: rows are counted, which takes a moment when there are many.
pub(crate) const PERIOD: Duration = Duration::from_secs(15);

#[derive(Clone)]
pub(crate) struct Gauge {
    pub(crate) db: Db,
    pub(crate) kinds: Vec<Kind>,
    pub(crate) clock: Arc<dyn Clock>,
}

impl Gauge {
    pub(crate) async fn measure(&self) -> Result<Pass, persistence::Error> {
        let depths = outbox::depths(&mut *self.db.conn().await?).await?;
        let now = self.clock.now();
        for kind in &self.kinds {
            metrics::set_depth(*kind, depths.get(kind).copied().unwrap_or_default(), now);
        }
        Ok(Pass::Drained)
    }
}
