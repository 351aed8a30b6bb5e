//! Values, problems and what is said about them.

use std::collections::BTreeSet;
use std::os::unix::ffi::OsStringExt;
use std::time::Duration;

use chrono::TimeDelta;
use creditors_runtime::config::{
    AuthMode, ConfigError, Environment, Kind, LogFormat, LogLevel, Logging, Section, Settings, catalogue, help,
};

fn load(pairs: &[(&str, &str)]) -> Result<Settings, ConfigError> {
    Settings::load(&Environment::from_pairs(pairs.iter().copied()))
}

fn good(name: &str, value: &str) -> Settings {
    load(&[(name, value)]).unwrap_or_else(|error| panic!("{name}={value}: {error}"))
}

fn sentences(pairs: &[(&str, &str)]) -> Vec<String> {
    load(pairs).expect_err("a problem was expected").sentences()
}

#[test]
fn set_values_are_used() {
    assert_eq!(good("MAX_CREDITOR_ID", "0x7fffffffffffffff").shard.max_creditor_id, i64::MAX);
    assert!(good("DELETE_PARENT_SHARD_RECORDS", "0").shard.delete_parent_shard_records);
    let broker = good("PROTOCOL_BROKER_QUEUE_ROUTING_KEY", "1.0.#");
    assert_eq!((broker.shard.routing_key.as_str(), broker.broker.routing_key.as_str()), ("1.0.#", "1.0.#"));
    assert_eq!(good("PROTOCOL_BROKER_PREFETCH_COUNT", "1").broker.prefetch_count, Some(1));
    assert_eq!(good("PROTOCOL_BROKER_THREADS", "3").broker.threads, 3);
    assert!(good("SETUP_RABBITMQ_BINDINGS", "yes").broker.setup_bindings);
    assert!(!good("SETUP_RABBITMQ_BINDINGS", "YES").broker.setup_bindings);
    assert_eq!(good("FLUSH_PERIOD", "1.5e-1").flusher.period, Duration::from_millis(150));
    assert_eq!(good("APP_LOG_LEVEL", "Critical").logging.level, LogLevel::Critical);
    assert_eq!(good("APP_LOG_FORMAT", "json").logging.format, LogFormat::Json);
    assert_eq!(good("APP_PIN_FAILURES_RESET_DAYS", "-0.5").policy.pin_failures_reset, TimeDelta::hours(-12));
    assert_eq!(good("APP_LOG_RETENTION_DAYS", "30").policy.log_retention, TimeDelta::days(30));
    assert_eq!(good("APP_CREDITOR_DOS_STATS_CLEAR_HOURS", "0.1").policy.dos_stats_clear_hours, 1);
    assert_eq!(good("APP_MAX_CREDITOR_ACCOUNTS", "-1").policy.max_creditor_accounts, -1);
    assert_eq!(good("APP_ACCOUNTS_SCAN_HOURS", "0.5").scans.accounts.goal, Duration::from_mins(30));
    assert_eq!(good("PIN_PROTECTION_SECRET", "hush").policy.pin_protection_secret.expose(), "hush");
    for previous in ["hush", ""] {
        let policy = good("PIN_PROTECTION_SECRET_PREVIOUS", previous).policy;
        assert_eq!(policy.previous_pin_protection_secret.unwrap().expose(), previous);
    }
    assert_eq!(good("API_TITLE", "").web.api_title, "");
    assert_eq!(good("APP_ADMIN_PORT", "0").admin.port, Some(0));
    let modes = good("APP_AUTH_MODE", "jwt,introspection").auth.modes;
    assert_eq!(modes, [AuthMode::Jwt, AuthMode::Introspection]);
}

#[test]
fn the_database_url_has_a_fallback() {
    let url = |pairs: &[(&str, &str)]| load(pairs).unwrap().database.url.map(|url| url.expose().to_owned());
    let both = [("POSTGRES_URL", "postgresql://one"), ("SQLALCHEMY_DATABASE_URI", "postgresql://two")];
    assert_eq!(url(&both).as_deref(), Some("postgresql://one"));
    assert_eq!(url(&both[1..]).as_deref(), Some("postgresql://two"));
    assert_eq!(url(&[("POSTGRES_URL", ""), both[1]]).as_deref(), Some("postgresql://two"));
    assert_eq!(url(&[("POSTGRES_URL", "")]), None);
    let missing = load(&[]).unwrap().database.require_url().unwrap_err().to_string();
    assert_eq!(missing, "POSTGRES_URL holds nothing; allowed: the URL of the database, which this command needs");
}

#[test]
fn variables_of_others_are_ignored() {
    let pairs = [
        ("APP_USE_PGPLSQL_FUNCTIONS", "x"),
        ("APP_ASSOCIATED_LOGGERS", "x"),
        ("SQLALCHEMY_POOL_SIZE", "many"),
        ("FLASK_APP", "x"),
        ("GUNICORN_WORKERS", ""),
        ("SQA_OPT_OUT", "1"),
        ("RESOURCE_SERVER", "x"),
        ("MAX_FORM_MEMORY_SIZE", "much"),
        ("pg_username", "x"),
        ("pg_cluster_name", "x"),
        ("rmq_connection_string", "x"),
        ("REDIS_URL", "x"),
        ("OPENAPI_VERSION", "x"),
        ("flush_period", "names are case-sensitive"),
        ("FLUSH.PERIOD", "x"),
    ];
    assert_eq!(load(&pairs).unwrap().flusher.period, Duration::from_secs(2));
    let garbled = std::ffi::OsString::from_vec(vec![0xff]);
    let environment = Environment::from_pairs([("SOMETHING", garbled.clone())]);
    assert!(Settings::load(&environment).is_ok());
    let error = Settings::load(&Environment::from_pairs([("FLUSH_PERIOD", garbled)])).unwrap_err();
    assert_eq!(
        error.to_string(),
        "FLUSH_PERIOD holds something that is not allowed; allowed: a number from 0 to 1000000000, in UTF-8"
    );
}

#[test]
fn each_problem_names_the_variable_what_it_holds_and_what_is_allowed() {
    for (name, value, sentence) in [
        ("FLUSH_PROCESSES", "", "FLUSH_PROCESSES holds \"\"; allowed: a whole number from 0 to 10000"),
        ("FLUSH_PERIOD", "soon", "FLUSH_PERIOD holds \"soon\"; allowed: a number from 0 to 1000000000"),
        ("WEBSERVER_PORT", "65536", "WEBSERVER_PORT holds \"65536\"; allowed: a whole number from 0 to 65535"),
        (
            "APP_LOG_RETENTION_DAYS",
            "29.9",
            "APP_LOG_RETENTION_DAYS holds \"29.9\"; allowed: a number from 30 to 700000",
        ),
        (
            "APP_MAX_CREDITOR_TRANSFERS",
            "32768",
            "APP_MAX_CREDITOR_TRANSFERS holds \"32768\"; allowed: a whole number from -32768 to 32767",
        ),
        (
            "PROTOCOL_BROKER_QUEUE_ROUTING_KEY",
            "1.#.",
            "PROTOCOL_BROKER_QUEUE_ROUTING_KEY holds \"1.#.\"; allowed: 0 to 20 binary digits, each followed by a dot, \
             and then #, as in 1.0.#",
        ),
        (
            "MIN_CREDITOR_ID",
            "01",
            "MIN_CREDITOR_ID holds \"01\"; allowed: a decimal number without leading zeros, or 0x…, 0o…, 0b…, from \
             -9223372036854775808 to 18446744073709551615",
        ),
        (
            "MAX_CREDITOR_ID",
            "-1",
            "MIN_CREDITOR_ID holds \"0x0000010100000000\"; allowed: an id not above MAX_CREDITOR_ID, compared as signed \
             numbers",
        ),
        (
            "APP_LOG_LEVEL",
            "warn",
            "APP_LOG_LEVEL holds \"warn\"; allowed: one of, in any case: debug, info, warning, error, critical",
        ),
        ("APP_LOG_FORMAT", "JSON", "APP_LOG_FORMAT holds \"JSON\"; allowed: one of: text, json"),
        (
            "APP_AUTH_MODE",
            "jwt,trusted-headers",
            "APP_AUTH_MODE holds \"jwt,trusted-headers\"; allowed: trusted-headers only alone",
        ),
        ("APP_WEBSERVER_BIND", "localhost", "APP_WEBSERVER_BIND holds \"localhost\"; allowed: an IP address"),
    ] {
        assert_eq!(sentences(&[(name, value)]), [sentence]);
    }
    let long = "x".repeat(500);
    assert!(sentences(&[("APP_LOG_FORMAT", &long)])[0].len() < 150);
}

#[test]
fn all_problems_are_told_at_once() {
    let pairs = [("FLUSH_PERIOD", "x"), ("APP_LOG_LEVEL", ""), ("WEBSERVER_THREADS", "0"), ("MIN_CREDITOR_ID", " ")];
    let error = load(&pairs).unwrap_err();
    assert_eq!(error.sentences().len(), 4);
    for (name, _) in pairs {
        assert!(error.to_string().contains(name), "{error}");
    }
}

/// A declaration that is not read would be checked by nobody.
#[test]
fn every_limited_variable_refuses_a_wrong_value() {
    for variable in catalogue() {
        match variable.kind {
            Kind::Text | Kind::Secret | Kind::Url | Kind::Bool => assert!(load(&[(variable.name, "\u{1}")]).is_ok()),
            _ => {
                let sentences = sentences(&[(variable.name, "\u{1}")]);
                assert!(sentences.len() == 1 && sentences[0].starts_with(variable.name), "{sentences:?}");
            }
        }
        if let Kind::Int(min, max) = variable.kind {
            for limit in [min, max] {
                good(variable.name, &limit.to_string());
            }
            for beyond in [i128::from(min) - 1, i128::from(max) + 1] {
                assert_eq!(sentences(&[(variable.name, &beyond.to_string())]).len(), 1, "{}", variable.name);
            }
        }
        if let Kind::Float(min, max) = variable.kind {
            for limit in [min, max] {
                good(variable.name, &limit.to_string());
            }
            for beyond in [min - 1.0, max + 1.0] {
                assert_eq!(sentences(&[(variable.name, &beyond.to_string())]).len(), 1, "{}", variable.name);
            }
        }
    }
}

#[test]
fn secrets_are_shown_nowhere() {
    let settings = load(&[
        ("PIN_PROTECTION_SECRET", "hush-1"),
        ("POSTGRES_URL", "postgresql://u:hush-2@h/db?password=hush-3"),
        ("PROTOCOL_BROKER_URL", "amqp://u:hush-4@h"),
        ("OAUTH2_INTROSPECT_URL", "http://u:hush-5@h/introspect"),
    ])
    .unwrap();
    let shown = format!("{settings:?} {:?}", settings.effective());
    assert!(!shown.contains("hush"), "{shown}");
    assert!(shown.contains("postgresql://u:***@h/db"), "{shown}");
}

#[test]
fn the_web_server_needs_what_its_modes_need() {
    let check = |pairs: &[(&str, &str)]| {
        let settings = load(pairs).unwrap();
        settings.auth.check(settings.web.bind).map_err(|error| error.sentences().len())
    };
    let url = ("OAUTH2_INTROSPECT_URL", "http://localhost/introspect");
    assert_eq!(check(&[]), Err(1));
    assert_eq!(check(&[url]), Ok(()));
    assert_eq!(check(&[url, ("APP_AUTH_MODE", "jwt")]), Err(3));
    let jwt = [("APP_JWT_JWKS_URL", "http://x"), ("APP_JWT_ISSUER", "x"), ("APP_JWT_AUDIENCE", "x")];
    assert_eq!(check(&[jwt[0], jwt[1], jwt[2], ("APP_AUTH_MODE", "jwt")]), Ok(()));
    let trusting = ("APP_AUTH_MODE", "trusted-headers");
    assert_eq!(check(&[trusting]), Err(1));
    assert_eq!(check(&[trusting, ("APP_TRUSTED_GATEWAY", "true")]), Ok(()));
    assert_eq!(check(&[trusting, ("APP_WEBSERVER_BIND", "127.0.0.1")]), Ok(()));
    assert_eq!(check(&[trusting, ("APP_WEBSERVER_BIND", "::1")]), Ok(()));
}

#[test]
fn log_lines_are_possible_before_the_configuration_is_sound() {
    let lenient = |pairs: &[(&str, &str)]| Logging::lenient(&Environment::from_pairs(pairs.iter().copied()));
    let json = lenient(&[("APP_LOG_FORMAT", "json"), ("APP_LOG_LEVEL", "loud")]);
    assert_eq!(json, Logging { level: LogLevel::Warning, format: LogFormat::Json });
    let debug = lenient(&[("APP_LOG_FORMAT", "yaml"), ("APP_LOG_LEVEL", "DEBUG")]);
    assert_eq!(debug, Logging { level: LogLevel::Debug, format: LogFormat::Text });
}

/// All names of operations §2.
const SPECIFIED: &str = "\
    API_TITLE API_VERSION APP_ACCOUNTS_PER_PAGE APP_ACCOUNTS_SCAN_BEAT_MILLISECS \
    APP_ACCOUNTS_SCAN_BLOCKS_PER_QUERY APP_ACCOUNTS_SCAN_HOURS APP_COMMITTED_TRANSFERS_SCAN_BEAT_MILLISECS \
    APP_COMMITTED_TRANSFERS_SCAN_BLOCKS_PER_QUERY APP_COMMITTED_TRANSFERS_SCAN_DAYS APP_CREDITORS_PER_PAGE \
    APP_CREDITORS_SCAN_BEAT_MILLISECS APP_CREDITORS_SCAN_BLOCKS_PER_QUERY APP_CREDITORS_SCAN_DAYS \
    APP_CREDITOR_DOS_STATS_CLEAR_HOURS APP_CREDITOR_SUBJECT_REGEX APP_DEACTIVATED_CREDITOR_RETENTION_DAYS \
    APP_ENABLE_CORS APP_FLUSH_CONFIGURE_ACCOUNTS_BURST_COUNT APP_FLUSH_FINALIZE_TRANSFERS_BURST_COUNT \
    APP_FLUSH_PREPARE_TRANSFERS_BURST_COUNT APP_FLUSH_REJECTED_CONFIGS_BURST_COUNT \
    APP_FLUSH_UPDATED_FLAGS_BURST_COUNT APP_FLUSH_UPDATED_LEDGER_BURST_COUNT \
    APP_FLUSH_UPDATED_POLICY_BURST_COUNT APP_INACTIVE_CREDITOR_RETENTION_DAYS APP_LEDGER_ENTRIES_PER_PAGE \
    APP_LEDGER_ENTRIES_SCAN_BEAT_MILLISECS APP_LEDGER_ENTRIES_SCAN_BLOCKS_PER_QUERY \
    APP_LEDGER_ENTRIES_SCAN_DAYS APP_LEDGER_RETENTION_DAYS APP_LOG_ENTRIES_PER_PAGE \
    APP_LOG_ENTRIES_SCAN_BEAT_MILLISECS APP_LOG_ENTRIES_SCAN_BLOCKS_PER_QUERY APP_LOG_ENTRIES_SCAN_DAYS \
    APP_LOG_FORMAT APP_LOG_LEVEL APP_LOG_RETENTION_DAYS APP_MAX_CONFIG_DELAY_HOURS APP_MAX_CREDITOR_ACCOUNTS \
    APP_MAX_CREDITOR_INITIATIONS APP_MAX_CREDITOR_RECONFIGS APP_MAX_CREDITOR_TRANSFERS \
    APP_MAX_HEARTBEAT_DELAY_DAYS APP_MAX_TRANSFER_DELAY_DAYS APP_PIN_FAILURES_RESET_DAYS \
    APP_PROCESS_LEDGER_UPDATES_BURST APP_PROCESS_LEDGER_UPDATES_MAX_COUNT APP_PROCESS_LEDGER_UPDATES_WAIT \
    APP_PROCESS_LOG_ADDITIONS_MAX_COUNT APP_PROCESS_LOG_ADDITIONS_WAIT APP_SUPERUSER_SUBJECT_REGEX \
    APP_SUPERVISOR_SUBJECT_REGEX APP_TRANSFERS_FINALIZATION_APPROX_SECONDS APP_TRANSFERS_PER_PAGE \
    APP_VERIFY_SHARD_SLEEP_SECONDS APP_VERIFY_SHARD_YIELD_PER DELETE_PARENT_SHARD_RECORDS FLUSH_PERIOD \
    FLUSH_PROCESSES MAX_CONTENT_LENGTH MAX_CREDITOR_ID MIN_CREDITOR_ID OAUTH2_INTROSPECT_URL \
    OAUTH2_SUPERUSER_USERNAME OAUTH2_SUPERVISOR_USERNAME OPENAPI_SWAGGER_UI_URL PIN_PROTECTION_SECRET \
    POSTGRES_URL PROCESS_LEDGER_UPDATES_THREADS PROCESS_LOG_ADDITIONS_THREADS PROTOCOL_BROKER_PREFETCH_COUNT \
    PROTOCOL_BROKER_PREFETCH_SIZE PROTOCOL_BROKER_PROCESSES PROTOCOL_BROKER_QUEUE \
    PROTOCOL_BROKER_QUEUE_ROUTING_KEY PROTOCOL_BROKER_THREADS PROTOCOL_BROKER_URL SETUP_RABBITMQ_BINDINGS \
    SUBSTITUTE_LOCALHOST_IN_VARS TOKEN_INTROSPECTION_CACHE_MAX_COST WEBSERVER_PORT WEBSERVER_PROCESSES \
    WEBSERVER_THREADS";

#[test]
fn every_specified_variable_is_declared() {
    let names: BTreeSet<&str> = catalogue().map(|variable| variable.name).collect();
    let missing: Vec<&str> = SPECIFIED.split_whitespace().filter(|name| !names.contains(name)).collect();
    assert!(missing.is_empty(), "{missing:?}");
}

#[test]
fn names_are_declared_once_and_meanings_are_one_line() {
    let names: BTreeSet<&str> = catalogue().map(|variable| variable.name).collect();
    assert_eq!(names.len(), catalogue().count());
    for variable in catalogue() {
        assert!(!variable.meaning.is_empty() && !variable.meaning.contains('\n'), "{}", variable.name);
    }
    for section in Section::ALL {
        assert!(section.variables().iter().all(|variable| variable.section == *section));
    }
}

#[test]
fn help_lists_names_types_defaults_and_meanings() {
    assert_eq!(
        help(&[Section::Logging, Section::Verify, Section::Only("FLUSH_PERIOD")]),
        "Environment variables:\n\
        \x20 APP_LOG_LEVEL (text, default warning)\n\
        \x20         the least important lines that are written\n\
        \x20 APP_LOG_FORMAT (text, default text)\n\
        \x20         text, or json: one object per line\n\
        \x20 APP_VERIFY_SHARD_YIELD_PER (int, default 10000)\n\
        \x20         rows read at once\n\
        \x20 APP_VERIFY_SHARD_SLEEP_SECONDS (float, default 0.005)\n\
        \x20         seconds of rest before rows are read\n\
        \x20 FLUSH_PERIOD (float, default 2.0)\n\
        \x20         seconds from the start of one flush to the start of the next, if nothing happens in between\n\
        \x20 SUBSTITUTE_LOCALHOST_IN_VARS (text)\n\
        \x20         for development: names of variables in which `localhost` becomes the container's default gateway\n"
    );
}
