//! Wake-ups between stages, by PostgreSQL's `NOTIFY`.
//!
//! `NOTIFY` takes a lock of the whole server at commit, so it never stands in a transaction that does real work. Each
//! process has one task that sends, on a connection of its own, at most one notification per
//! stage and a few milliseconds. A lost notification costs latency only: every stage also polls.

use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, AtomicU8, Ordering},
    },
    time::Duration,
};

use futures::StreamExt as _;
use tokio::sync::Notify;
use tokio_postgres::{AsyncMessage, Client};
use tokio_util::sync::CancellationToken;

use crate::{
    connect::{self, Target, Traffic},
    error::Result,
};

/// Between two rounds of notifications of one process. It doubles with each round after which more is waiting already: a
/// notification costs the server a transaction, and wakes the session of everybody who listens to any stage.
const QUIET: Duration = Duration::from_millis(2);
const LONGEST_QUIET: Duration = Duration::from_millis(16);

/// How long the end of a process waits for its last notifications.
const LAST_WAIT: Duration = Duration::from_secs(1);

/// Between attempts to connect.
const RECONNECT: Duration = Duration::from_secs(1);

/// A stage that can be woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wake {
    /// Signal rows were inserted: the flusher has work.
    Outbox,
    /// Work items were inserted into `pending_ledger_update`: the ledger processor has work.
    Ledger,
    /// Rows were inserted into `pending_log_entry`: the log processor has work.
    Log,
    /// Rows were inserted into `log_entry`: whoever follows a log has something to read.
    LogGrew,
}

impl Wake {
    /// All stages.
    pub const ALL: [Self; 4] = [Self::Outbox, Self::Ledger, Self::Log, Self::LogGrew];

    const fn bit(self) -> u8 {
        match self {
            Self::Outbox => 1,
            Self::Ledger => 2,
            Self::Log => 4,
            Self::LogGrew => 8,
        }
    }

    /// The notification channel.
    pub const fn channel(self) -> &'static str {
        match self {
            Self::Outbox => "creditors_outbox",
            Self::Ledger => "creditors_ledger",
            Self::Log => "creditors_log",
            Self::LogGrew => "creditors_log_grew",
        }
    }
}

/// A set of stages to wake.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wakes(u8);

impl Wakes {
    /// Adds a stage.
    pub fn add(&mut self, stage: Wake) {
        self.0 |= stage.bit();
    }

    fn contains(self, stage: Wake) -> bool {
        self.0 & stage.bit() != 0
    }
}

/// Sends wake-ups after commits. Cheap to clone; the task behind it ends with the last clone.
#[derive(Clone)]
pub(crate) struct Notifier {
    pending: Arc<Pending>,
    _alive: Arc<tokio_util::sync::DropGuard>,
}

#[derive(Default)]
struct Pending {
    wakes: AtomicU8,
    is_sending: AtomicBool,
    changed: Notify,
}

impl Notifier {
    pub(crate) fn start(target: Target) -> Self {
        let pending = Arc::new(Pending::default());
        let ended = CancellationToken::new();
        let alive = Arc::new(ended.clone().drop_guard());
        let work = send_all(target, Arc::clone(&pending));
        #[expect(clippy::disallowed_methods, reason = "ends when the last notifier is dropped")]
        tokio::spawn(async move { ended.run_until_cancelled(work).await });
        Self { pending, _alive: alive }
    }

    pub(crate) fn notify(&self, wakes: Wakes) {
        if wakes.0 != 0 {
            self.pending.wakes.fetch_or(wakes.0, Ordering::Release);
            self.pending.changed.notify_one();
        }
    }

    /// Waits until everything has been sent, for a moment at most.
    pub(crate) async fn settle(&self) {
        let settled = async {
            while self.pending.wakes.load(Ordering::SeqCst) != 0 || self.pending.is_sending.load(Ordering::SeqCst) {
                tokio::time::sleep(QUIET).await;
            }
        };
        let _ = tokio::time::timeout(LAST_WAIT, settled).await;
    }
}

async fn send_all(target: Target, pending: Arc<Pending>) {
    let (mut client, mut quiet) = (None, QUIET);
    loop {
        pending.changed.notified().await;
        pending.is_sending.store(true, Ordering::SeqCst);
        let wakes = Wakes(pending.wakes.swap(0, Ordering::SeqCst));
        if let Err(error) = send(&target, &mut client, wakes).await {
            tracing::warn!(error = %error, "Wake-ups cannot be sent; the stages poll meanwhile.");
            client = None;
            pending.wakes.fetch_or(wakes.0, Ordering::Release);
            pending.changed.notify_one();
            tokio::time::sleep(RECONNECT).await;
        }
        pending.is_sending.store(false, Ordering::SeqCst);
        tokio::time::sleep(quiet).await;
        let is_busy = pending.wakes.load(Ordering::SeqCst) != 0;
        quiet = if is_busy { (quiet * 2).min(LONGEST_QUIET) } else { QUIET };
    }
}

async fn send(target: &Target, client: &mut Option<Client>, wakes: Wakes) -> Result<()> {
    let client = match client {
        Some(client) if !client.is_closed() => client,
        _ => client.insert(open(target).await?),
    };
    let commands: Vec<String> = Wake::ALL
        .into_iter()
        .filter(|stage| wakes.contains(*stage))
        .map(|stage| format!("NOTIFY {}", stage.channel()))
        .collect();
    client.batch_execute(&commands.join(";")).await.map_err(|e| crate::Error::Connect(Box::new(e)))
}

async fn open(target: &Target) -> Result<Client> {
    let (client, mut traffic) = target.open().await?;
    #[expect(clippy::disallowed_methods, reason = "ends with its socket")]
    tokio::spawn(async move { while let Some(Ok(_)) = traffic.next().await {} });
    connect::set_up(&client).await?;
    client.batch_execute("SET synchronous_commit = off").await.map_err(|e| crate::Error::Connect(Box::new(e)))?;
    Ok(client)
}

/// Calls `woken` whenever the stage has been notified, and after each (re)connection, because notifications may have
/// been missed before. Runs until `stop` is cancelled.
pub async fn listen(target: Target, stage: Wake, stop: CancellationToken, woken: impl Fn() + Send) {
    let work = async {
        loop {
            if let Err(error) = listen_once(&target, stage, &woken).await {
                tracing::warn!(error = %error, "Not listening for wake-ups; polling meanwhile.");
            }
            tokio::time::sleep(RECONNECT).await;
        }
    };
    stop.run_until_cancelled(work).await;
}

async fn listen_once(target: &Target, stage: Wake, woken: &(impl Fn() + Send)) -> Result<()> {
    let (client, traffic) = target.open().await?;
    let subscribed = async {
        let command = format!("LISTEN {}", stage.channel());
        let outcome = client.batch_execute(&command).await;
        woken();
        // The session lives as long as its client.
        if outcome.is_ok() {
            std::future::pending::<()>().await;
        }
        outcome
    };
    tokio::select! {
        outcome = subscribed => outcome.map_err(|e| crate::Error::Connect(Box::new(e))),
        outcome = forward(traffic, woken) => outcome,
    }
}

async fn forward(mut traffic: Traffic, woken: &(impl Fn() + Send)) -> Result<()> {
    while let Some(message) = traffic.next().await {
        if let AsyncMessage::Notification(_) = message.map_err(|e| crate::Error::Connect(Box::new(e)))? {
            woken();
        }
    }
    Ok(())
}
