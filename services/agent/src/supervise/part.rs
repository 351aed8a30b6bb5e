//! One part of `all`.

use std::{
    io,
    path::PathBuf,
    process::Stdio,
    sync::Arc,
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};
use runtime::Stop;
use tokio::{
    process::{Child, Command},
    time::{sleep, timeout},
};
use tracing::{error, info, warn};

use super::pause::Pause;

/// How long a part may take to end in good order. Operators expect all of them to be gone after 10 seconds.
const GRACE: Duration = Duration::from_secs(9);

/// A program that is to run all the time.
pub(super) struct Part {
    /// What log lines and metrics call it.
    pub(super) name: &'static str,
    pub(super) program: PathBuf,
    /// A variable of ours that it must not see.
    pub(super) without: Option<&'static str>,
    /// Is told when it begins and when it ends.
    pub(super) report: Arc<dyn Fn(bool) + Send + Sync>,
}

/// How one life of a part went.
enum Life {
    /// It ended by itself, as this says.
    Ended(String),
    /// We ended it.
    Stopped,
}

impl Part {
    /// Starts it again and again, whatever its status, until the stop; then ends it.
    pub(super) async fn keep_running(self, stop: Stop) {
        let mut pauses = Pause::new();
        loop {
            let began = Instant::now();
            let ended = match self.live(&stop).await {
                Ok(Life::Stopped) => return,
                Ok(Life::Ended(how)) => how,
                Err(cause) => format!("could not be started from {}: {cause}", self.program.display()),
            };
            let pause = pauses.after(began.elapsed());
            error!(part = self.name, "{} {ended}; it will be started in {} s.", self.name, pause.as_secs());
            metrics::counter!("creditors_part_restarts_total", "part" => self.name).increment(1);
            tokio::select! {
                biased;
                () = stop.stopped() => return,
                () = sleep(pause) => {}
            }
        }
    }

    async fn live(&self, stop: &Stop) -> io::Result<Life> {
        if stop.is_stopped() {
            return Ok(Life::Stopped);
        }
        let mut child = self.start()?;
        (self.report)(true);
        let ended = tokio::select! {
            biased;
            ended = child.wait() => ended,
            () = stop.stopped() => {
                self.end(&mut child).await?;
                return Ok(Life::Stopped);
            }
        };
        (self.report)(false);
        Ok(Life::Ended(format!("has ended with {}", ended?)))
    }

    fn start(&self) -> io::Result<Child> {
        let mut command = Command::new(&self.program);
        if let Some(variable) = self.without {
            command.env_remove(variable);
        }
        // In a group of its own, so that Ctrl-C reaches only us: a second signal would end it at once.
        let child = command.stdin(Stdio::null()).process_group(0).kill_on_drop(true).spawn()?;
        info!(part = self.name, "{} has been started.", self.name);
        Ok(child)
    }

    async fn end(&self, child: &mut Child) -> io::Result<()> {
        let Some(pid) = child.id().and_then(|pid| i32::try_from(pid).ok()).map(Pid::from_raw) else { return Ok(()) };
        // It cannot fail: the process is ours, and its end has not been noticed yet.
        let _ = kill(pid, Signal::SIGTERM);
        if let Ok(ended) = timeout(GRACE, child.wait()).await {
            info!(part = self.name, "{} has ended with {}.", self.name, ended?);
            return Ok(());
        }
        warn!(part = self.name, "{} has not ended within {} s and is killed.", self.name, GRACE.as_secs());
        let _ = killpg(pid, Signal::SIGKILL);
        child.wait().await.map(drop)
    }
}
