//! The program, as a process with an environment of its own.

use std::{
    ffi::OsStr,
    fs,
    io::Read,
    os::unix::fs::PermissionsExt as _,
    path::{Path, PathBuf},
    process::{Child, Command, Output, Stdio},
    sync::atomic::{AtomicU32, Ordering},
    thread::{self, sleep},
    time::{Duration, Instant},
};

use testkit::process::discretion;

/// The longest wait for what must happen.
const PATIENCE: Duration = Duration::from_mins(1);

pub(crate) const BINARY: &str = env!("CARGO_BIN_EXE_creditors-agent");

/// How a run has ended.
#[derive(Debug)]
pub(crate) struct Ended {
    pub(crate) status: Option<i32>,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// The program with these words and nothing in its environment but a search path.
pub(crate) fn agent(words: &[&str]) -> Command {
    agent_at(Path::new(BINARY), words)
}

/// The same for a copy of the program.
pub(crate) fn agent_at(binary: &Path, words: &[&str]) -> Command {
    let mut command = Command::new(binary);
    command.args(words).env_clear().env("PATH", "/usr/bin:/bin").stdin(Stdio::null());
    command
}

/// Runs it to its end.
pub(crate) fn run(words: &[&str], environment: &[(&str, &str)]) -> Ended {
    let mut command = agent(words);
    ended(command.envs(environment.iter().copied()))
}

pub(crate) fn ended(command: &mut Command) -> Ended {
    let Output { status, stdout, stderr } = command.output().expect("the program should start");
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("output should be UTF-8");
    let environment = command.get_envs().filter_map(|(name, value)| Some((name, value?)));
    let told = discretion::told(environment, &(String::from_utf8_lossy(&stdout) + String::from_utf8_lossy(&stderr)));
    assert!(told.is_empty(), "it has printed secrets: {told:?}");
    Ended { status: status.code(), stdout: text(stdout), stderr: text(stderr) }
}

/// A run in the background, which a thread listens to. It is killed when this value is dropped.
pub(crate) struct Running {
    pub(crate) child: Child,
    lines: std::sync::mpsc::Receiver<String>,
    heard: String,
}

impl Running {
    pub(crate) fn start(command: &mut Command) -> Self {
        let mut child = command.stdout(Stdio::piped()).spawn().expect("the program should start");
        let mut stdout = child.stdout.take().expect("its output is a pipe");
        let (sender, lines) = std::sync::mpsc::channel();
        thread::spawn(move || {
            let mut chunk = [0; 4096];
            while let Ok(count @ 1..) = stdout.read(&mut chunk) {
                let _ = sender.send(String::from_utf8_lossy(&chunk[..count]).into_owned());
            }
        });
        Self { child, lines, heard: String::new() }
    }

    /// Waits until it has printed this.
    pub(crate) fn wait_for(&mut self, text: &str) {
        let began = Instant::now();
        while !self.heard.contains(text) {
            let left = PATIENCE.saturating_sub(began.elapsed());
            match self.lines.recv_timeout(left) {
                Ok(chunk) => self.heard.push_str(&chunk),
                Err(reason) => panic!("it has not printed {text:?} but ({reason}):\n{}", self.heard),
            }
        }
    }

    /// Waits for its end; gives its status and all that it has printed.
    pub(crate) fn finish(mut self) -> (Option<i32>, String) {
        until("the program to end", || self.child.try_wait().expect("a child can be waited for").is_some());
        let status = self.child.wait().expect("a child can be waited for");
        self.heard.extend(self.lines.iter());
        (status.code(), std::mem::take(&mut self.heard))
    }

    pub(crate) fn signal(&self, name: &str) {
        signal(self.child.id(), name);
    }

    pub(crate) fn is_running(&mut self) -> bool {
        self.child.try_wait().expect("a child can be waited for").is_none()
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // An error means that it has ended.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Sends a signal to a process that we have started.
pub(crate) fn signal(pid: u32, name: &str) {
    let status = Command::new("kill").args(["-s", name, &pid.to_string()]).status().expect("kill is a program");
    assert!(status.success(), "{pid} cannot be sent {name}");
}

pub(crate) fn is_alive(pid: u32) -> bool {
    Path::new(&format!("/proc/{pid}")).exists()
}

pub(crate) fn until(what: &str, mut condition: impl FnMut() -> bool) {
    let began = Instant::now();
    while !condition() {
        assert!(began.elapsed() < PATIENCE, "waited in vain for {what}");
        sleep(Duration::from_millis(20));
    }
}

/// A directory with the program in it; removed when this value is dropped.
pub(crate) struct Installation(PathBuf);

impl Installation {
    pub(crate) fn new() -> Self {
        static COUNTER: AtomicU32 = AtomicU32::new(0);
        let unique = format!("agent-{}-{}", std::process::id(), COUNTER.fetch_add(1, Ordering::Relaxed));
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(unique);
        fs::create_dir_all(&directory).expect("a directory should be created");
        let installation = Self(directory);
        fs::hard_link(BINARY, installation.agent()).expect("the program should be linked");
        installation
    }

    pub(crate) fn agent(&self) -> PathBuf {
        self.path("creditors-agent")
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }

    /// Adds a shell script.
    pub(crate) fn script(&self, name: &str, text: &str) {
        let path = self.path(name);
        fs::write(&path, format!("#!/bin/sh\n{text}")).expect("a script should be written");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("a script should be executable");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap_or_default()
    }

    /// The program in this directory.
    pub(crate) fn command(&self, words: &[&str]) -> Command {
        let mut command = agent_at(&self.agent(), words);
        command.env("HERE", AsRef::<OsStr>::as_ref(&self.0));
        command
    }
}

impl Drop for Installation {
    fn drop(&mut self) {
        // What cannot be removed lies in the build directory.
        let _ = fs::remove_dir_all(&self.0);
    }
}
