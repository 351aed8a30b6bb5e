//! What the first word makes of the process.

use std::path::Path;

use crate::program::{Installation, ended, run};

const ECHO: &str = "echo \"$(basename \"$0\")|$*|$APP_ADMIN_PORT\"; exit 7\n";

#[test]
fn role_words_become_the_sibling_binary_with_its_arguments_and_status() {
    let installation = Installation::new();
    for binary in ["web", "consumer", "flusher", "ledger-processor", "log-processor", "scanner"] {
        installation.script(&format!("creditors-{binary}"), ECHO);
    }
    for (words, becomes) in [
        ("webserver", "creditors-web|"),
        ("consume_messages --draining-mode -q x", "creditors-consumer|--draining-mode -q x"),
        ("flush_all --quit-early", "creditors-flusher|--quit-early"),
        ("flush_messages -w 1 UpdatedFlagsSignal", "creditors-flusher|-w 1 UpdatedFlagsSignal"),
        ("flush_configure_accounts -w 1", "creditors-flusher|ConfigureAccountSignal -w 1"),
        ("flush_prepare_transfers", "creditors-flusher|PrepareTransferSignal"),
        ("flush_finalize_transfers", "creditors-flusher|FinalizeTransferSignal"),
        ("flush_updated_ledgers", "creditors-flusher|UpdatedLedgerSignal"),
        ("flush_updated_policies", "creditors-flusher|UpdatedPolicySignal"),
        ("flush_updated_flags", "creditors-flusher|UpdatedFlagsSignal"),
        ("flush_rejected_configs", "creditors-flusher|RejectedConfigSignal"),
        ("process_log_additions -t 2", "creditors-log-processor|-t 2"),
        ("process_ledger_updates", "creditors-ledger-processor|"),
        ("scan_creditors --days 3", "creditors-scanner|creditors --days 3"),
        ("scan_accounts -h 3", "creditors-scanner|accounts -h 3"),
        ("scan_log_entries", "creditors-scanner|log_entries"),
        ("scan_ledger_entries", "creditors-scanner|ledger_entries"),
        ("scan_committed_transfers", "creditors-scanner|committed_transfers"),
    ] {
        let words: Vec<&str> = words.split(' ').collect();
        let outcome = ended(installation.command(&words).env("APP_ADMIN_PORT", "1234"));
        assert_eq!(outcome.stdout, format!("{becomes}|1234\n"), "{words:?}: {outcome:?}");
        assert_eq!(outcome.status, Some(7), "{words:?}");
    }
}

#[test]
fn a_missing_sibling_is_named() {
    let installation = Installation::new();
    let outcome = ended(&mut installation.command(&["consume_messages"]));
    assert_eq!(outcome.status, Some(1));
    assert!(outcome.stdout.contains("cannot start creditors-consumer: there is no "), "{outcome:?}");
    let json = ended(installation.command(&["consume_messages"]).env("APP_LOG_FORMAT", "json"));
    let line: serde_json::Value = serde_json::from_str(&json.stdout).expect("nothing but JSON");
    assert_eq!(line["levelname"], "ERROR");
    assert_eq!(json.stderr, "");
}

#[test]
fn any_other_word_is_executed_as_a_program() {
    // Not even a wrong configuration keeps the operator from the shell.
    let outcome = run(&["sh", "-c", "echo $0 $1; exit 5", "one", "two"], &[("APP_LOG_RETENTION_DAYS", "1")]);
    assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(5), "one two\n"));

    let missing = run(&["no-such-program"], &[]);
    assert_eq!(missing.status, Some(127));
    assert!(missing.stderr.contains("\"no-such-program\" is neither a word"), "{missing:?}");

    let installation = Installation::new();
    let forbidden = installation.path("file");
    std::fs::write(&forbidden, "text").expect("a file should be written");
    let name = forbidden.to_str().expect("a path in UTF-8");
    let outcome = ended(&mut installation.command(&[name]));
    assert_eq!(outcome.status, Some(126), "{outcome:?}");
    assert!(Path::new(name).exists());
}

#[test]
fn help_tells_of_words_options_and_variables() {
    let words = run(&["--help"], &[]);
    assert_eq!(words.status, Some(0));
    assert!(words.stdout.contains("\n  await_migrations "), "{words:?}");
    for (word, expected) in [
        ("configure", ["Usage: creditors-agent configure", "SETUP_RABBITMQ_BINDINGS"]),
        ("subscribe", ["--queue-routing-key", "PROTOCOL_BROKER_URL"]),
        ("unsubscribe", ["--queue-routing-key", "PROTOCOL_BROKER_URL"]),
        ("delete_queue", ["--queue", "PROTOCOL_BROKER_QUEUE"]),
        ("await_migrations", ["Usage: creditors-agent await_migrations", "POSTGRES_URL"]),
        ("verify_shard_content", ["Usage: creditors-agent verify_shard_content", "APP_VERIFY_SHARD_YIELD_PER"]),
        ("all", ["Usage: creditors-agent all", "FLUSH_PERIOD"]),
        ("config", ["Usage: creditors-agent config", "MIN_CREDITOR_ID"]),
        ("inspect", ["transfer", "POSTGRES_URL"]),
        ("verify", ["ledger", "APP_LOG_RETENTION_DAYS"]),
        ("dead-letters", ["replay", "PROTOCOL_BROKER_QUEUE"]),
        ("health", ["--port", "APP_ADMIN_BIND"]),
    ] {
        // Help is given whatever the configuration.
        let help = run(&[word, "--help"], &[("FLUSH_PERIOD", "nonsense")]);
        assert_eq!(help.status, Some(0), "{help:?}");
        for text in expected {
            assert!(help.stdout.contains(text), "{word} --help says nothing of {text}:\n{}", help.stdout);
        }
    }
}

#[test]
fn wrong_options_are_usage_errors() {
    for words in [
        &["--nonsense"][..],
        &["all", "more"],
        &["configure", "--nonsense"],
        &["await_migrations", "now"],
        &["subscribe", "--queue"],
        &["unsubscribe", "queue"],
        &["delete_queue", "-k", "1.#"],
        &["verify_shard_content", "-v"],
        &["config", "all"],
        &["inspect", "creditor"],
        &["inspect", "account", "1", "x"],
        &["inspect", "transfer", "1", "no-uuid"],
        &["verify"],
        &["verify", "creditor"],
        &["dead-letters", "drop"],
        &["dead-letters", "list", "--since", "yesterday"],
        &["health", "--port", "70000"],
    ] {
        let outcome = run(words, &[]);
        assert_eq!(outcome.status, Some(2), "{words:?}: {outcome:?}");
        assert!(outcome.stderr.starts_with("error: "), "{words:?}: {outcome:?}");
    }
}
