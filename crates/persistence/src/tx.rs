//! The unit of work: a transaction that must be committed.

use std::{
    ops::{Deref, DerefMut},
    time::Instant,
};

use diesel_async::{AnsiTransactionManager, AsyncPgConnection, TransactionManager};

use crate::{
    db::Connection,
    error::{Error, Result},
    wake::{Notifier, Wake, Wakes},
};

/// An open transaction. Dropping it without [`Tx::commit`] or [`Tx::rollback`] closes its connection, so that a
/// cancelled caller leaves neither changes nor locks behind.
///
/// What is written through it announces which stage has new work ([`Tx::wake`]); the commit sends these wake-ups.
pub struct Tx {
    connection: Option<Connection>,
    name: &'static str,
    began: Instant,
    wakes: Wakes,
    notifier: Notifier,
}

impl Tx {
    pub(crate) async fn begin(mut connection: Connection, name: &'static str, notifier: Notifier) -> Result<Self> {
        let began = Instant::now();
        if let Err(error) = AnsiTransactionManager::begin_transaction(&mut *connection).await {
            connection.discard();
            return Err(error.into());
        }
        Ok(Self { connection: Some(connection), name, began, wakes: Wakes::default(), notifier })
    }

    /// Notes that the commit gives this stage something to do.
    pub fn wake(&mut self, stage: Wake) {
        self.wakes.add(stage);
    }

    /// Makes the changes durable, gives the connection back and wakes the stages that have something to do.
    ///
    /// An error means that the outcome is unknown: whoever tries again must be idempotent.
    pub async fn commit(mut self) -> Result<()> {
        let Some(mut connection) = self.connection.take() else { return Err(Error::PoolClosed) };
        let outcome = AnsiTransactionManager::commit_transaction(&mut *connection).await;
        self.record(if outcome.is_ok() { "committed" } else { "failed" });
        if let Err(error) = outcome {
            connection.discard();
            // The changes may be there all the same; a needless wake-up costs nothing.
            self.notifier.notify(self.wakes);
            return Err(error.into());
        }
        drop(connection);
        self.notifier.notify(self.wakes);
        Ok(())
    }

    /// Undoes the changes and gives the connection back.
    pub async fn rollback(mut self) -> Result<()> {
        let Some(mut connection) = self.connection.take() else { return Ok(()) };
        self.record("rolled back");
        if let Err(error) = AnsiTransactionManager::rollback_transaction(&mut *connection).await {
            connection.discard();
            return Err(error.into());
        }
        Ok(())
    }

    fn record(&self, outcome: &'static str) {
        metrics::histogram!("creditors_transaction_seconds", "name" => self.name, "outcome" => outcome)
            .record(self.began.elapsed());
    }
}

impl Drop for Tx {
    fn drop(&mut self) {
        if let Some(connection) = self.connection.take() {
            self.record("abandoned");
            connection.discard();
        }
    }
}

#[expect(clippy::expect_used, reason = "the connection is only absent inside `commit`, `rollback` and `drop`")]
impl Deref for Tx {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        self.connection.as_ref().expect("an open transaction has a connection")
    }
}

#[expect(clippy::expect_used, reason = "the connection is only absent inside `commit`, `rollback` and `drop`")]
impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        self.connection.as_mut().expect("an open transaction has a connection")
    }
}
