//! `--help` of each service lists the variables that it reads, and all of them together are all that there are.

use std::{collections::BTreeSet, process::Command};

use runtime::config::catalogue;

const SERVICES: [(&str, &[&str]); 6] = [
    ("creditors-web", &["WEBSERVER_PORT", "OAUTH2_INTROSPECT_URL", "POSTGRES_URL", "MIN_CREDITOR_ID"]),
    ("creditors-consumer", &["PROTOCOL_BROKER_PREFETCH_COUNT", "POSTGRES_URL", "APP_LOG_RETENTION_DAYS"]),
    ("creditors-flusher", &["FLUSH_PERIOD", "PROTOCOL_BROKER_URL", "DELETE_PARENT_SHARD_RECORDS"]),
    ("creditors-ledger-processor", &["PROCESS_LEDGER_UPDATES_THREADS", "APP_MAX_TRANSFER_DELAY_DAYS"]),
    ("creditors-log-processor", &["PROCESS_LOG_ADDITIONS_THREADS", "POSTGRES_URL"]),
    ("creditors-scanner", &["APP_ACCOUNTS_SCAN_HOURS", "APP_LEDGER_RETENTION_DAYS", "POSTGRES_URL"]),
];

/// The names in the list of variables.
fn listed(program: &str, words: &[&str]) -> BTreeSet<String> {
    let path = std::env::current_exe().unwrap().ancestors().nth(2).unwrap().join(program);
    let output = Command::new(path).args(words).env_clear().output().unwrap();
    assert!(output.status.success(), "{program}: {output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    let (_, variables) = text.split_once("Environment variables:\n").unwrap();
    let lines = variables.lines().filter_map(|line| line.strip_prefix("  "));
    lines.filter(|line| !line.starts_with(' ')).filter_map(|line| Some(line.split_once(" (")?.0.to_owned())).collect()
}

#[test]
fn help_of_each_service_lists_the_variables_that_it_reads() {
    let mut all = BTreeSet::new();
    for (service, some) in SERVICES {
        let listed = listed(service, &["--help"]);
        for name in some.iter().chain(&["APP_LOG_LEVEL", "APP_LOG_FORMAT", "APP_ADMIN_PORT"]) {
            assert!(listed.contains(*name), "{service} --help says nothing of {name}: {listed:?}");
        }
        all.extend(listed);
    }
    let declared: BTreeSet<String> = catalogue().map(|variable| variable.name.to_owned()).collect();
    // Two parts are for commands of the agent alone.
    let of_the_agent = |name: &String| name.starts_with("APP_VERIFY_SHARD_");
    assert_eq!(declared.iter().filter(|name| !of_the_agent(name)).cloned().collect::<BTreeSet<_>>(), all);
    assert_eq!(listed("creditors-agent", &["all", "--help"]), declared);
}
