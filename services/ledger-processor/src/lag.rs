//! How far the ledgers lag behind.
//!
//! A work item does not say since when it has been waiting, but the number of the transaction that has inserted it tells
//! it apart from younger ones. So we note, at each measurement, which number was next: an item with a smaller number was
//! there then.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use persistence::{
    Db, Result,
    pending_ledger_update::{self, Depth},
};

use crate::metrics;

/// From one measurement to the next. The lag is found out to within this time.
pub(crate) const PERIOD: Duration = Duration::from_secs(10);

/// More measurements than this are not remembered: enough for a day.
const MOST_MARKS: usize = 10_000;

#[derive(Clone)]
pub(crate) struct Gauge {
    db: Db,
    marks: Arc<Mutex<Marks>>,
}

impl Gauge {
    pub(crate) fn new(db: Db) -> Self {
        Self { db, marks: Arc::default() }
    }

    pub(crate) async fn measure(self) -> Result<()> {
        let depth = pending_ledger_update::depth(&mut *self.db.conn().await?).await?;
        let lag = self.marks.lock().unwrap_or_else(PoisonError::into_inner).lag(depth, Instant::now());
        metrics::set_waiting(depth.rows, lag);
        Ok(())
    }
}

/// When which transaction number was next, oldest first.
#[derive(Debug, Default)]
struct Marks(VecDeque<(i64, Instant)>);

impl Marks {
    /// How long, at least, the oldest item has been waiting.
    fn lag(&mut self, depth: Depth, now: Instant) -> Duration {
        self.0.push_back((depth.next, now));
        // What is older than all items will not be needed any more.
        while self.0.front().is_some_and(|(next, _)| depth.oldest.is_none_or(|oldest| *next <= oldest)) {
            self.0.pop_front();
        }
        if self.0.len() > MOST_MARKS {
            // The first mark tells the lag.
            self.0.remove(1);
        }
        self.0.front().map_or(Duration::ZERO, |(_, seen)| now - *seen)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lag_is_that_of_the_oldest_item() {
        let (mut marks, start) = (Marks::default(), Instant::now());
        let mut lag = |seconds, oldest, next| {
            let depth = Depth { rows: 1, oldest, next };
            marks.lag(depth, start + Duration::from_secs(seconds)).as_secs()
        };
        assert_eq!(lag(0, None, 100), 0);
        assert_eq!(lag(10, Some(105), 110), 0, "it has come since");
        assert_eq!(lag(20, Some(105), 120), 10);
        assert_eq!(lag(30, Some(115), 130), 10, "a younger one is the oldest now: it was there at 20");
        assert_eq!(lag(40, Some(115), 130), 20, "nothing else happens in the database");
        assert_eq!(lag(50, None, 130), 0);
        assert_eq!(lag(60, Some(130), 131), 0);
        assert_eq!(lag(70, Some(130), 131), 10);
    }

    #[test]
    fn the_memory_is_bounded() {
        let (mut marks, start) = (Marks::default(), Instant::now());
        let mut last = Duration::ZERO;
        for n in 0..30_000 {
            let depth = Depth { rows: 1, oldest: Some(5), next: 10 + i64::from(n) };
            last = marks.lag(depth, start + PERIOD * n);
        }
        assert_eq!(last, PERIOD * 29_999);
        assert!(marks.0.len() <= MOST_MARKS);
    }
}
