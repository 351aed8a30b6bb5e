//! `--help` of each service lists the variables that it reads, and all of them together are all that there are.

use std::{collections::BTreeSet, process::Command};

use runtime::config::catalogue;

const DATABASE: &str = "POSTGRES_URL SQLALCHEMY_DATABASE_URI ";
const SHARD: &str = "MIN_CREDITOR_ID MAX_CREDITOR_ID PROTOCOL_BROKER_QUEUE_ROUTING_KEY ";
const ADMIN: &str = "APP_ADMIN_PORT APP_ADMIN_BIND ";
/// What every command reads.
const ALWAYS: &str = "APP_LOG_LEVEL APP_LOG_FORMAT SUBSTITUTE_LOCALHOST_IN_VARS ";

/// What each service reads, besides what all of them do. A word that ends with `*` stands for all that begin so.
const SERVICES: [(&str, &[&str]); 6] = [
    (
        "creditors-web",
        &[
            SHARD,
            "WEBSERVER_* APP_WEBSERVER_BIND APP_*_PER_PAGE APP_ENABLE_CORS MAX_CONTENT_LENGTH API_* OPENAPI_* OAUTH2_* \
             APP_AUTH_* APP_TRUSTED_GATEWAY APP_JWT_* APP_*_SUBJECT_REGEX TOKEN_INTROSPECTION_CACHE_MAX_COST \
             PIN_PROTECTION_* APP_PIN_FAILURES_RESET_DAYS APP_MAX_CREDITOR_* APP_CREDITOR_DOS_STATS_CLEAR_HOURS \
             APP_LOG_RETENTION_DAYS APP_INACTIVE_CREDITOR_RETENTION_DAYS APP_TRANSFERS_FINALIZATION_APPROX_SECONDS",
        ],
    ),
    (
        "creditors-consumer",
        &[
            SHARD,
            "PROTOCOL_BROKER_URL PROTOCOL_BROKER_QUEUE PROTOCOL_BROKER_PROCESSES PROTOCOL_BROKER_THREADS \
             PROTOCOL_BROKER_PREFETCH_* APP_LOG_RETENTION_DAYS",
        ],
    ),
    ("creditors-flusher", &[SHARD, "DELETE_PARENT_SHARD_RECORDS PROTOCOL_BROKER_URL FLUSH_* APP_FLUSH_*"]),
    (
        "creditors-ledger-processor",
        &["PROCESS_LEDGER_UPDATES_* APP_PROCESS_LEDGER_UPDATES_* APP_MAX_TRANSFER_DELAY_DAYS"],
    ),
    ("creditors-log-processor", &["PROCESS_LOG_ADDITIONS_* APP_PROCESS_LOG_ADDITIONS_*"]),
    (
        "creditors-scanner",
        &[
            SHARD,
            "DELETE_PARENT_SHARD_RECORDS APP_*_SCAN_* APP_*_RETENTION_DAYS APP_MAX_HEARTBEAT_DELAY_DAYS \
             APP_MAX_TRANSFER_DELAY_DAYS APP_MAX_CONFIG_DELAY_HOURS",
        ],
    ),
];

const QUEUE: &str = "PROTOCOL_BROKER_URL PROTOCOL_BROKER_QUEUE ";
const BINDING: &str = "PROTOCOL_BROKER_URL PROTOCOL_BROKER_QUEUE PROTOCOL_BROKER_QUEUE_ROUTING_KEY ";

/// What each word of the agent reads that is not another service.
const WORDS: [(&str, &[&str]); 12] = [
    ("all", &["*"]),
    ("config", &["*"]),
    ("configure", &[DATABASE, BINDING, "SETUP_RABBITMQ_BINDINGS"]),
    ("await_migrations", &[DATABASE]),
    ("subscribe", &[BINDING]),
    ("unsubscribe", &[BINDING]),
    ("delete_queue", &[QUEUE]),
    ("verify_shard_content", &[DATABASE, "PROTOCOL_BROKER_QUEUE_ROUTING_KEY APP_VERIFY_SHARD_*"]),
    ("dead-letters", &[QUEUE]),
    ("inspect", &[DATABASE]),
    ("verify", &[DATABASE, "APP_VERIFY_SHARD_SLEEP_SECONDS APP_LOG_RETENTION_DAYS APP_LEDGER_RETENTION_DAYS"]),
    ("health", &[ADMIN]),
];

/// The declared variables that these words stand for.
fn meant(words: &[&str]) -> BTreeSet<String> {
    let words: Vec<&str> = words.iter().flat_map(|words| words.split_whitespace()).collect();
    let fits = |name: &str, word: &str| match word.split_once('*') {
        Some((start, "")) => name.starts_with(start),
        Some((start, end)) => name.starts_with(start) && name.contains(end.trim_end_matches('*')),
        None => name == word,
    };
    for word in &words {
        assert!(catalogue().any(|variable| fits(variable.name, word)), "{word} stands for nothing");
    }
    let names = catalogue().map(|variable| variable.name).filter(|name| words.iter().any(|word| fits(name, word)));
    names.map(str::to_owned).collect()
}

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
    for (service, own) in SERVICES {
        let listed = listed(service, &["--help"]);
        assert_eq!(listed, meant(&[own, &[DATABASE, ADMIN, ALWAYS]].concat()), "{service}");
        all.extend(listed);
    }
    for (word, own) in WORDS {
        let listed = listed("creditors-agent", &[word, "--help"]);
        assert_eq!(listed, meant(&[own, &[ALWAYS]].concat()), "{word}");
    }
    // Some are for commands of the agent alone.
    all.extend(meant(&["APP_VERIFY_SHARD_* SETUP_RABBITMQ_BINDINGS"]));
    assert_eq!(all, meant(&["*"]), "nobody reads the rest");
}
