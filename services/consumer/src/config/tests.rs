use clap::Parser as _;
use runtime::config::Environment;

use super::*;

fn config(environment: &[(&str, &str)], words: &[&str]) -> Result<Config> {
    let settings = Settings::load(&Environment::from_pairs(environment.iter().copied()))?;
    Config::new(&settings, &Arguments::try_parse_from(["creditors-consumer"].iter().chain(words))?)
}

fn error(environment: &[(&str, &str)], words: &[&str]) -> String {
    format!("{:#}", config(environment, words).err().unwrap())
}

#[test]
fn unset_values_suit_batches() {
    let config = config(&[], &[]).unwrap();
    assert_eq!((config.workers, config.prefetch), (1, 1_000));
    assert_eq!((config.queue.as_str(), config.broker.port()), ("swpt_creditors", 5672));
    assert!(config.draining.is_none());
}

#[test]
fn explicit_values_are_honoured() {
    let environment = [
        ("PROTOCOL_BROKER_PROCESSES", "3"),
        ("PROTOCOL_BROKER_THREADS", "2"),
        ("PROTOCOL_BROKER_PREFETCH_COUNT", "1"),
        ("PROTOCOL_BROKER_QUEUE", "q"),
    ];
    let from_environment = config(&environment, &["--processes", "0"]).unwrap();
    assert_eq!((from_environment.workers, from_environment.prefetch), (6, 1));
    assert_eq!(from_environment.queue, "q");
    let words = ["-u", "amqps://h", "-q", "r", "-p", "2", "-t", "4", "-s", "0", "-c", "7", "--draining-mode"];
    let from_arguments = config(&environment, &words).unwrap();
    assert_eq!((from_arguments.workers, from_arguments.prefetch), (8, 7));
    assert_eq!((from_arguments.queue.as_str(), from_arguments.broker.port()), ("r", 5671));
    assert_eq!(from_arguments.draining, Some(Draining::default()));
}

#[test]
fn no_processes_means_no_workers_and_no_limit_means_a_large_one() {
    let environment = [("PROTOCOL_BROKER_PROCESSES", "0"), ("PROTOCOL_BROKER_PREFETCH_COUNT", "0")];
    let config = config(&environment, &[]).unwrap();
    assert_eq!((config.workers, config.prefetch), (0, 2_000));
}

#[test]
fn what_cannot_work_is_refused_without_telling_secrets() {
    assert_eq!(
        error(&[("PROTOCOL_BROKER_PREFETCH_SIZE", "1")], &[]),
        "PROTOCOL_BROKER_PREFETCH_SIZE must be 0: the broker knows no limit in bytes"
    );
    let broker = error(&[("PROTOCOL_BROKER_URL", "http://u:hush@h")], &[]);
    assert_eq!(broker, "PROTOCOL_BROKER_URL: the URL must begin with amqp:// or amqps://");
    assert!(error(&[], &["--url", "INVALID"]).starts_with("--url: not a URL of the form amqp://"));
    assert!(error(&[], &["--threads", "0"]).contains("--threads"));
}
