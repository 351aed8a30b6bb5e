//! A process in the background.

use std::{
    ffi::OsString,
    fs::{self, File, OpenOptions},
    io::{Read as _, Seek as _, SeekFrom},
    os::unix::process::CommandExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    thread::{panicking, sleep},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, bail};
use nix::{
    sys::signal::{Signal, kill, killpg},
    unistd::Pid,
};

use super::{Recorded, User, discretion};

/// What the names of our own programs begin with.
const OURS: &str = "creditors-";

/// How often a condition is looked at again.
const LOOK: Duration = Duration::from_millis(25);

/// What happens to a process when we end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lifetime {
    /// It ends too, even if we are killed.
    Tied,
    /// It ends too, unless it has been detached before.
    Detachable,
}

/// What to run, and how.
#[derive(Clone, Debug)]
pub struct Program {
    /// What people call it.
    pub name: String,
    /// The executable.
    pub path: PathBuf,
    /// Its arguments.
    pub arguments: Vec<OsString>,
    /// Variables added to our own environment.
    pub environment: Vec<(String, OsString)>,
    /// Working directory.
    pub directory: PathBuf,
    /// Receives what it prints.
    pub log: PathBuf,
    /// The account it runs under.
    pub user: User,
    /// The signal that ends it in good order.
    pub stop: Signal,
    /// How long that may take.
    pub grace: Duration,
    /// What happens to it when we end.
    pub lifetime: Lifetime,
}

/// A running [`Program`]. It is stopped when this value is dropped. One of ours that has printed a [secret](discretion) fails
/// the test then.
#[derive(Debug)]
pub struct Daemon {
    program: Program,
    child: Option<Child>,
}

impl Daemon {
    /// Starts the program.
    ///
    /// Call it from a thread that lives as long as the process (a Tokio worker, not `spawn_blocking`), because a
    /// [`Lifetime::Tied`] process ends with the thread that started it.
    pub fn start(program: Program) -> Result<Self> {
        let log = open_log(&program.log)?;
        let death = (program.lifetime == Lifetime::Tied).then(|| program.stop.as_str().trim_start_matches("SIG"));
        let mut command: Command = program.user.command(&program.path, death)?;
        command
            .args(&program.arguments)
            .envs(program.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(&program.directory)
            .stdin(Stdio::null())
            .stdout(log.try_clone().context("a file cannot be shared")?)
            .stderr(log)
            // Ctrl-C is for us; the order of the end is ours to choose.
            .process_group(0);
        let child = command.spawn().with_context(|| format!("{} cannot be started", program.path.display()))?;
        Ok(Self { program, child: Some(child) })
    }

    /// What people call it.
    pub fn name(&self) -> &str {
        &self.program.name
    }

    /// Where its output goes.
    pub fn log(&self) -> &Path {
        &self.program.log
    }

    /// Its process id, while it has not been stopped.
    pub fn pid(&self) -> Option<u32> {
        self.child.as_ref().map(Child::id)
    }

    /// How it has ended, if it has.
    pub fn ended(&mut self) -> Option<ExitStatus> {
        self.child.as_mut()?.try_wait().ok().flatten()
    }

    /// Waits for a condition, for as long as the program runs and at most for `limit`.
    pub async fn until(&mut self, limit: Duration, mut ready: impl AsyncFnMut() -> bool) -> Result<()> {
        let began = Instant::now();
        while !ready().await {
            if self.child.is_none() {
                bail!("{} has been stopped", self.name());
            }
            if let Some(status) = self.ended() {
                bail!("{} has ended with {status} instead of starting; its log ends so:\n{}", self.name(), self.tail());
            }
            if began.elapsed() > limit {
                bail!("{} is not ready after {} s; see {}", self.name(), limit.as_secs(), self.log().display());
            }
            tokio::time::sleep(LOOK).await;
        }
        Ok(())
    }

    /// Sends a signal.
    pub fn signal(&self, signal: Signal) -> Result<()> {
        let pid = self.pid().context("the process has been stopped already")?;
        kill(raw(pid), signal).with_context(|| format!("{} cannot be sent {signal}", self.name()))
    }

    /// Ends it in good order, or by force when that takes too long. Waits for the end.
    pub fn stop(&mut self) -> Option<ExitStatus> {
        self.end(self.program.stop)
    }

    /// Ends it by force (`kill -9`). Waits for the end.
    pub fn kill(&mut self) -> Option<ExitStatus> {
        self.end(Signal::SIGKILL)
    }

    /// Ends it by force and starts it again.
    pub fn crash(&mut self) -> Result<()> {
        self.kill();
        self.restart()
    }

    /// Starts it again; one that still runs is stopped before.
    pub fn restart(&mut self) -> Result<()> {
        self.stop();
        *self = Self::start(self.program.clone())?;
        Ok(())
    }

    /// Leaves it running, and says how to find it again.
    pub fn detach(mut self) -> Result<Recorded> {
        let pid = self.pid().context("the process has been stopped already")?;
        let recorded = Recorded::new(pid, self.program.stop, self.program.grace)?;
        self.child = None;
        Ok(recorded)
    }

    fn end(&mut self, signal: Signal) -> Option<ExitStatus> {
        let mut child = self.child.take()?;
        let pid = raw(child.id());
        // An error means that it has ended already.
        let _ = kill(pid, signal);
        let began = Instant::now();
        let mut status = child.try_wait().ok().flatten();
        while status.is_none() && began.elapsed() < self.program.grace {
            sleep(LOOK);
            status = child.try_wait().ok().flatten();
        }
        let _ = killpg(pid, Signal::SIGKILL);
        status.or_else(|| child.wait().ok())
    }

    fn tail(&self) -> String {
        const MOST: u64 = 2000;
        let read = || -> std::io::Result<String> {
            let mut file = File::open(&self.program.log)?;
            let length = file.metadata()?.len();
            file.seek(SeekFrom::Start(length.saturating_sub(MOST)))?;
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes)?;
            Ok(String::from_utf8_lossy(&bytes).into_owned())
        };
        read().unwrap_or_default()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.stop();
        if self.name().starts_with(OURS) && !panicking() {
            let output = fs::read_to_string(self.log()).unwrap_or_default();
            let environment = self.program.environment.iter().map(|(name, value)| (name, value));
            let told = discretion::told(environment, &output);
            assert!(told.is_empty(), "{} has printed secrets: {told:?}", self.name());
        }
    }
}

fn open_log(path: &Path) -> Result<File> {
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .with_context(|| format!("{} cannot be written", path.display()))
}

pub(super) fn raw(pid: u32) -> Pid {
    Pid::from_raw(i32::try_from(pid).unwrap_or(i32::MAX))
}
