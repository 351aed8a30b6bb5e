#![expect(clippy::unwrap_used, reason = "what a test's helper cannot do fails the test")]

use std::{
    fs,
    process::{Command, ExitStatus, Stdio},
    time::Duration,
};

use creditors_testkit::{
    environment::{BROKER_API_URL, BROKER_URL, POSTGRES_URL},
    process::User,
    servers::remove_homes,
};
use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use crate::scratch::Scratch;

/// `creditors-local with-servers` that has reached its command, which waits to be stopped.
struct Running {
    child: std::process::Child,
    run_dir: Scratch,
    /// All processes below it, by then.
    processes: Vec<String>,
}

impl Running {
    async fn start(name: &str) -> Self {
        let run_dir = Scratch::new(name);
        let reached = run_dir.join("reached");
        let mut command = Command::new(env!("CARGO_BIN_EXE_creditors-local"));
        command.arg("--run-dir").arg(&*run_dir).args(["with-servers", "--", "sh", "-c"]);
        command.arg(format!("touch {}; sleep 1000; exit 9", reached.display()));
        for variable in [POSTGRES_URL, BROKER_URL, BROKER_API_URL] {
            command.env_remove(variable);
        }
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        while !reached.exists() {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it reached its command");
            pause().await;
        }
        let processes = descendants(&child.id().to_string());
        assert!(processes.len() > 5, "PostgreSQL and RabbitMQ should run: {processes:?}");
        Self { child, run_dir, processes }
    }

    async fn signal(&mut self, signal: Signal) -> ExitStatus {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                self.nothing_is_left().await;
                return status;
            }
            pause().await;
        }
    }

    /// Waits until all processes have ended (killed ones take a moment), except the command's own: `sleep` is nobody's
    /// server, and only a signal to the whole group reaches it.
    async fn nothing_is_left(&self) {
        for pid in &self.processes {
            while is_server(pid) {
                pause().await;
            }
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        for pid in self.processes.iter().filter_map(|pid| pid.parse().ok()) {
            let _ = kill(Pid::from_raw(pid), Signal::SIGKILL);
        }
        // What a killed one leaves is removed by the next one, which does not come here.
        for entry in fs::read_dir(&*self.run_dir).into_iter().flatten().flatten() {
            remove_homes(&entry.path());
        }
    }
}

#[tokio::test]
async fn a_request_to_stop_leaves_no_processes_and_no_files() {
    let mut running = Running::start("terminated").await;
    let status = running.signal(Signal::SIGTERM).await;
    assert_eq!(status.code(), Some(128 + 15), "the status is that of the command");
    let left: Vec<_> = fs::read_dir(&*running.run_dir).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["reached"]);
}

#[tokio::test]
async fn even_when_it_is_killed_its_servers_end() {
    // Without `setpriv`, an ordinary user's servers cannot be tied to us.
    if Command::new("setpriv").arg("--version").output().is_ok() {
        Running::start("killed").await.signal(Signal::SIGKILL).await;
    }
}

#[test]
fn without_root_we_are_our_own_unprivileged_user() {
    let user = User::unprivileged("postgres").unwrap();
    assert_eq!(user == User::ourselves(), !nix::unistd::geteuid().is_root());
}

async fn pause() {
    tokio::time::sleep(Duration::from_millis(20)).await;
}

/// Fields of `/proc/<pid>/stat`: name, state, parent; `None` if there is no such process.
fn stat(pid: &str) -> Option<(String, char, String)> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (before, after) = stat.rsplit_once(") ")?;
    let name = before.split_once('(')?.1.to_owned();
    let mut fields = after.split(' ');
    Some((name, fields.next()?.chars().next()?, fields.next()?.to_owned()))
}

fn is_server(pid: &str) -> bool {
    stat(pid).is_some_and(|(name, state, _)| state != 'Z' && name != "sleep" && name != "sh")
}

fn descendants(root: &str) -> Vec<String> {
    let all: Vec<(String, String)> = fs::read_dir("/proc")
        .unwrap()
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|pid| stat(&pid).map(|(_, _, parent)| (pid, parent)))
        .collect();
    let mut found = vec![root.to_owned()];
    let mut next = 0;
    while next < found.len() {
        let children = all.iter().filter(|(_, parent)| *parent == found[next]).map(|(pid, _)| pid.clone());
        let children: Vec<_> = children.collect();
        found.extend(children);
        next += 1;
    }
    found.split_off(1)
}
