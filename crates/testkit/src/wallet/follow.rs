//! Following a log.

use std::time::{Duration, Instant};

use super::{Error, LogEntry, Wallet};

/// A log entry, and when it was first seen.
#[derive(Clone, Debug)]
pub struct Seen {
    /// When.
    pub at: Instant,
    /// The entry.
    pub entry: LogEntry,
}

impl Wallet {
    /// Follows the log after an entry until enough has been seen, by asking for news again and again.
    pub async fn follow_log(
        &self,
        after: i64,
        look_every: Duration,
        mut enough: impl FnMut(&[Seen]) -> bool,
    ) -> Result<Vec<Seen>, Error> {
        let mut seen: Vec<Seen> = vec![];
        while !enough(&seen) {
            let last = seen.last().map_or(after, |seen| seen.entry.entry_id);
            let news = self.log_after(last).await?;
            let at = Instant::now();
            if news.is_empty() {
                tokio::time::sleep(look_every).await;
            }
            seen.extend(news.into_iter().map(|entry| Seen { at, entry }));
        }
        Ok(seen)
    }
}
