//! Every command checks the whole configuration before it does anything.

use crate::program::run;

const COMMANDS: [&str; 12] = [
    "all",
    "configure",
    "await_migrations",
    "subscribe",
    "unsubscribe",
    "delete_queue",
    "verify_shard_content",
    "dead-letters list",
    "inspect creditor 1",
    "verify ledger",
    "config",
    "health",
];

#[test]
fn every_problem_is_a_sentence_that_names_the_variable() {
    let wrong = [
        ("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "1.0"),
        ("APP_LOG_RETENTION_DAYS", "29"),
        ("FLUSH_PERIOD", ""),
        ("MIN_CREDITOR_ID", "007"),
        // A server that nobody may ask.
        ("POSTGRES_URL", "postgresql://127.0.0.1:1/x"),
        ("PROTOCOL_BROKER_URL", "amqp://127.0.0.1:1"),
    ];
    for command in COMMANDS {
        let words: Vec<&str> = command.split(' ').collect();
        let outcome = run(&words, &wrong);
        assert_eq!(outcome.status, Some(1), "{command}: {outcome:?}");
        let lines: Vec<&str> = outcome.stdout.lines().collect();
        assert_eq!(lines.len(), 4, "{command}: {outcome:?}");
        for (name, value) in &wrong[..4] {
            let sentence = format!("cannot start: {name} holds {value:?}; allowed: ");
            assert!(lines.iter().any(|line| line.contains(&sentence)), "{command}, {name}: {outcome:?}");
        }
    }
}

#[test]
fn commands_that_need_a_database_say_which_variable_is_missing_or_wrong() {
    for command in ["configure", "await_migrations", "verify_shard_content", "verify log", "inspect creditor 1"] {
        let words: Vec<&str> = command.split(' ').collect();
        let missing = run(&words, &[]);
        assert_eq!(missing.status, Some(1));
        assert!(missing.stdout.contains("POSTGRES_URL holds nothing; allowed: the URL"), "{missing:?}");

        let wrong = run(&words, &[("POSTGRES_URL", "mysql://u:hush@h/d")]);
        assert_eq!(wrong.status, Some(1));
        assert!(wrong.stdout.contains("POSTGRES_URL must begin with postgresql://"), "{wrong:?}");
        assert!(!wrong.stdout.contains("hush"), "{wrong:?}");
    }
}

#[test]
fn broker_commands_say_what_is_wrong_with_the_broker() {
    for command in ["subscribe", "unsubscribe", "delete_queue"] {
        for (words, environment, sentence) in [
            (vec![command], ("PROTOCOL_BROKER_URL", "http://u:hush@h"), "PROTOCOL_BROKER_URL cannot be used: "),
            (vec![command, "-u", "amqp:hush"], ("PROTOCOL_BROKER_URL", ""), "--url cannot be used: "),
            (vec![command], ("PROTOCOL_BROKER_QUEUE", ""), "PROTOCOL_BROKER_QUEUE holds \"\"; allowed: the name"),
            (vec![command, "--queue="], ("PROTOCOL_BROKER_QUEUE", "q"), "--queue holds \"\"; allowed: the name"),
            (vec![command], ("PROTOCOL_BROKER_URL", "amqp://u:hush@127.0.0.1:1"), "cannot connect to amqp://u:***@127"),
        ] {
            let outcome = run(&words, &[environment]);
            assert_eq!(outcome.status, Some(1), "{words:?}: {outcome:?}");
            assert!(outcome.stdout.contains(sentence), "{words:?}: {outcome:?}");
            assert!(!outcome.stdout.contains("hush"), "{words:?}: {outcome:?}");
        }
    }
}

#[test]
fn config_prints_the_values_in_force_without_secrets() {
    let outcome = run(
        &["config"],
        &[("POSTGRES_URL", "postgresql://me:hush@h/d"), ("PIN_PROTECTION_SECRET", "hush"), ("FLUSH_PERIOD", "1.5")],
    );
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    assert!(!outcome.stdout.contains("hush"), "{outcome:?}");
    for line in [
        "POSTGRES_URL=postgresql://me:***@h/d (set)",
        "PIN_PROTECTION_SECRET=*** (set)",
        "FLUSH_PERIOD=1.5 (set)",
        "FLUSH_PROCESSES=1 (default)",
    ] {
        assert!(outcome.stdout.lines().any(|found| found == line), "{line}: {outcome:?}");
    }
}
