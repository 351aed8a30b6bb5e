//! A process that was left running, found again through a file.

use std::{
    fs,
    path::Path,
    thread::sleep,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use nix::sys::signal::{Signal, kill, killpg};
use serde::{Deserialize, Serialize};

use super::daemon::raw;

/// Identifies a process beyond doubt: process ids are used again, a pair of id and start time is not.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Recorded {
    /// Process id.
    pub pid: u32,
    /// When it started, in clock ticks since boot.
    started: u64,
    stop: String,
    grace_milliseconds: u64,
}

impl Recorded {
    pub(super) fn new(pid: u32, stop: Signal, grace: Duration) -> Result<Self> {
        let started = start_time(pid).with_context(|| format!("process {pid} has ended"))?;
        let grace_milliseconds = u64::try_from(grace.as_millis()).unwrap_or(u64::MAX);
        Ok(Self { pid, started, stop: stop.as_str().to_owned(), grace_milliseconds })
    }

    /// Reads what [`Recorded::save`] wrote; `None` if there is no such file.
    pub fn load(path: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(path).ok()?).ok()
    }

    /// Writes the file.
    pub fn save(&self, path: &Path) -> Result<()> {
        let text = serde_json::to_vec(self).context("a process record has no JSON form")?;
        fs::write(path, text).with_context(|| format!("{} cannot be written", path.display()))
    }

    /// True while it runs.
    pub fn is_running(&self) -> bool {
        start_time(self.pid) == Some(self.started)
    }

    /// Ends it in good order, or by force when that takes too long. Waits for the end.
    pub fn stop(&self) {
        if !self.is_running() {
            return;
        }
        let signal = self.stop.parse().unwrap_or(Signal::SIGTERM);
        // An error means that it has ended already.
        let _ = kill(raw(self.pid), signal);
        if !self.ends_within(Duration::from_millis(self.grace_milliseconds)) {
            let _ = killpg(raw(self.pid), Signal::SIGKILL);
            self.ends_within(Duration::from_secs(10));
        }
    }

    fn ends_within(&self, limit: Duration) -> bool {
        let began = Instant::now();
        while self.is_running() {
            if began.elapsed() > limit {
                return false;
            }
            sleep(Duration::from_millis(10));
        }
        true
    }
}

/// When a process started; `None` if it has ended (also when nobody has collected its status yet).
fn start_time(pid: u32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in parentheses, and may contain anything.
    let mut fields = stat.rsplit_once(") ")?.1.split(' ');
    let state = fields.next()?;
    if matches!(state, "Z" | "X") {
        return None;
    }
    fields.nth(18)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_names_this_process_and_no_later_one() {
        let ours = Recorded::new(std::process::id(), Signal::SIGTERM, Duration::from_secs(1)).unwrap();
        assert!(ours.is_running());
        assert!(!Recorded { started: ours.started + 1, ..ours }.is_running());
    }
}
