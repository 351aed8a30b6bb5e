use std::{
    fs,
    path::{Path, PathBuf},
    time::{Duration, Instant},
};

use creditors_testkit::process::{Daemon, Lifetime, Program, Recorded, User};
use nix::sys::signal::Signal;

use crate::scratch::Scratch;

fn shell(script: &str, directory: &Path) -> Program {
    Program {
        name: "a shell".to_owned(),
        path: PathBuf::from("/bin/sh"),
        arguments: vec!["-c".into(), script.into()],
        environment: Vec::new(),
        directory: directory.to_owned(),
        log: directory.join("shell.log"),
        user: User::ourselves(),
        stop: Signal::SIGTERM,
        grace: Duration::from_millis(500),
        lifetime: Lifetime::Tied,
    }
}

#[tokio::test]
async fn a_program_that_ends_instead_of_starting_is_reported_with_its_last_words() {
    let place = Scratch::new("ends");
    let mut daemon = Daemon::start(shell("echo no such luck; exit 3", &place)).unwrap();
    let error = daemon.until(Duration::from_secs(10), async || false).await.unwrap_err().to_string();
    assert!(error.contains("a shell has ended with exit status: 3") && error.contains("no such luck"), "{error}");
}

#[tokio::test]
async fn a_program_that_ignores_the_stop_signal_is_killed_with_its_children() {
    let place = Scratch::new("stubborn");
    let script = "trap '' TERM; sleep 1000 & echo $! > child; while :; do sleep 0.05; done";
    let mut daemon = Daemon::start(shell(script, &place)).unwrap();
    let child = place.join("child");
    let written = async || fs::read_to_string(&child).is_ok_and(|text| text.ends_with('\n'));
    daemon.until(Duration::from_secs(10), written).await.unwrap();
    let child = fs::read_to_string(&child).unwrap();
    assert!(!daemon.stop().unwrap().success());
    let began = Instant::now();
    while is_alive(child.trim()) && began.elapsed() < Duration::from_secs(10) {
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    assert!(!is_alive(child.trim()));
}

#[tokio::test]
async fn a_detached_program_runs_on_and_can_be_stopped_later() {
    let place = Scratch::new("detached");
    let program = Program { lifetime: Lifetime::Detachable, ..shell("exec sleep 1000", &place) };
    let file = place.join("process.json");
    Daemon::start(program).unwrap().detach().unwrap().save(&file).unwrap();
    let recorded = Recorded::load(&file).unwrap();
    assert!(recorded.is_running());
    recorded.stop();
    assert!(!recorded.is_running());
}

/// Whether a process runs; one that has ended and whose status nobody has collected does not.
fn is_alive(pid: &str) -> bool {
    fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "))
}
