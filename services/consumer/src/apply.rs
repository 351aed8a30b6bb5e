//! Writing what messages say: a batch in one transaction, or, when one of them cannot be written, without that one.

use std::{ops::Range, sync::Arc};

use domain::incoming::Incoming;
use persistence::{Db, Error, Fault, Result, Tx};
use procedures::incoming::{self, Context, Locks};
use runtime::Clock;

/// What the transactions are called in metrics and logs.
const NAME: &str = "consume";

/// Writes messages into the database.
pub(crate) struct Applier {
    pub(crate) db: Db,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) context: Context,
}

/// A message that the database refuses, whatever company it is in.
#[derive(Debug)]
pub(crate) struct Refused {
    /// Which of the messages it is.
    pub(crate) index: usize,
    /// Why.
    pub(crate) error: Error,
}

impl Applier {
    /// Applies messages, in one transaction if possible. If the database refuses that for a reason that lies in the
    /// data, halves of the batch are tried, and halves of these, until the messages that cause it stand alone.
    ///
    /// So a message is refused only after it has failed twice. An error means that the database is not able to work;
    /// some of the messages may have been applied.
    pub(crate) async fn apply(&self, messages: &[Incoming]) -> Result<Vec<Refused>> {
        let mut refused = Vec::new();
        let everything = 0..messages.len();
        if everything.is_empty() || self.succeeds(messages).await?.is_ok() {
            return Ok(refused);
        }
        let mut parts: Vec<Range<usize>> = halves(everything).collect();
        while let Some(part) = parts.pop() {
            if let Err(error) = self.succeeds(messages.get(part.clone()).unwrap_or_default()).await? {
                if part.len() > 1 {
                    parts.extend(halves(part));
                } else {
                    refused.push(Refused { index: part.start, error });
                }
            }
        }
        Ok(refused)
    }

    /// Tries out whether the database would accept the messages now, and changes nothing.
    pub(crate) async fn rehearse(&self, messages: &[Incoming]) -> Result<()> {
        let rehearsal = async || {
            let mut tx = self.applied(messages).await?;
            tx.flush().await?;
            tx.rollback().await
        };
        self.db.retrying(NAME, rehearsal).await
    }

    /// The inner error is a matter of the data, the outer one of the database.
    async fn succeeds(&self, messages: &[Incoming]) -> Result<Result<()>> {
        match self.db.retrying(NAME, || async { self.applied(messages).await?.commit().await }).await {
            Err(error) if error.fault() != Fault::Data => Err(error),
            outcome => Ok(outcome),
        }
    }

    /// A transaction in which the messages are applied.
    async fn applied(&self, messages: &[Incoming]) -> Result<Tx> {
        let now = self.clock.now();
        let locks = Locks::of(messages, &self.context, now);
        let (mut tx, locked) = self.db.begin_with(NAME, |tx| Box::pin(locks.take(tx))).await?;
        match incoming::write(&mut tx, locked, messages, &self.context, now).await {
            Ok(()) => Ok(tx),
            Err(error) => {
                if error.fault() != Fault::Unavailable {
                    // Failing, the connection is not used again, which undoes everything as well.
                    let _ = tx.rollback().await;
                }
                Err(error)
            }
        }
    }
}

/// The later half first: parts are taken from the end, and messages should be applied in the order of their arrival. A
/// single message is its own half.
fn halves(part: Range<usize>) -> impl Iterator<Item = Range<usize>> {
    let middle = part.start.midpoint(part.end);
    [middle..part.end, part.start..middle].into_iter().filter(|half| !half.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn halves_are_complete_and_smaller_or_single() {
        assert_eq!(halves(0..5).collect::<Vec<_>>(), [2..5, 0..2]);
        assert_eq!(halves(3..5).collect::<Vec<_>>(), [4..5, 3..4]);
        assert!(halves(7..8).eq(std::iter::once(7..8)));
    }
}
