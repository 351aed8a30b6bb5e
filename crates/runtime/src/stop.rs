//! The end of a process, announced.

use std::io;
use std::process;

use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio_util::sync::CancellationToken;
use tracing::{error, info};

use crate::tasks;

/// The exit status after the second signal.
const FORCED_STATUS: i32 = 1;

/// Tells everybody who holds a copy that it is time to finish. Copies are cheap and all the same.
#[derive(Clone, Debug, Default)]
pub struct Stop(CancellationToken);

impl Stop {
    /// One that nothing stops but [`Stop::stop`].
    pub fn new() -> Self {
        Self::default()
    }

    /// One that SIGTERM, SIGINT and SIGHUP stop. A second signal ends the process at once.
    ///
    /// Must be called inside a tokio runtime; fails when the operating system refuses the handlers.
    pub fn on_signals() -> io::Result<Self> {
        let stop = Self::new();
        let signals = Signals::new()?;
        tasks::spawn("signals", listen(signals, stop.clone()));
        Ok(stop)
    }

    /// One that is stopped with this one, but can also be stopped alone.
    #[must_use]
    pub fn child(&self) -> Self {
        Self(self.0.child_token())
    }

    /// Announces the end. Again has no effect.
    pub fn stop(&self) {
        self.0.cancel();
    }

    /// Whether the end is announced.
    pub fn is_stopped(&self) -> bool {
        self.0.is_cancelled()
    }

    /// Waits until the end is announced.
    pub async fn stopped(&self) {
        self.0.cancelled().await;
    }

    /// The token behind it, for libraries that want one.
    pub const fn token(&self) -> &CancellationToken {
        &self.0
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

impl Signals {
    fn new() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> &'static str {
        tokio::select! {
            _ = self.terminate.recv() => "SIGTERM",
            _ = self.interrupt.recv() => "SIGINT",
            _ = self.hang_up.recv() => "SIGHUP",
        }
    }
}

async fn listen(mut signals: Signals, stop: Stop) {
    let first = signals.next().await;
    info!(signal = first, "Received {first}, finishing what has begun.");
    stop.stop();
    let second = signals.next().await;
    error!(signal = second, "Received {second} while finishing, ending at once.");
    process::exit(FORCED_STATUS);
}
