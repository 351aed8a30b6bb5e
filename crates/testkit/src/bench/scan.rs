//! Scanning a table of millions of log entries: how little it takes at its usual pace, and how quickly it can delete.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use super::{
    Setting,
    bed::{Bed, PATIENCE},
    figures::{Row, Table, Value},
    peer,
    seed::{CREATION_DATE, FIRST_CREDITOR},
};
use crate::process::ServiceProcess;

const ENTRIES: u32 = 2_000_000;
const CREDITORS: u32 = 2_000;

/// So large is the table for which the share is told.
const LARGE: f64 = 10_000_000.0;
/// How long a pass over it takes by default.
const PACE: Duration = Duration::from_hours(7 * 24);

/// A pass cannot be so quick; so there is no rest.
const HURRY: Duration = Duration::from_millis(500);

const LOOK_EVERY: Duration = Duration::from_millis(10);

const PASSES: &str = r#"creditors_scan_passes_total{table="log_entries"} "#;
const PROGRESS: &str = "creditors_scan_pass_";
const DELETED: &str = r#"creditors_scan_deleted_rows_total{table="log_entries"} "#;

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let entries = setting.size(ENTRIES);
    let bed = Bed::with_database(setting).await?;
    seed(&bed, entries).await?;
    let mut table = Table::new(format!("scan: {entries} log entries"));
    look(&bed, setting, entries, &mut table).await?;
    table.row(delete(&bed, setting, entries).await?);
    table.note("a pass without any rest was measured; at the usual pace, its processor time is spread over 7 days");
    Ok(table)
}

/// Entries that are a year old, dealt in turn to the creditors.
async fn seed(bed: &Bed, entries: u32) -> Result<()> {
    bed.execute(&format!(
        "INSERT INTO log_entry (creditor_id, entry_id, added_at, object_type_hint, debtor_id, creation_date, \
             transfer_number) \
         SELECT {FIRST_CREDITOR} + i % {CREDITORS}, i / {CREDITORS} + 1, \
             now() - interval '1 year' + i * interval '1 millisecond', 3, 1, '{CREATION_DATE}', i \
         FROM generate_series(1, {entries}) AS i"
    ))
    .await?;
    bed.settle().await
}

/// The scanner without any rest.
async fn scanner(bed: &Bed, setting: &Setting, retention_days: u32) -> Result<ServiceProcess> {
    let days = setting.time(HURRY).as_secs_f64() / 86_400.0;
    bed.ordinary_service("creditors-scanner")?
        .arg("log_entries")
        .arg("--days")
        .arg(days.to_string())
        .env("APP_LOG_RETENTION_DAYS", retention_days.to_string())
        .env("APP_LOG_ENTRIES_SCAN_MIN_GROUP", "1")
        .start()
        .await
}

/// A pass that finds nothing to do.
async fn look(bed: &Bed, setting: &Setting, entries: u32, table: &mut Table) -> Result<()> {
    let mut scanner = scanner(bed, setting, 10_000).await?;
    let meter = bed.meter([&scanner]).await?;
    // The first pass has also read the pages from the disk.
    reach(&scanner, PASSES, 1).await?;
    let (cpu, began) = (meter.read()?, Instant::now());
    reach(&scanner, PASSES, 2).await?;
    let (time, cpu) = (began.elapsed(), meter.read()?.since(cpu));
    for line in scanner.metrics().await?.lines().filter(|line| line.starts_with(PROGRESS)) {
        table.note(format!("progress, as operators see it: {line}"));
    }
    scanner.stop();
    bed.verify("entries that need not stay", "SELECT count(*) FROM log_entry", entries).await?;

    let each = cpu.per_item(entries);
    let share = 100.0 * each.postgres * LARGE / PACE.as_secs_f64();
    let work = "share of a processor of PostgreSQL, 10 million entries in 7 days";
    table.row(Row::new(work, Value::Percent(share)).against(peer::SCAN_SHARE));
    table.row(Row::new("entries looked at, without any rest", Value::rate(entries, time)).cpu(each));
    Ok(())
}

/// A pass that finds nothing that is to stay.
async fn delete(bed: &Bed, setting: &Setting, entries: u32) -> Result<Row> {
    let began = Instant::now();
    let scanner = scanner(bed, setting, 45).await?;
    let meter = bed.meter([&scanner]).await?;
    let cpu = meter.read()?;
    reach(&scanner, DELETED, entries).await?;
    let (time, cpu) = (began.elapsed(), meter.read()?.since(cpu).per_item(entries));
    bed.verify("entries that are overdue", "SELECT count(*) FROM log_entry", 0).await?;
    Ok(Row::new("overdue entries deleted, without any rest", Value::rate(entries, time))
        .cpu(cpu)
        .against(peer::SCAN_DELETE))
}

/// Waits until one of the scanner's metrics has reached a number.
async fn reach(scanner: &ServiceProcess, metric: &str, number: u32) -> Result<()> {
    let began = Instant::now();
    loop {
        let metrics = scanner.metrics().await?;
        let found = metrics.lines().find_map(|line| line.strip_prefix(metric)?.parse::<f64>().ok()).unwrap_or_default();
        if found >= f64::from(number) {
            return Ok(());
        }
        if began.elapsed() > PATIENCE {
            bail!("waited in vain for {metric}{number}; it is {found}");
        }
        tokio::time::sleep(LOOK_EVERY).await;
    }
}
