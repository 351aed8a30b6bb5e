//! Processor time of processes.

use std::{collections::HashMap, fs, time::Duration};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;
use tokio::time::sleep;
use tokio_postgres::Client;

use crate::{broker::Api, process::ServiceProcess};

/// Clock ticks per second, in which Linux tells processor time on every architecture.
const TICKS_PER_SECOND: f64 = 100.0;
/// How long the broker's process id is asked for.
const TOLD_WITHIN_SECONDS: u32 = 15;

/// Processor time in seconds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Cpu {
    pub(super) services: f64,
    pub(super) postgres: f64,
    pub(super) broker: Option<f64>,
}

/// Reads how much processor time services and servers have used. The servers must run on this machine.
#[derive(Clone, Debug)]
pub(super) struct Meter {
    services: Vec<u32>,
    postgres: u32,
    broker: Option<u32>,
}

impl Cpu {
    /// Since an earlier reading.
    pub(super) fn since(self, earlier: Self) -> Self {
        Self {
            services: self.services - earlier.services,
            postgres: self.postgres - earlier.postgres,
            broker: self.broker.zip(earlier.broker).map(|(now, then)| now - then),
        }
    }

    /// Of one of so many items.
    pub(super) fn per_item(self, items: u32) -> Self {
        let share = |time: f64| time / f64::from(items.max(1));
        Self { services: share(self.services), postgres: share(self.postgres), broker: self.broker.map(share) }
    }
}

impl Meter {
    /// A meter of these services, of the server at the other end of `client`, and of the broker, if it matters.
    pub(super) async fn new<'a>(
        services: impl IntoIterator<Item = &'a ServiceProcess>,
        client: &Client,
        broker: Option<&Api>,
    ) -> Result<Self> {
        let services = services.into_iter().map(|service| service.pid().context("a service has ended"));
        let broker = match broker {
            Some(api) => Some(broker_pid(api).await?),
            None => None,
        };
        Ok(Self { services: services.collect::<Result<_>>()?, postgres: postgres_pid(client).await?, broker })
    }

    pub(super) fn read(&self) -> Result<Cpu> {
        let processes = Processes::read()?;
        let mut of_services = 0.0;
        for &pid in &self.services {
            of_services += processes.seconds(pid)?;
        }
        Ok(Cpu {
            services: of_services,
            postgres: processes.seconds(self.postgres)?,
            broker: self.broker.map(|pid| processes.seconds(pid)).transpose()?,
        })
    }
}

/// The server's main process: the parent of the one that serves us.
async fn postgres_pid(client: &Client) -> Result<u32> {
    let backend: i32 = client.query_one("SELECT pg_backend_pid()", &[]).await?.get(0);
    let stat = fs::read_to_string(format!("/proc/{backend}/stat")).context("PostgreSQL must run on this machine")?;
    ensure!(stat.contains("(postgres"), "PostgreSQL must run on this machine");
    Ok(Process::parse(&stat).context("a process of PostgreSQL has an unexpected state")?.parent)
}

/// A broker that has just started answers without its figures for a while.
async fn broker_pid(api: &Api) -> Result<u32> {
    for attempt in 0..=TOLD_WITHIN_SECONDS {
        if attempt > 0 {
            sleep(Duration::from_secs(1)).await;
        }
        let nodes: Value = api.get("/api/nodes").await?;
        let told = nodes.pointer("/0/os_pid").and_then(Value::as_str);
        if let Some(pid) = told.and_then(|pid| pid.parse().ok()) {
            return Ok(pid);
        }
    }
    bail!("the broker does not tell its process id")
}

/// All processes of the machine.
pub(super) struct Processes(HashMap<u32, Process>);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Process {
    parent: u32,
    /// Its own, and that of the children whose end it has seen.
    ticks: u32,
}

impl Processes {
    pub(super) fn read() -> Result<Self> {
        let mut processes = HashMap::new();
        for entry in fs::read_dir("/proc").context("processes cannot be listed")?.flatten() {
            let Some(pid) = entry.file_name().to_str().and_then(|name| name.parse().ok()) else { continue };
            // One that has ended meanwhile is none.
            let Ok(stat) = fs::read_to_string(entry.path().join("stat")) else { continue };
            if let Some(process) = Process::parse(&stat) {
                processes.insert(pid, process);
            }
        }
        Ok(Self(processes))
    }

    /// Of a process and all that descend from it.
    pub(super) fn seconds(&self, pid: u32) -> Result<f64> {
        ensure!(self.0.contains_key(&pid), "process {pid} has ended");
        Ok(f64::from(self.ticks(pid)) / TICKS_PER_SECOND)
    }

    /// Of a process alone.
    pub(super) fn own_seconds(&self, pid: u32) -> f64 {
        f64::from(self.0.get(&pid).map_or(0, |process| process.ticks)) / TICKS_PER_SECOND
    }

    fn ticks(&self, pid: u32) -> u32 {
        let own = self.0.get(&pid).map_or(0, |process| process.ticks);
        let children = self.0.iter().filter(|(_, process)| process.parent == pid);
        own + children.map(|(&child, _)| self.ticks(child)).sum::<u32>()
    }
}

impl Process {
    /// Reads `/proc/<pid>/stat`. The second field is a name in parentheses, and may contain anything.
    fn parse(stat: &str) -> Option<Self> {
        let fields: Vec<&str> = stat.rsplit_once(") ")?.1.split(' ').collect();
        let number = |index: usize| fields.get(index)?.parse::<u32>().ok();
        Some(Self { parent: number(1)?, ticks: number(11)? + number(12)? + number(13)? + number(14)? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_charged_for_its_descendants() {
        let of = |parent, ticks| Process { parent, ticks };
        let processes = Processes(HashMap::from([(1, of(0, 1)), (2, of(1, 10)), (3, of(2, 100)), (4, of(1, 1000))]));
        assert_eq!(processes.ticks(2), 110);
        assert_eq!(processes.ticks(1), 1111);
        assert!(processes.seconds(5).is_err());
    }

    #[test]
    fn names_of_processes_do_not_matter() {
        let stat = "7 (a) b) S 3 7 7 0 -1 0 0 0 0 0 20 4 2 1 20 0 1 0 9";
        assert_eq!(Process::parse(stat), Some(Process { parent: 3, ticks: 27 }));
        let ours = Processes::read().unwrap().0[&std::process::id()];
        assert_eq!(ours.parent, std::os::unix::process::parent_id());
    }
}
