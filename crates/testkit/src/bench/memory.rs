//! Memory of processes.

use std::fs;

use anyhow::{Context as _, Result};

/// Megabytes of memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Memory {
    /// What is in memory.
    pub(super) resident: f64,
    /// The same, with what is shared divided among those who share it.
    pub(super) proportional: f64,
    /// The most that has been in memory.
    pub(super) peak: f64,
}

/// Reads the memory of a process.
pub(super) fn read(pid: u32) -> Result<Memory> {
    let read = |file: &str| {
        let path = format!("/proc/{pid}/{file}");
        fs::read_to_string(&path).with_context(|| format!("{path} cannot be read"))
    };
    let (rollup, status) = (read("smaps_rollup")?, read("status")?);
    Ok(Memory {
        resident: megabytes(&rollup, "Rss:")?,
        proportional: megabytes(&rollup, "Pss:")?,
        peak: megabytes(&status, "VmHWM:")?,
    })
}

/// The number behind a name; the kernel's kB are 1024 bytes.
fn megabytes(text: &str, name: &str) -> Result<f64> {
    let words = text.lines().find_map(|line| line.strip_prefix(name)).map(str::split_whitespace);
    let kilobytes: Option<u32> = words.and_then(|mut words| words.next()?.parse().ok());
    Ok(f64::from(kilobytes.with_context(|| format!("there is no {name}"))?) * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn memory_is_measured() {
        let memory = read(std::process::id()).unwrap();
        assert!(memory.resident > 0.5 && memory.proportional <= memory.resident && memory.peak > 0.5, "{memory:?}");
    }
}
