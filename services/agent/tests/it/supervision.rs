//! `all`, with shell scripts in the place of the services.

use std::{collections::BTreeMap, process::Command};

use crate::program::{Ended, Installation, Running, ended, is_alive, run, signal, until};

const PARTS: [&str; 6] = [
    "creditors-web",
    "creditors-consumer",
    "creditors-flusher",
    "creditors-ledger-processor",
    "creditors-log-processor",
    "creditors-scanner",
];

/// Notes that it lives, and lives on until it is told to end, or the test is over.
const PART: &str = "
trap 'echo \"$(basename \"$0\") stopped\" >> \"$HERE/ends\"; exit 1' TERM
echo \"$(basename \"$0\") $$ <$*> <${APP_ADMIN_PORT-unset}>\" >> \"$HERE/lives\"
echo \"output of $(basename \"$0\")\"
while [ -e \"$HERE\" ]; do sleep 0.05; done
";

/// Notes that it lives, and does not listen.
const STUBBORN: &str = "
trap '' TERM
echo \"$(basename \"$0\") $$ <$*> <${APP_ADMIN_PORT-unset}>\" >> \"$HERE/lives\"
while [ -e \"$HERE\" ]; do sleep 0.05; done
";

struct Stack {
    installation: Installation,
    port: u16,
}

impl Stack {
    fn new() -> Self {
        let installation = Installation::new();
        for part in PARTS {
            installation.script(part, PART);
        }
        let [port] = testkit::ports::free().expect("a free port");
        Self { installation, port }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.installation.command(words);
        command.env("APP_ADMIN_PORT", self.port.to_string()).env("APP_LOG_LEVEL", "info");
        command
    }

    /// The process ids of each part's lives so far.
    fn lives(&self) -> BTreeMap<String, Vec<u32>> {
        let mut lives = BTreeMap::<_, Vec<u32>>::new();
        for line in self.installation.read("lives").lines() {
            let mut words = line.split(' ');
            let name = words.next().expect("a name").to_owned();
            lives.entry(name).or_default().push(words.next().expect("a process id").parse().expect("a number"));
        }
        lives
    }

    fn wait_for_all(&self) {
        until("all parts to live", || PARTS.iter().all(|part| self.lives().contains_key(*part)));
    }

    /// Waits until the part has begun that many lives; gives the last one.
    fn wait_for_life(&self, part: &str, count: usize) -> u32 {
        until("another life", || self.lives().get(part).is_some_and(|lives| lives.len() >= count));
        self.lives()[part][count - 1]
    }

    fn health(&self) -> Ended {
        ended(self.command(&["health"]).env("APP_LOG_LEVEL", "warning"))
    }
}

#[test]
fn a_part_that_ends_is_started_again_and_the_others_go_on() {
    let stack = Stack::new();
    let mut running = Running::start(&mut stack.command(&[]));
    stack.wait_for_all();
    let first = stack.wait_for_life("creditors-consumer", 1);
    running.wait_for("output of creditors-consumer");

    signal(first, "KILL");
    let second = stack.wait_for_life("creditors-consumer", 2);
    assert_ne!(first, second);
    running.wait_for("creditors-consumer has ended with signal: 9 (SIGKILL); it will be started in 1 s.");
    // An orderly end is an end, too.
    signal(second, "TERM");
    let third = stack.wait_for_life("creditors-consumer", 3);
    running.wait_for("creditors-consumer has ended with exit status: 1; it will be started in 2 s.");

    let lives = stack.lives();
    for part in PARTS.iter().filter(|part| **part != "creditors-consumer") {
        assert_eq!(lives[*part].len(), 1, "{part}: {lives:?}");
        assert!(is_alive(lives[*part][0]), "{part}");
    }
    assert!(is_alive(third));

    running.signal("TERM");
    let (status, output) = running.finish();
    assert_eq!(status, Some(0), "{output}");
    for (part, pids) in stack.lives() {
        assert!(pids.iter().all(|pid| !is_alive(*pid)), "{part}: {output}");
        assert!(stack.installation.read("ends").contains(&format!("{part} stopped\n")), "{part}: {output}");
    }
}

#[test]
fn parts_have_their_own_ports_and_the_agent_tells_whether_they_run() {
    let stack = Stack::new();
    std::fs::remove_file(stack.installation.path("creditors-web")).expect("a script can be removed");
    let mut running = Running::start(&mut stack.command(&["all"]));
    running.wait_for("creditors-web could not be started from ");
    until("the other parts to live", || stack.lives().len() == PARTS.len() - 1);
    for line in stack.installation.read("lives").lines() {
        assert!(line.ends_with(" <> <unset>"), "neither arguments nor our port: {line}");
    }
    let without = stack.health();
    assert_eq!(without.status, Some(1), "{without:?}");
    assert_eq!(without.stdout, "{\"ready\":false,\"unmet\":[\"creditors-web\"]}\n");

    stack.installation.script("creditors-web", PART);
    stack.wait_for_all();
    until("readiness", || stack.health().status == Some(0));
    running.signal("INT");
    assert_eq!(running.finish().0, Some(0));
    assert!(stack.health().stdout.contains("no answer from the health port 127.0.0.1:"));
}

#[test]
fn no_port_for_the_agent_is_no_port_for_the_parts() {
    let mut stack = Stack::new();
    stack.port = 0;
    let running = Running::start(&mut stack.command(&["all"]));
    stack.wait_for_all();
    assert!(stack.installation.read("lives").lines().all(|line| line.ends_with(" <> <0>")));
    running.signal("TERM");
    assert_eq!(running.finish().0, Some(0));
}

#[test]
fn a_part_that_does_not_end_is_killed() {
    let stack = Stack::new();
    stack.installation.script("creditors-flusher", STUBBORN);
    let running = Running::start(&mut stack.command(&["all"]));
    stack.wait_for_all();
    running.signal("TERM");
    let (status, output) = running.finish();
    assert_eq!(status, Some(0), "{output}");
    assert!(output.contains("creditors-flusher has not ended within 9 s and is killed."), "{output}");
    assert!(stack.lives().values().flatten().all(|pid| !is_alive(*pid)), "{output}");
}

#[test]
fn lines_of_the_supervisor_are_json_if_asked_for() {
    let stack = Stack::new();
    let mut running = Running::start(stack.command(&["all"]).env("APP_LOG_FORMAT", "json"));
    stack.wait_for_all();
    running.wait_for("creditors-scanner has been started.");
    running.signal("HUP");
    let (status, output) = running.finish();
    assert_eq!(status, Some(0), "{output}");
    let ours = output.lines().filter(|line| !line.starts_with("output of "));
    for line in ours {
        serde_json::from_str::<serde_json::Value>(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    }
}

#[test]
fn an_occupied_port_is_told_in_a_sentence() {
    let stack = Stack::new();
    let listener = std::net::TcpListener::bind(("127.0.0.1", stack.port)).expect("the port is free");
    let outcome = ended(stack.command(&["all"]).env("APP_ADMIN_BIND", "127.0.0.1"));
    assert_eq!(outcome.status, Some(1), "{outcome:?}");
    assert!(outcome.stdout.contains("APP_ADMIN_PORT"), "{outcome:?}");
    assert_eq!(stack.installation.read("lives"), "");
    drop(listener);
}

#[test]
fn health_needs_no_other_process_of_ours() {
    let [port] = testkit::ports::free().expect("a free port");
    let outcome = run(&["health", "--port", &port.to_string()], &[]);
    assert_eq!(outcome.status, Some(1), "{outcome:?}");
    assert!(outcome.stdout.contains(&format!("no answer from the health port 127.0.0.1:{port}")), "{outcome:?}");
}
