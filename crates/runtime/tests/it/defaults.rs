//! The value of every variable that is not set, as listed in operations §2.

use std::time::Duration;

use chrono::TimeDelta;
use creditors_runtime::config::{
    Admin, Auth, AuthMode, Broker, BurstCounts, Database, DocumentedUrls, Environment, Flusher, JwtAuth,
    LedgerProcessor, LogFormat, LogLevel, LogProcessor, Logging, MinGroups, PageSizes, Policy, Scan, Scans, Secret,
    SecretUrl, Settings, Shard, Source, Verify, Web, catalogue,
};

const DAY: Duration = Duration::from_hours(24);
const BEAT: Duration = Duration::from_millis(100);
const ANYWHERE: std::net::IpAddr = std::net::IpAddr::V4(std::net::Ipv4Addr::UNSPECIFIED);

fn defaults() -> Settings {
    Settings::load(&Environment::default()).unwrap()
}

#[test]
fn shard_database_broker() {
    let settings = defaults();
    let shard = Shard {
        min_creditor_id: 0x0000_0101_0000_0000,
        max_creditor_id: 0x0000_01ff_ffff_ffff,
        routing_key: "#".into(),
        delete_parent_shard_records: false,
    };
    let broker = Broker {
        url: SecretUrl::new("amqp://guest:guest@localhost:5672"),
        queue: "swpt_creditors".into(),
        routing_key: "#".into(),
        processes: 1,
        threads: 1,
        prefetch_count: None,
        prefetch_size: 0,
        setup_bindings: false,
    };
    assert_eq!(settings.shard, shard);
    assert_eq!(settings.database, Database { url: None });
    assert_eq!(settings.broker, broker);
}

#[test]
fn web_and_auth() {
    let settings = defaults();
    let web = Web {
        bind: ANYWHERE,
        port: 8080,
        processes: 1,
        threads: 3,
        page_sizes: PageSizes { creditors: 2000, log_entries: 100, ledger_entries: 100, accounts: 50, transfers: 50 },
        enable_cors: false,
        api_title: "Creditors API".into(),
        api_version: "v1".into(),
        swagger_ui_url: None,
        documented: DocumentedUrls::default(),
        max_content_length: 20_480,
    };
    let auth = Auth {
        modes: vec![AuthMode::Introspection],
        trusted_gateway: false,
        introspect_url: None,
        introspection_cache_max_cost: 10_000_000,
        timeout: Duration::from_secs(3),
        jwt: JwtAuth { jwks_url: None, issuer: None, audience: None },
        superuser_username: "creditors-superuser".into(),
        supervisor_username: "creditors-supervisor".into(),
        superuser_subject_regex: None,
        supervisor_subject_regex: None,
        creditor_subject_regex: "^creditors:([0-9]+)$".into(),
    };
    assert_eq!(settings.web, web);
    assert_eq!(settings.auth, auth);
}

#[test]
fn policy() {
    let policy = Policy {
        pin_protection_secret: Secret::default(),
        previous_pin_protection_secret: None,
        log_retention: TimeDelta::days(45),
        ledger_retention: TimeDelta::days(45),
        inactive_creditor_retention: TimeDelta::days(14),
        deactivated_creditor_retention: TimeDelta::days(1826),
        max_heartbeat_delay: TimeDelta::days(365),
        max_transfer_delay: TimeDelta::days(14),
        max_config_delay: TimeDelta::hours(24),
        pin_failures_reset: TimeDelta::days(7),
        max_creditor_accounts: 1000,
        max_creditor_transfers: 2000,
        max_creditor_reconfigs: 5000,
        max_creditor_initiations: 2000,
        dos_stats_clear_hours: 168,
        transfers_finalization_approx: TimeDelta::seconds(20),
    };
    assert_eq!(defaults().policy, policy);
}

#[test]
fn workers() {
    let settings = defaults();
    let burst_counts = BurstCounts {
        configure_accounts: 5000,
        prepare_transfers: 5000,
        finalize_transfers: 5000,
        updated_ledger: 5000,
        updated_policy: 5000,
        updated_flags: 5000,
        rejected_configs: 5000,
    };
    let five_seconds = Duration::from_secs(5);
    assert_eq!(settings.flusher, Flusher { processes: 1, period: Duration::from_secs(2), burst_counts });
    assert_eq!(settings.log_processor, LogProcessor { threads: 1, wait: five_seconds, max_count: 50_000 });
    let ledger_processor = LedgerProcessor { threads: 1, wait: five_seconds, burst: 1000, max_count: 50_000 };
    assert_eq!(settings.ledger_processor, ledger_processor);
    assert_eq!(settings.verify, Verify { yield_per: 10_000, sleep: Duration::from_millis(5) });
}

#[test]
fn scans() {
    let week = Scan { goal: 7 * DAY, blocks_per_query: 40, beat: BEAT };
    let scans = Scans {
        creditors: week,
        accounts: Scan { goal: Duration::from_hours(8), blocks_per_query: 160, beat: BEAT },
        log_entries: week,
        ledger_entries: week,
        committed_transfers: Scan { blocks_per_query: 100, ..week },
        min_groups: MinGroups { log_entries: 25, ledger_entries: 50, committed_transfers: 25 },
    };
    assert_eq!(defaults().scans, scans);
}

#[test]
fn logging_and_admin() {
    let settings = defaults();
    assert_eq!(settings.logging, Logging { level: LogLevel::Warning, format: LogFormat::Text });
    assert_eq!(settings.admin, Admin { port: None, bind: ANYWHERE });
}

#[test]
fn the_effective_values_are_the_declared_defaults() {
    let settings = defaults();
    assert_eq!(settings.effective().len(), catalogue().count());
    assert!(settings.effective().iter().all(|value| value.source == Source::Default));
    let shown: Vec<String> = settings.effective().iter().map(ToString::to_string).collect();
    assert!(shown.contains(&"FLUSH_PERIOD=2.0 (default)".into()));
    assert!(shown.contains(&"PROTOCOL_BROKER_URL=amqp://guest:***@localhost:5672 (default)".into()));
}
