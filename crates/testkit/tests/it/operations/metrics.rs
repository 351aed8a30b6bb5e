//! The table of metrics and what the services export say the same.

use std::collections::{BTreeMap, BTreeSet};

use super::{Play, payments};
use crate::scratch::Scratch;

const TABLE: &str = include_str!("../../../../observability/METRICS.md");

/// Name and type of each metric in the table: lines like "| `name` | counter | …".
fn documented() -> BTreeMap<String, String> {
    let rows = TABLE.lines().filter_map(|line| {
        let mut cells = line.strip_prefix("| `")?.split('|').map(str::trim);
        let name = cells.next()?.trim_end_matches('`');
        Some((name.to_owned(), cells.next()?.to_owned()))
    });
    rows.collect()
}

/// What Prometheus sees: name and type.
fn exported(text: &str) -> BTreeMap<String, String> {
    let types = text.lines().filter_map(|line| line.strip_prefix("# TYPE ")?.split_once(' '));
    types.map(|(name, kind)| (name.to_owned(), kind.to_owned())).collect()
}

/// Every text of our sources that looks like the name of a metric.
fn in_sources() -> BTreeSet<String> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap();
    let mut names = BTreeSet::new();
    let mut directories = vec![];
    for parent in ["crates", "services"] {
        for member in std::fs::read_dir(root.join(parent)).unwrap() {
            let source = member.unwrap().path().join("src");
            // Test support exports nothing.
            if !source.starts_with(root.join("crates/testkit")) {
                directories.push(source);
            }
        }
    }
    while let Some(directory) = directories.pop() {
        for entry in std::fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                directories.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                names.extend(names_in(&std::fs::read_to_string(path).unwrap()));
            }
        }
    }
    names
}

fn names_in(source: &str) -> Vec<String> {
    let prefixes = ["creditors_", "process_"];
    let units = [
        "_total",
        "_seconds",
        "_bytes",
        "_messages",
        "_rows",
        "_entries",
        "_accounts",
        "_workers",
        "_destinations",
        "_ratio",
    ];
    source
        .split('"')
        .filter(|text| text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_'))
        .filter(|text| prefixes.iter().any(|prefix| text.starts_with(prefix)))
        .filter(|text| units.iter().any(|unit| text.ends_with(unit)))
        .map(str::to_owned)
        .collect()
}

#[test]
fn the_table_names_every_metric_by_the_conventions() {
    let documented = documented();
    let names: BTreeSet<String> = documented.keys().cloned().collect();
    let in_sources = in_sources();
    let unknown: Vec<_> = names.difference(&in_sources).collect();
    assert!(unknown.is_empty(), "METRICS.md has what no source has: {unknown:?}");
    let missing: Vec<_> = in_sources.difference(&names).collect();
    assert!(missing.is_empty(), "METRICS.md does not have: {missing:?}");
    for (name, kind) in documented {
        match kind.as_str() {
            "counter" => assert!(name.ends_with("_total"), "{name}"),
            "gauge" | "histogram" => assert!(!name.ends_with("_total"), "{name}"),
            _ => panic!("{name} is a {kind}"),
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn services_export_what_the_table_says() {
    let mut play = Play::begin(Scratch::new("metrics"), &[]).await;
    let paid = play.cast.buyer.pay_often(play.cast.recipient(), payments(1..21), |_| ()).await.unwrap();
    play.audit(&paid).await;
    let documented = documented();
    let mut seen = BTreeSet::new();
    for name in ["web", "consumer", "flusher", "ledger-processor", "log-processor", "scanner"] {
        let text = play.stack.service(name).unwrap().metrics().await.unwrap();
        for (metric, kind) in exported(&text) {
            assert_eq!(documented.get(&metric), Some(&kind), "{name} exports {metric}, a {kind}");
            seen.insert(metric);
        }
    }
    for essential in ["creditors_http_request_seconds", "creditors_transaction_seconds", "creditors_outbox_rows"] {
        assert!(seen.contains(essential), "nobody exports {essential}: {seen:?}");
    }
}
