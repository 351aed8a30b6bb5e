//! The unit of work: a transaction that must be committed.

mod pipeline;

use std::{
    ops::{Deref, DerefMut},
    time::Instant,
};

use diesel::{QueryResult, pg::Pg, query_builder::QueryFragment};
use diesel_async::{AsyncPgConnection, RunQueryDsl as _, SimpleAsyncConnection as _, methods::LoadQuery};
use futures::future::{self, BoxFuture};

use crate::{
    db::Connection,
    error::Result,
    wake::{Notifier, Wake, Wakes},
};
use pipeline::{Commit, Write, answers};

/// An open transaction. Dropping it without [`Tx::commit`] or [`Tx::rollback`] closes its connection, so that a
/// cancelled caller leaves neither changes nor locks behind. So does being cancelled in the middle of these two.
///
/// What is written through it announces which stage has new work ([`Tx::wake`]); the commit sends these wake-ups.
///
/// Writes whose results nobody needs are not sent at once, but go with the commit, all in one statement: so a transaction
/// that reads, decides and writes takes two round trips. [`Tx::flush`] sends them earlier. Until then, nothing that is
/// read through the transaction shows what they write.
pub struct Tx {
    connection: Option<Connection>,
    name: &'static str,
    began: Instant,
    /// COMMIT or ROLLBACK was sent.
    ended: bool,
    waiting: Vec<Write>,
    wakes: Wakes,
    notifier: Notifier,
}

/// What a commit promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Durability {
    /// The changes are on the disk.
    Full,
    /// They soon will be: the commit does not wait.
    Expendable,
}

impl Durability {
    const fn begin(self) -> &'static str {
        match self {
            Self::Full => "BEGIN",
            Self::Expendable => "BEGIN; SET LOCAL synchronous_commit = off",
        }
    }
}

/// A transaction, shared by statements that are sent together. Each of them sees what was committed before it runs, as
/// if it had been sent alone, and none of them runs after one that has failed.
#[derive(Clone, Copy)]
pub struct SharedTx<'c>(&'c AsyncPgConnection);

impl Tx {
    pub(crate) async fn begin(
        connection: Connection,
        name: &'static str,
        notifier: Notifier,
        durability: Durability,
    ) -> Result<Self> {
        let mut tx = Self::new(connection, name, notifier);
        tx.batch_execute(durability.begin()).await?;
        Ok(tx)
    }

    /// The same as [`Tx::begin`], in one round trip with the first statements, which must not write anything.
    pub(crate) async fn begin_with<T>(
        connection: Connection,
        name: &'static str,
        notifier: Notifier,
        durability: Durability,
        first: impl for<'c> FnOnce(SharedTx<'c>) -> BoxFuture<'c, Result<T>>,
    ) -> Result<(Self, T)> {
        let tx = Self::new(connection, name, notifier);
        let shared = tx.share();
        let mut connection = shared.0;
        let (begun, answer) = future::join(connection.batch_execute(durability.begin()), first(shared)).await;
        match begun.map_err(Into::into).and(answer) {
            Ok(answer) => Ok((tx, answer)),
            Err(error) => tx.conclude(Err(error)).await,
        }
    }

    fn new(connection: Connection, name: &'static str, notifier: Notifier) -> Self {
        Self {
            connection: Some(connection),
            name,
            began: Instant::now(),
            ended: false,
            waiting: Vec::new(),
            wakes: Wakes::default(),
            notifier,
        }
    }

    /// For statements that are sent together.
    pub fn share(&self) -> SharedTx<'_> {
        SharedTx(self)
    }

    /// Notes that the commit gives this stage something to do.
    pub fn wake(&mut self, stage: Wake) {
        self.wakes.add(stage);
    }

    /// Notes a write that is to be sent with the next flush, or with the commit. They run in any order: no two of them may
    /// write the same row. They may be parts of one statement, so none may have a `WITH` that writes itself.
    pub(crate) fn later(&mut self, write: impl QueryFragment<Pg> + Send + Sync + 'static) {
        self.waiting.push(Write::new(write));
    }

    /// Runs the writes that are waiting. Fails like the first of them that fails.
    pub async fn flush(&mut self) -> Result<()> {
        let waiting = std::mem::take(&mut self.waiting);
        Ok(answers(waiting.into_iter().map(|write| write.send(self)).collect()).await?)
    }

    /// Makes the changes durable, gives the connection back and wakes the stages that have something to do.
    ///
    /// An error means that the outcome is unknown: whoever tries again must be idempotent.
    pub async fn commit(mut self) -> Result<()> {
        self.ended = true;
        let outcome = match Write::all(std::mem::take(&mut self.waiting)) {
            // After a failed statement COMMIT would undo everything and report success; anything before it fails.
            None => self.batch_execute("SELECT; COMMIT").await,
            Some(writes) => answers(vec![writes.send(&self), Write::new(Commit {}).send(&self)]).await,
        };
        self.committed(outcome).await
    }

    /// Writes, as the last statement, and commits. Gives the rows that the statement returns.
    pub(crate) async fn commit_with<S, R>(mut self, last: S) -> Result<Vec<R>>
    where
        S: for<'c> LoadQuery<'static, &'c AsyncPgConnection, R> + 'static,
        R: Send,
    {
        self.ended = true;
        let before = Write::all(std::mem::take(&mut self.waiting));
        let outcome = {
            let mut connection: &AsyncPgConnection = &self;
            let before = answers(before.into_iter().map(|writes| writes.send(&self)).collect());
            let rows = last.load(&mut connection);
            // They are polled, and so sent, in this order.
            let (before, rows, commit) = future::join3(before, rows, Write::new(Commit {}).send(&self)).await;
            before.and(rows).and_then(|rows| commit.map(|_| rows))
        };
        self.committed(outcome).await
    }

    async fn committed<T>(mut self, outcome: QueryResult<T>) -> Result<T> {
        self.record(if outcome.is_ok() { "committed" } else { "failed" });
        // If the server still answers after a failure, it has undone everything, or does so now.
        if outcome.is_ok() || self.batch_execute("ROLLBACK").await.is_ok() {
            drop(self.connection.take());
        }
        Ok(outcome?)
    }

    /// Undoes the changes and gives the connection back.
    pub async fn rollback(mut self) -> Result<()> {
        self.ended = true;
        self.wakes = Wakes::default();
        self.batch_execute("ROLLBACK").await?;
        self.record("rolled back");
        drop(self.connection.take());
        Ok(())
    }

    /// Commits if the work in it has succeeded. Otherwise undoes everything before the error is given back, so that no lock
    /// is left for whoever tries again at once; a transaction that is only dropped keeps them until the server notices.
    pub async fn conclude<T>(self, outcome: Result<T>) -> Result<T> {
        match outcome {
            Ok(value) => self.commit().await.map(|()| value),
            Err(error) => {
                let _ = self.rollback().await;
                Err(error)
            }
        }
    }

    fn record(&self, outcome: &'static str) {
        metrics::histogram!("creditors_transaction_seconds", "name" => self.name, "outcome" => outcome)
            .record(self.began.elapsed());
    }
}

impl<'c> SharedTx<'c> {
    /// The connection, for a statement that may be sent before others have been answered.
    pub(crate) const fn connection(self) -> &'c AsyncPgConnection {
        self.0
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if self.ended {
            // Even if a commit failed, or was not waited for, the changes may be there.
            self.notifier.notify(self.wakes);
        } else {
            self.record("abandoned");
        }
        if let Some(connection) = self.connection.take() {
            connection.discard();
        }
    }
}

#[expect(clippy::expect_used, reason = "the connection is only absent at the end of `commit`, `rollback` and `drop`")]
impl Deref for Tx {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        self.connection.as_ref().expect("an open transaction has a connection")
    }
}

#[expect(clippy::expect_used, reason = "the connection is only absent at the end of `commit`, `rollback` and `drop`")]
impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        self.connection.as_mut().expect("an open transaction has a connection")
    }
}
