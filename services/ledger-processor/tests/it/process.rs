//! Options, statuses, output, metrics.

use testkit::{
    seed,
    stage::{Stage, check_words},
};

use crate::waking::{ENTRIES, SERVICE, stage};

#[tokio::test]
async fn it_quits_early_and_silently_when_all_is_done() {
    let stage = stage("quits").await;
    seed::committed_transfers(&stage.client, 2_500).await.unwrap();
    let service = || stage.service().unwrap().arg("--quit-early");
    // Each account needs more than one transaction.
    let status = stage.run(service().arg("--threads=3").arg("--wait").arg("0.1")).await.unwrap();
    assert_eq!((status.code(), stage.said().as_str()), (Some(0), ""));
    assert_eq!(stage.number(ENTRIES).await.unwrap(), 12_500);
    let status = stage.run(service()).await.unwrap();
    assert_eq!((status.code(), stage.said().as_str()), (Some(0), ""), "nothing to do is fine, too");
}

/// The log entries show how many transactions there were.
#[tokio::test]
async fn long_chains_are_taken_in_in_bursts() {
    for (burst, updates) in [("100", 4), ("250", 2), ("100000", 1)] {
        let stage = stage(&format!("burst-{burst}")).await;
        seed::committed_transfers(&stage.client, 305).await.unwrap();
        let service = stage.service().unwrap().arg("--quit-early").env("APP_PROCESS_LEDGER_UPDATES_BURST", burst);
        assert_eq!(stage.run(service).await.unwrap().code(), Some(0));
        assert_eq!(stage.number(ENTRIES).await.unwrap(), 5 * 305);
        let told = "SELECT count(*) FROM pending_log_entry WHERE object_type_hint = 4";
        assert_eq!(stage.number(told).await.unwrap(), 5 * updates, "{burst}");
        assert_eq!(stage.number("SELECT count(*) FROM updated_ledger_signal").await.unwrap(), 5 * updates);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_in_order_with_1() {
    stage("signals").await.check_signals().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_what_it_does() {
    let stage = stage("metrics").await;
    seed::committed_transfers(&stage.client, 20).await.unwrap();
    let service = stage.service().unwrap().arg("--wait=3600").start().await.unwrap();
    stage.until("SELECT count(*) FROM pending_ledger_update", 0).await.unwrap();
    for line in [
        "\ncreditors_ledger_entries_total 100\n",
        "\ncreditors_ledger_batch_accounts_sum 5\n",
        "\ncreditors_ledger_batch_entries_sum 100\n",
        "\ncreditors_ledger_batch_seconds_count 1\n",
        "\ncreditors_ledger_pending_rows ",
        "\ncreditors_ledger_lag_seconds 0\n",
    ] {
        let mut found = String::new();
        for _ in 0..500 {
            found = service.metrics().await.unwrap();
            if found.contains(line) {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        assert!(found.contains(line), "{line} is not in\n{found}");
    }
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    check_words(SERVICE, &[&["--nonsense"], &["--threads=x"], &["--wait", "-1"], &["word"]]).unwrap();
}

#[tokio::test]
async fn it_needs_a_database_that_was_set_up() {
    Stage::new(SERVICE, "empty").await.unwrap().check_database().await.unwrap();
}
