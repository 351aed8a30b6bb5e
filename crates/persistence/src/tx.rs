//! The unit of work: a transaction that must be committed.

use std::{
    ops::{Deref, DerefMut},
    time::Instant,
};

use diesel_async::{AsyncPgConnection, SimpleAsyncConnection as _};

use crate::{
    db::Connection,
    error::Result,
    wake::{Notifier, Wake, Wakes},
};

/// An open transaction. Dropping it without [`Tx::commit`] or [`Tx::rollback`] closes its connection, so that a
/// cancelled caller leaves neither changes nor locks behind. So does being cancelled in the middle of these two.
///
/// What is written through it announces which stage has new work ([`Tx::wake`]); the commit sends these wake-ups.
pub struct Tx {
    connection: Option<Connection>,
    name: &'static str,
    began: Instant,
    /// COMMIT or ROLLBACK was sent.
    ended: bool,
    wakes: Wakes,
    notifier: Notifier,
}

impl Tx {
    pub(crate) async fn begin(connection: Connection, name: &'static str, notifier: Notifier) -> Result<Self> {
        let mut tx = Self {
            connection: Some(connection),
            name,
            began: Instant::now(),
            ended: false,
            wakes: Wakes::default(),
            notifier,
        };
        tx.batch_execute("BEGIN").await?;
        Ok(tx)
    }

    /// Notes that the commit gives this stage something to do.
    pub fn wake(&mut self, stage: Wake) {
        self.wakes.add(stage);
    }

    /// Makes the changes durable, gives the connection back and wakes the stages that have something to do.
    ///
    /// An error means that the outcome is unknown: whoever tries again must be idempotent.
    pub async fn commit(mut self) -> Result<()> {
        self.ended = true;
        // After a failed statement COMMIT would undo everything and report success; anything before it fails.
        let outcome = self.batch_execute("SELECT; COMMIT").await;
        self.record(if outcome.is_ok() { "committed" } else { "failed" });
        if outcome.is_ok() {
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
