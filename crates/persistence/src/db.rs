//! The pool of connections, and units of work that are retried.

use std::{
    ops::{Deref, DerefMut},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::{Duration, Instant},
};

use deadpool::managed::{self, Metrics, RecycleError, RecycleResult};
use diesel_async::AsyncPgConnection;
use futures::{StreamExt as _, future::BoxFuture};
use rand::RngExt as _;
use tokio::task::AbortHandle;

use crate::{
    connect::{self, Target},
    error::{Error, Result, Retry},
    migrations::{self, NotReady},
    tx::{Durability, SharedTx, Tx},
    wake::Notifier,
};

/// How many connections, and how long to wait for them and for what is done with them.
#[derive(Clone, Copy, Debug)]
pub struct PoolOptions {
    /// Most connections at a time.
    pub size: usize,
    /// Longest wait for a free or a new connection.
    pub wait: Duration,
    /// Longest time that a unit of work may take. A server that is frozen, or cut off without a word, says nothing for ever.
    pub deadline: Duration,
}

/// Longer than the server lets a statement run, so that a server that works always has the first word.
const DEADLINE: Duration = Duration::from_secs(150);

impl Default for PoolOptions {
    fn default() -> Self {
        Self { size: 8, wait: Duration::from_secs(5), deadline: DEADLINE }
    }
}

/// The database of this shard. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: managed::Pool<Manager>,
    notifier: Notifier,
    deadline: Duration,
}

/// A pooled connection outside of any transaction, for reads and single statements.
pub struct Connection(managed::Object<Manager>);

impl Db {
    /// Prepares a pool. No connection is made before the first use, so this succeeds while the database is away.
    ///
    /// Must be called inside a Tokio runtime: it starts the task that sends wake-ups.
    pub fn new(target: Target, options: PoolOptions) -> Result<Self> {
        let notifier = Notifier::start(target.clone());
        let pool = managed::Pool::builder(Manager { target })
            .max_size(options.size)
            // The session used last has its plans and its memory at hand; the others are for times of much work.
            .queue_mode(managed::QueueMode::Lifo)
            .timeouts(managed::Timeouts {
                wait: Some(options.wait),
                create: Some(options.wait.max(Duration::from_secs(10))),
                recycle: Some(options.wait),
            })
            .runtime(deadpool::Runtime::Tokio1)
            .build()
            .map_err(|e| Error::Connect(Box::new(e)))?;
        Ok(Self { pool, notifier, deadline: options.deadline })
    }

    /// A connection for reads.
    pub async fn conn(&self) -> Result<Connection> {
        let waited = Instant::now();
        // On the heap: it is large, because it may have to connect, and is a part of all that reads or writes.
        let result = Box::pin(self.pool.get()).await;
        metrics::histogram!("creditors_pool_wait_seconds").record(waited.elapsed());
        match result {
            Ok(object) => Ok(Connection(object)),
            Err(managed::PoolError::Backend(error)) => Err(error),
            Err(managed::PoolError::Closed) => Err(Error::PoolClosed),
            Err(_) => Err(Error::PoolTimeout),
        }
    }

    /// Begins a transaction. `name` identifies the kind of work in metrics and logs.
    pub async fn begin(&self, name: &'static str) -> Result<Tx> {
        Tx::begin(self.conn().await?, name, self.notifier.clone(), Durability::Full).await
    }

    /// The same, in one round trip with the transaction's first statements. These must not write anything.
    pub async fn begin_with<T>(
        &self,
        name: &'static str,
        first: impl for<'c> FnOnce(SharedTx<'c>) -> BoxFuture<'c, Result<T>>,
    ) -> Result<(Tx, T)> {
        Tx::begin_with(self.conn().await?, name, self.notifier.clone(), Durability::Full, first).await
    }

    /// The same as [`Db::begin`] for work that nobody is told of and that will be done again if it is lost: the commit does
    /// not wait until it is on the disk, so a crash of the server may undo it.
    pub async fn begin_expendable(&self, name: &'static str) -> Result<Tx> {
        Tx::begin(self.conn().await?, name, self.notifier.clone(), Durability::Expendable).await
    }

    /// The same as [`Db::begin_expendable`], in one round trip with the transaction's first statements.
    pub async fn begin_expendable_with<T>(
        &self,
        name: &'static str,
        first: impl for<'c> FnOnce(SharedTx<'c>) -> BoxFuture<'c, Result<T>>,
    ) -> Result<(Tx, T)> {
        Tx::begin_with(self.conn().await?, name, self.notifier.clone(), Durability::Expendable, first).await
    }

    /// Runs a unit of work, and runs it again when it lost a race: up to 8 times, the first at once, then after growing
    /// pauses (database §1). The body begins and commits its own transaction, and must be harmless when run twice. Each run
    /// has to be done [in time](Self::in_time).
    pub async fn retrying<T, E, Fut>(&self, name: &'static str, mut body: impl FnMut() -> Fut) -> Result<T, E>
    where
        E: Retry + From<Error>,
        Fut: Future<Output = Result<T, E>>,
    {
        const REPEATS: u32 = 8;
        // On the heap: units of work are large, and would make all that contains them large.
        for repeat in 0..REPEATS {
            match Box::pin(self.in_time(body())).await {
                Err(error) if error.is_race() => {
                    metrics::counter!("creditors_transaction_retries_total", "name" => name).increment(1);
                    tokio::time::sleep(pause(repeat)).await;
                }
                outcome => return outcome,
            }
        }
        Box::pin(self.in_time(body())).await
    }

    /// Does work, but not for longer than the pool's deadline; after that, [`Error::Unanswered`]. The connection is not used
    /// again. What was sent may be committed yet.
    pub async fn in_time<T, E: From<Error>>(&self, work: impl Future<Output = Result<T, E>>) -> Result<T, E> {
        let outcome = tokio::time::timeout(self.deadline, work).await;
        outcome.unwrap_or_else(|_| Err(Error::Unanswered(self.deadline).into()))
    }

    /// Waits, before an orderly end, until the wake-ups of all commits have been sent; not for long, because they may be
    /// lost without harm.
    pub async fn settle(&self) {
        self.notifier.settle().await;
    }

    /// Closes the pool: connections in use are closed when they come back.
    pub fn close(&self) {
        self.pool.close();
    }
}

/// Before repeat 0: nothing; then 0.1 s · 2ⁿ, at most 10 s, shortened by up to half at random.
fn pause(repeat: u32) -> Duration {
    if repeat == 0 {
        return Duration::ZERO;
    }
    let full = (0.05 * f64::from(2_u32.saturating_pow(repeat))).min(10.0);
    #[expect(clippy::disallowed_methods, reason = "only spreads retries out; no outcome depends on it")]
    let factor: f64 = rand::rng().random_range(0.5..=1.0);
    Duration::from_secs_f64(full * factor)
}

impl Connection {
    /// Takes the connection out of the pool and closes it: nobody knows what state it is in.
    ///
    /// The socket goes at once. The driver would first wait for the answer to a running statement, which may itself be
    /// waiting for somebody's lock, and meanwhile the server would keep our locks.
    pub(crate) fn discard(self) {
        managed::Object::take(self.0).traffic.abort();
    }
}

impl Deref for Connection {
    type Target = AsyncPgConnection;

    fn deref(&self) -> &AsyncPgConnection {
        &self.0.connection
    }
}

impl DerefMut for Connection {
    fn deref_mut(&mut self) -> &mut AsyncPgConnection {
        &mut self.0.connection
    }
}

/// A session, and whether its socket is gone.
pub(crate) struct Session {
    connection: AsyncPgConnection,
    closed: Arc<AtomicBool>,
    traffic: AbortHandle,
}

/// Opens sessions for the pool. A session whose socket is gone is not handed out again, and finding that out costs
/// nothing: the task that drives the socket leaves a mark when it ends.
pub(crate) struct Manager {
    target: Target,
}

impl managed::Manager for Manager {
    type Type = Session;
    type Error = Error;

    async fn create(&self) -> Result<Session> {
        open(&self.target).await
    }

    async fn recycle(&self, session: &mut Session, _: &Metrics) -> RecycleResult<Error> {
        if session.closed.load(Ordering::Acquire) {
            return Err(RecycleError::message("the server has closed the connection"));
        }
        Ok(())
    }
}

async fn open(target: &Target) -> Result<Session> {
    let (client, mut traffic) = target.open().await?;
    let closed = Arc::new(AtomicBool::new(false));
    let mark = Arc::clone(&closed);
    #[expect(clippy::disallowed_methods, reason = "ends with its socket; its end is what the mark tells")]
    let traffic = tokio::spawn(async move {
        while let Some(Ok(_)) = traffic.next().await {}
        mark.store(true, Ordering::Release);
    });
    connect::set_up(&client).await?;
    let connection = AsyncPgConnection::try_from(client).await.map_err(|e| Error::Connect(Box::new(e)))?;
    Ok(Session { connection, closed, traffic: traffic.abort_handle() })
}

/// A single connection outside of any pool, with our session settings: for `configure` and other one-time work.
pub async fn connect_once(target: &Target) -> Result<AsyncPgConnection> {
    Ok(open(target).await?.connection)
}

/// The same, if the database has the schema that this software works with.
pub async fn connect_at_head(target: &Target) -> Result<AsyncPgConnection, NotReady> {
    let mut connection = connect_once(target).await?;
    migrations::require_head(&mut connection).await?;
    Ok(connection)
}
