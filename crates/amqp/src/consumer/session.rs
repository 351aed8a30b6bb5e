//! One channel that delivers messages, and the batches taken from it.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex as StdMutex, MutexGuard, PoisonError, Weak},
};

use amqprs::channel::{BasicAckArguments, BasicNackArguments, Channel};
use tokio::sync::{Mutex, Notify, mpsc};

use crate::{Error, connection::call, fate::Fate};

/// The broker's numbers of a batch's messages: all from `first` to `last`.
#[derive(Clone, Copy, Debug)]
pub(super) struct Numbers {
    pub(super) first: u64,
    pub(super) last: u64,
}

#[derive(Clone, Copy, Debug)]
pub(super) enum Verdict {
    Ack,
    Requeue,
}

/// Shared by the supervisor and the batches.
pub(super) struct Session {
    /// The supervisor owns the channel, so that a batch that outlives the runtime does not.
    channel: Weak<Channel>,
    fate: Arc<Fate>,
    /// First numbers of the batches that are not settled.
    open: StdMutex<BTreeSet<u64>>,
    /// Held from the look at `open` until the answer is on its way.
    settling: Mutex<()>,
    settled: Notify,
    dropped: mpsc::UnboundedSender<Numbers>,
}

impl Session {
    pub(super) fn new(channel: &Arc<Channel>, fate: &Arc<Fate>) -> (Arc<Self>, mpsc::UnboundedReceiver<Numbers>) {
        let (dropped, receiver) = mpsc::unbounded_channel();
        let session = Self {
            channel: Arc::downgrade(channel),
            fate: Arc::clone(fate),
            open: StdMutex::default(),
            settling: Mutex::default(),
            settled: Notify::new(),
            dropped,
        };
        (Arc::new(session), receiver)
    }

    /// Waits for the end of the channel and says what it was.
    pub(super) async fn lost(&self) -> Error {
        self.fate.gone().await;
        self.fate.cause_or_lost()
    }

    /// Nothing that was delivered counts any more, and no answer follows: on a channel that is closed it would make the
    /// broker hang up.
    pub(super) async fn retire(&self, cause: Error) {
        let _order = self.settling.lock().await;
        self.fate.end(cause);
    }

    pub(super) fn broken(&self, what: &str) {
        self.fate.end(Error::Protocol(what.to_owned()));
    }

    /// A batch is taken. Whether its channel still lives.
    pub(super) fn take(&self, numbers: Numbers) -> bool {
        self.open().insert(numbers.first);
        !self.fate.is_gone()
    }

    /// A batch was dropped without being settled.
    pub(super) fn dropped(&self, numbers: Numbers) {
        // Failing, the channel is gone, and the broker has returned the messages by itself.
        let _ = self.dropped.send(numbers);
    }

    pub(super) async fn settle(&self, numbers: Numbers, verdict: Verdict) -> Result<(), Error> {
        let _order = self.settling.lock().await;
        let channel = self.channel.upgrade().filter(|channel| !self.fate.is_gone() && channel.is_open());
        let channel = channel.ok_or(Error::Stale)?;
        // "All up to" would settle messages of an earlier batch, too, if one is still being worked on.
        if self.is_oldest(numbers) {
            self.answer(&channel, numbers.last, true, verdict).await?;
        } else {
            for number in numbers.first..=numbers.last {
                self.answer(&channel, number, false, verdict).await?;
            }
        }
        self.open().remove(&numbers.first);
        self.settled.notify_waiters();
        Ok(())
    }

    /// Waits until every batch is settled.
    pub(super) async fn all_settled(&self) {
        loop {
            let mut settled = std::pin::pin!(self.settled.notified());
            // Listening begins here: what comes after the next line is not missed.
            settled.as_mut().enable();
            if self.open().is_empty() {
                return;
            }
            settled.await;
        }
    }

    fn is_oldest(&self, numbers: Numbers) -> bool {
        self.open().range(..numbers.first).next().is_none()
    }

    async fn answer(&self, channel: &Channel, number: u64, multiple: bool, verdict: Verdict) -> Result<(), Error> {
        let sent = match verdict {
            Verdict::Ack => call(&self.fate, channel.basic_ack(BasicAckArguments::new(number, multiple))).await,
            Verdict::Requeue => {
                call(&self.fate, channel.basic_nack(BasicNackArguments::new(number, multiple, true))).await
            }
        };
        sent.map_err(|error| {
            self.fate.end(error);
            Error::Stale
        })
    }

    fn open(&self) -> MutexGuard<'_, BTreeSet<u64>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl std::fmt::Debug for Session {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Session").field("fate", &self.fate).finish_non_exhaustive()
    }
}
