//! Options, statuses, output, metrics.

use testkit::{
    seed,
    stage::{Stage, check_words},
};

use crate::waking::{LOGGED, SERVICE};

#[tokio::test]
async fn it_quits_early_and_silently_when_all_is_done() {
    let stage = Stage::new(SERVICE, "quits").await.unwrap();
    seed::creditors(&stage.client, 50).await.unwrap();
    seed::pending_log_entries(&stage.client, 12_000, 50).await.unwrap();
    let service = || stage.service().unwrap().arg("--quit-early");
    let status = stage.run(service().arg("--threads=3").arg("--wait").arg("0.1")).await.unwrap();
    assert_eq!((status.code(), stage.said().as_str()), (Some(0), ""));
    assert_eq!(stage.number(LOGGED).await.unwrap(), 12_000);
    let status = stage.run(service()).await.unwrap();
    assert_eq!((status.code(), stage.said().as_str()), (Some(0), ""), "nothing to do is fine, too");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_signal_ends_it_in_order_with_1() {
    Stage::new(SERVICE, "signals").await.unwrap().check_signals().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn operators_see_what_it_does() {
    let stage = Stage::new(SERVICE, "metrics").await.unwrap();
    seed::creditors(&stage.client, 10).await.unwrap();
    // One of them does not exist.
    seed::pending_log_entries(&stage.client, 110, 11).await.unwrap();
    let holder = stage.client.batch_execute("BEGIN; SELECT FROM creditor ORDER BY creditor_id LIMIT 1 FOR UPDATE");
    holder.await.unwrap();
    let service = stage.service().unwrap().arg("--wait=3600").start().await.unwrap();
    let metric = async |line: &str| {
        let mut found = String::new();
        for _ in 0..500 {
            found = service.metrics().await.unwrap();
            if found.contains(line) {
                return;
            }
            tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        }
        panic!("{line} is not in\n{found}");
    };
    metric("\ncreditors_log_entries_total 90\n").await;
    metric("\ncreditors_log_dropped_total 10\n").await;
    metric("\ncreditors_log_batch_entries_sum 100\n").await;
    metric("\ncreditors_log_batch_seconds_count 1\n").await;
    metric("\ncreditors_log_pending_rows ").await;
    metric("\ncreditors_log_lag_seconds ").await;
    stage.client.batch_execute("COMMIT").await.unwrap();
    metric("\ncreditors_log_entries_total 100\n").await;
}

#[test]
fn a_wrong_command_line_is_a_usage_error() {
    check_words(SERVICE, &[&["--nonsense"], &["--threads=x"], &["--wait", "-1"], &["word"]]).unwrap();
}

#[tokio::test]
async fn it_needs_a_database_that_was_set_up() {
    Stage::new(SERVICE, "empty").await.unwrap().check_database().await.unwrap();
}
