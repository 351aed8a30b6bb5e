//! Every command checks the whole configuration before it does anything.

use testkit::TestDatabase;

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

#[tokio::test]
async fn commands_that_need_our_schema_say_that_it_is_not_there() {
    let database = TestDatabase::create_empty().await;
    let say = |words: &str| run(&words.split(' ').collect::<Vec<_>>(), &[("POSTGRES_URL", database.url())]);
    let commands = ["verify_shard_content", "verify log", "verify ledger", "inspect creditor 1"];
    for sentence in [
        "the database has not been set up: run `creditors-agent configure`",
        "the database is at revision 39e292be0ec9, but this version works with 7efa67e7f781",
    ] {
        for command in commands {
            let outcome = say(command);
            assert_eq!(outcome.status, Some(1), "{command}: {outcome:?}");
            assert!(outcome.stdout.contains(sentence), "{command}: {outcome:?}");
        }
        let marker = "CREATE TABLE alembic_version (version_num varchar(32)); \
                      INSERT INTO alembic_version VALUES ('39e292be0ec9')";
        // The second time, it is there already.
        let _ = database.client().await.batch_execute(marker).await;
    }
}

/// Which of several variables, and which server.
#[test]
fn a_server_that_cannot_be_reached_is_named() {
    for (url, place) in [
        ("postgresql://me:hush@127.0.0.1:1/x", "no session at 127.0.0.1:1: "),
        ("postgresql://me:hush@[::1]:1,127.0.0.1:2/x", "no session at [::1]:1, 127.0.0.1:2: "),
        ("postgresql:///x?host=/nowhere&password=hush", "no session at /nowhere/.s.PGSQL.5432: "),
    ] {
        let outcome = run(&["verify", "log"], &[("POSTGRES_URL", url)]);
        assert_eq!(outcome.status, Some(1), "{outcome:?}");
        assert!(outcome.stdout.contains(place) && !outcome.stdout.contains("hush"), "{outcome:?}");
    }
}

/// The host that runs a container is the container's default gateway.
fn gateway() -> String {
    let routes = std::fs::read_to_string("/proc/net/route").expect("Linux tells its routes");
    let gateway = routes.lines().skip(1).map(|line| line.split_whitespace().collect::<Vec<_>>()).find_map(|route| {
        let (destination, gateway) = (*route.get(1)?, *route.get(2)?);
        (destination == "00000000" && gateway != "00000000").then(|| {
            let number = u32::from_str_radix(gateway, 16).expect("a number");
            std::net::Ipv4Addr::from(number.to_ne_bytes()).to_string()
        })
    });
    gateway.unwrap_or_else(|| {
        eprintln!("NOT CHECKED: this machine has no default gateway, so nothing may change");
        "localhost".to_owned()
    })
}

#[test]
fn localhost_becomes_the_gateway_in_the_variables_that_are_named() {
    let host = gateway();
    let outcome = run(
        &["config"],
        &[
            ("SUBSTITUTE_LOCALHOST_IN_VARS", "POSTGRES_URL  PROTOCOL_BROKER_URL"),
            ("POSTGRES_URL", "postgresql://me:hush@localhost:5433/localhost"),
            ("PROTOCOL_BROKER_URL", "amqp://localhost:hush@broker"),
            ("OAUTH2_INTROSPECT_URL", "http://localhost/introspect"),
        ],
    );
    assert_eq!(outcome.status, Some(0), "{outcome:?}");
    for line in [
        &format!("POSTGRES_URL=postgresql://me:***@{host}:5433/localhost (set)"),
        "PROTOCOL_BROKER_URL=amqp://localhost:***@broker (set)",
        "OAUTH2_INTROSPECT_URL=http://localhost/introspect (set)",
    ] {
        assert!(outcome.stdout.lines().any(|found| found == line), "{line}: {outcome:?}");
    }
}

/// The hosts that are replaced are those that are connected to.
#[test]
fn commands_connect_to_the_gateway_instead_of_localhost() {
    let host = gateway();
    for (url, place) in [
        ("postgresql://localhost:1/x", format!("no session at {host}:1: ")),
        ("postgresql://me:h/u?s#h@localhost:1/localhost", format!("no session at {host}:1: ")),
        ("postgresql://localhost:h/ush@127.0.0.1:1/x", "no session at 127.0.0.1:1: ".to_owned()),
        ("postgresql://localhost:1,127.0.0.1:2/x", format!("no session at {host}:1, 127.0.0.1:2: ")),
        ("postgresql://me:hush@/x?host=localhost:1%2Clocalhost:2", format!("no session at {host}:1, {host}:2: ")),
    ] {
        let variables = [("SUBSTITUTE_LOCALHOST_IN_VARS", "POSTGRES_URL"), ("POSTGRES_URL", url)];
        let outcome = run(&["verify", "log"], &variables);
        assert_eq!(outcome.status, Some(1), "{url}: {outcome:?}");
        assert!(outcome.stdout.contains(&place), "{url}: {outcome:?}");
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
