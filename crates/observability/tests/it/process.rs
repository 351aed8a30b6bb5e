//! What a whole process prints, panics included: this test program, run again.

use std::env;
use std::process::{Command, Output};

use creditors_observability::init_logging;
use serde_json::Value;

/// Names the format for the process that is run again.
const FORMAT: &str = "TEST_LOG_FORMAT";

/// Not a test by itself: what the process that is run again does.
#[test]
fn speak() {
    let Some(format) = env::vars().find_map(|(name, value)| (name == FORMAT).then_some(value)) else { return };
    init_logging("info", &format).unwrap();
    init_logging("debug", "text").unwrap();
    tracing::info!(target: "creditors_example", rows = 1, "Works.");
    tracing::debug!(target: "creditors_example", "Not heard.");
    log::warn!(target: "library", "Careful.");
    let failed = std::thread::Builder::new().name("clumsy".into()).spawn(|| assert_eq!(1, 2, "no\nluck"));
    assert!(failed.unwrap().join().is_err());
}

fn output(format: &str) -> Output {
    Command::new(env::current_exe().unwrap())
        .args(["--exact", "process::speak", "--nocapture", "--test-threads=1"])
        .env(FORMAT, format)
        .env("RUST_BACKTRACE", "0")
        .output()
        .unwrap()
}

fn lines(format: &str) -> Vec<String> {
    let output = output(format);
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
    // What remains is said by the test program itself.
    let said = String::from_utf8(output.stdout).unwrap();
    let ours = |line: &&str| line.starts_with(['{', '2']);
    said.replace("test process::speak ... ", "").lines().filter(ours).map(str::to_owned).collect()
}

#[test]
fn json_mode_prints_nothing_but_json() {
    let members = ["asctime", "levelname", "name", "message"];
    let lines: Vec<Value> = lines("json").iter().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(lines.iter().all(|line| members.iter().all(|member| line[member].is_string())));
    let said: Vec<(&str, &str)> =
        lines.iter().map(|line| (line["levelname"].as_str().unwrap(), line["name"].as_str().unwrap())).collect();
    let expected = [("INFO", "creditors.example"), ("WARNING", "library"), ("CRITICAL", "creditors.panic")];
    assert_eq!(said, expected);
    let panic = lines[2]["message"].as_str().unwrap();
    assert!(panic.starts_with("The thread clumsy panicked at "), "{panic}");
    assert!(panic.contains("no\nluck"), "{panic}");
}

#[test]
fn text_mode_prints_one_line_per_event() {
    let lines = lines("text");
    assert_eq!(lines.len(), 3);
    assert!(lines[0].ends_with("+0000:INFO:creditors.example:Works. rows=1"), "{lines:?}");
    assert!(lines[1].ends_with(":WARNING:library:Careful."), "{lines:?}");
    assert!(lines[2].contains(":CRITICAL:creditors.panic:The thread clumsy panicked at "), "{lines:?}");
    assert!(lines[2].contains("no\\nluck"), "{lines:?}");
}
