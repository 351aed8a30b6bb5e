//! Memory of processes.

use std::fs;

use anyhow::{Context as _, Result};

/// Megabytes of memory.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Memory {
    /// What is in memory.
    pub resident: f64,
    /// The same, with what is shared divided among those who share it.
    pub proportional: f64,
    /// The most that has been in memory.
    pub peak: f64,
}

/// The children of a process.
pub fn children(parent: u32) -> Result<Vec<u32>> {
    let mut children = vec![];
    for entry in fs::read_dir("/proc").context("processes cannot be listed")?.flatten() {
        let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
        // One that has ended meanwhile is none.
        let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
        // The name, in brackets, may contain anything.
        let after_name = stat.rsplit_once(')').map(|(_, rest)| rest.split_whitespace());
        if after_name.and_then(|mut words| words.nth(1)?.parse().ok()) == Some(parent) {
            children.push(pid);
        }
    }
    Ok(children)
}

/// Reads the memory of a process.
pub fn read(pid: u32) -> Result<Memory> {
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
    fn children_are_found() {
        let mut child = std::process::Command::new("sleep").arg("60").spawn().unwrap();
        assert!(children(std::process::id()).unwrap().contains(&child.id()));
        child.kill().unwrap();
        let pid = child.id();
        child.wait().unwrap();
        assert!(!children(std::process::id()).unwrap().contains(&pid));
    }

    #[test]
    fn memory_is_measured() {
        let memory = read(std::process::id()).unwrap();
        assert!(memory.resident > 0.5 && memory.proportional <= memory.resident && memory.peak > 0.5, "{memory:?}");
    }
}
