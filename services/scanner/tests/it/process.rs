//! The binary: statuses, signals, output, metrics.

use std::{fs, path::PathBuf, time::Instant};

use nix::sys::signal::Signal;
use persistence::scan::Table;
use testkit::process::ServiceBuilder;

use crate::world::{AT_ONCE, C, Ended, Running, World, ended};

/// processing §18 row 33.
#[tokio::test]
async fn row_33_quitting_early_ends_with_0_and_without_output() {
    let world = World::new().await;
    world.add_creditor(C, 1, 0, None).await;
    for table in Table::ALL {
        world.scan_well(table.rows(), &[]);
    }
    let at_once = Table::ALL.map(|table| match table {
        Table::Accounts => ("APP_ACCOUNTS_SCAN_HOURS", AT_ONCE),
        Table::Creditors => ("APP_CREDITORS_SCAN_DAYS", AT_ONCE),
        Table::LogEntries => ("APP_LOG_ENTRIES_SCAN_DAYS", AT_ONCE),
        Table::LedgerEntries => ("APP_LEDGER_ENTRIES_SCAN_DAYS", AT_ONCE),
        Table::CommittedTransfers => ("APP_COMMITTED_TRANSFERS_SCAN_DAYS", AT_ONCE),
    });
    let all = ended(&mut world.scanner(&["--quit-early"], &at_once));
    assert_eq!((all.status, all.stdout.as_str(), all.stderr.as_str()), (Some(0), "", ""));
}

/// Each rhythm is announced; these last for a beat.
#[tokio::test]
async fn quitting_early_is_quitting_after_the_11th_rhythm() {
    let world = World::new().await;
    for table in Table::ALL {
        let Ended { status, stdout, .. } = world.scan(table.rows(), &[("APP_LOG_LEVEL", "info")]);
        assert_eq!(status, Some(0), "{stdout}");
        let rhythms = stdout.matches(&format!("The scan of {} takes ", table.rows())).count();
        assert_eq!(rhythms, 11, "{stdout}");
    }
}

#[tokio::test]
async fn wrong_words_end_with_2_and_wrong_variables_with_1() {
    let world = World::new().await;
    for words in [&["creditors", "--days=-1"][..], &["accounts", "-h", "-1"], &["accounts", "-d", "1"], &["nonsense"]] {
        let outcome = ended(&mut world.scanner(words, &[]));
        assert_eq!((outcome.status, outcome.stdout.as_str()), (Some(2), ""), "{words:?}");
        assert!(outcome.stderr.contains("Usage") || outcome.stderr.contains("--help"), "{words:?}: {outcome:?}");
    }
    let wrong = ended(&mut world.scanner(&["creditors"], &[("APP_CREDITORS_SCAN_DAYS", "-1")]));
    assert_eq!(wrong.status, Some(1), "{wrong:?}");
    assert!(wrong.stdout.contains("APP_CREDITORS_SCAN_DAYS"), "{wrong:?}");
    let help = ended(&mut world.scanner(&["accounts", "--help"], &[]));
    assert_eq!(help.status, Some(0), "{help:?}");
    assert!(help.stdout.contains("--hours"), "{help:?}");
}

/// Even while it waits for somebody's lock, or for its next beat.
#[tokio::test]
async fn a_signal_ends_it_at_once_with_1() {
    let world = World::new().await;
    world
        .sql(&format!(
            "INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint) \
             SELECT {C}, i, now() - interval '1 year', 2 FROM generate_series(1, 50) AS i"
        ))
        .await;
    let mut other = world.database.client().await;
    let transaction = other.transaction().await.unwrap();
    transaction.batch_execute("SELECT FROM log_entry FOR UPDATE").await.unwrap();
    let session = |what: &str| {
        format!(
            "SELECT count(*) FROM pg_stat_activity \
             WHERE datname = current_database() AND application_name = 'creditors-scanner' AND {what}"
        )
    };
    let waits = session("state = 'active' AND wait_event_type = 'Lock'");
    // The last it does in a table without rows is to ask how large it is.
    let rests = session("state = 'idle' AND query LIKE '%reltuples%'");
    for (words, sign) in [("log_entries", &waits), ("ledger_entries", &rests)] {
        for signal in [Signal::SIGTERM, Signal::SIGINT, Signal::SIGHUP] {
            let running = Running::start(&mut world.scanner(&[words], &[]));
            world.reach(sign, 1).await;
            let began = Instant::now();
            running.signal(signal);
            let (status, text) = running.finish();
            assert_eq!(status.code(), Some(1), "{words} {signal}: {text}");
            assert!(began.elapsed().as_secs() < 10, "{words} {signal}: {text}");
            world.reach(&waits, 0).await;
        }
    }
    transaction.rollback().await.unwrap();
    assert_eq!(world.number("SELECT count(*) FROM log_entry").await, 50, "what had begun was rolled back");
}

/// Five beats, as tables without rows have, in 7 days or 8 hours (operations §2).
#[tokio::test]
async fn without_a_goal_a_pass_takes_as_long_as_the_variables_say() {
    let world = World::new().await;
    for (variables, creditors) in [
        (&[("APP_LOG_LEVEL", "info")][..], "120960.000 s for a beat, and 168.00 h"),
        (&[("APP_LOG_LEVEL", "info"), ("APP_CREDITORS_SCAN_DAYS", "1")], "17280.000 s for a beat, and 24.00 h"),
    ] {
        let mut running = Running::start(&mut world.scanner(&[], variables));
        for (table, pace) in [
            ("creditors", creditors),
            ("accounts", "5760.000 s for a beat, and 8.00 h"),
            ("log_entries", "120960.000 s for a beat, and 168.00 h"),
            ("ledger_entries", "120960.000 s for a beat, and 168.00 h"),
            ("committed_transfers", "120960.000 s for a beat, and 168.00 h"),
        ] {
            running.wait_for(&format!("The scan of {table} takes {pace} for a pass."));
        }
        running.signal(Signal::SIGTERM);
        assert_eq!(running.finish().0.code(), Some(1));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn operators_see_how_far_it_is() {
    let world = World::new().await;
    world
        .sql(&format!(
            "INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint) \
             SELECT {C}, i, now() - interval '1 year', 2 FROM generate_series(1, 1000) AS i; \
             ANALYZE log_entry"
        ))
        .await;
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("scanner {}", std::process::id()));
    fs::create_dir_all(&directory).unwrap();
    // A pass of 8 pages in 2 s.
    let builder = ServiceBuilder::new("creditors-scanner", &directory).unwrap();
    let builder = builder.env("POSTGRES_URL", world.database.url()).env("APP_LOG_LEVEL", "debug");
    let builder = builder.env("APP_LOG_ENTRIES_SCAN_BLOCKS_PER_QUERY", "1");
    let days = (2.0 / 86_400.0).to_string();
    let mut service = builder.arg("log_entries").arg("--days").arg(days).start().await.unwrap();
    world.reach("SELECT count(*) FROM log_entry", 0).await;
    let metrics = loop {
        let metrics = service.metrics().await.unwrap();
        if metrics.contains(r#"creditors_scan_passes_total{table="log_entries"}"#) {
            break metrics;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    for line in [
        r#"creditors_scan_rows_total{table="log_entries"} 1000"#,
        r#"creditors_scan_deleted_rows_total{table="log_entries"} 1000"#,
        r#"creditors_scan_pass_progress_ratio{table="log_entries"} "#,
        r#"creditors_scan_pass_expected_end_timestamp_seconds{table="log_entries"} 1"#,
        r#"creditors_scan_beat_seconds_count{table="log_entries"} "#,
        r#"creditors_transaction_seconds_count{name="scan_log_entries",outcome="committed"} "#,
    ] {
        assert!(metrics.contains(line), "{line} is missing in\n{metrics}");
    }
    assert_eq!(service.stop().and_then(|status| status.code()), Some(1));
    let log = fs::read_to_string(directory.join("creditors-scanner.log")).unwrap();
    for text in [
        "INFO:creditors.scanner.scan:The scan of log_entries takes 0.",
        "DEBUG:creditors.scanner.pass:Scanned ",
        "% of the pass are done.",
        " % of log_entries: ",
        " deleted; the pass should end at 20",
        "INFO:creditors.scanner.pass:Scanned all log_entries: 1000 rows, 1000 deleted.",
    ] {
        assert!(log.contains(text), "{text} is missing in\n{log}");
    }
}
