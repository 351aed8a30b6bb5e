//! What was left running, in a file.

use std::{fs, path::Path};

use anyhow::{Context as _, Result};
use serde::{Deserialize, Serialize};

use super::Addresses;
use crate::process::{Daemon, Recorded};

const FILE: &str = "running.json";

/// A stack that runs without us.
#[derive(Debug, Serialize, Deserialize)]
pub struct Record {
    /// Where everything is.
    pub addresses: Addresses,
    /// Names and processes, in the order in which they are to be stopped.
    pub processes: Vec<(String, Recorded)>,
}

impl Record {
    pub(super) fn detach(addresses: Addresses, daemons: Vec<Daemon>) -> Result<Self> {
        let detach = |daemon: Daemon| Ok((daemon.name().to_owned(), daemon.detach()?));
        Ok(Self { addresses, processes: daemons.into_iter().map(detach).collect::<Result<_>>()? })
    }

    /// What runs from this directory; `None` if nothing was left running.
    pub fn load(directory: &Path) -> Option<Self> {
        serde_json::from_slice(&fs::read(directory.join(FILE)).ok()?).ok()
    }

    pub(super) fn save(&self, directory: &Path) -> Result<()> {
        let text = serde_json::to_vec_pretty(self).context("the record has no JSON form")?;
        crate::local::write_private(&directory.join(FILE), &text)
    }

    pub(super) fn remove(directory: &Path) {
        let _ = fs::remove_file(directory.join(FILE));
    }

    /// True if any of the processes runs.
    pub fn is_running(&self) -> bool {
        self.processes.iter().any(|(_, process)| process.is_running())
    }

    pub(super) fn stop(&self) {
        for (name, process) in &self.processes {
            if process.is_running() {
                eprintln!("stopping {name}");
            }
            process.stop();
        }
    }
}
