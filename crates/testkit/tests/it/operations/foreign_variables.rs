//! Every service checks the whole configuration, also what only others read (operations §1).

use std::process::Command;

use creditors_testkit::programs;

/// Each service with a variable that it does not read, and a value which that one may not have.
const CASES: [(&str, &str, &str); 6] = [
    ("creditors-web", "FLUSH_PERIOD", "soon"),
    ("creditors-consumer", "APP_ACCOUNTS_SCAN_HOURS", "-1"),
    ("creditors-flusher", "APP_LOG_RETENTION_DAYS", "29"),
    ("creditors-ledger-processor", "PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "1.0"),
    ("creditors-log-processor", "APP_VERIFY_SHARD_YIELD_PER", "0"),
    ("creditors-scanner", "WEBSERVER_PORT", "65536"),
];

#[test]
fn a_service_does_not_start_with_a_wrong_variable_that_only_others_read() {
    for (service, name, value) in CASES {
        let mut command = Command::new(programs::sibling(service).unwrap());
        let output = |command: &mut Command| {
            let output = command.env_clear().env(name, value).output().unwrap();
            let text = [output.stdout, output.stderr].concat();
            (output.status.code(), String::from_utf8(text).unwrap())
        };
        let (status, help) = output(command.arg("--help"));
        assert_eq!(status, Some(0), "{service}: {help}");
        assert!(!help.contains(&format!("\n  {name} (")), "{service} reads {name} itself");

        let (status, text) = output(&mut Command::new(programs::sibling(service).unwrap()));
        assert_eq!(status, Some(1), "{service}: {text}");
        let sentence = format!("cannot start: {name} holds {value:?}; allowed: ");
        assert!(text.contains(&sentence), "{service}: {text}");
    }
}
