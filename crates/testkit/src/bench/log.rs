//! Pending log entries to logs.

use std::time::{Duration, Instant};

use anyhow::Result;
use persistence::Wake;

use super::{
    Setting,
    bed::Bed,
    figures::{Row, Table, Value},
    peer::{self, Standard},
    seed::FIRST_CREDITOR,
    stored_functions,
};

/// Four times as many as the peer was given: they are moved in a moment.
const ENTRIES: u32 = 200_000;
const CREDITORS: u32 = 2_000;
const LOOK_EVERY: Duration = Duration::from_millis(10);

/// How many entries are in the logs.
const LOGGED: &str = "SELECT sum(last_log_entry_id)::bigint FROM creditor";

/// Two statements, one transaction.
const BY_HAND: &str = "INSERT INTO log_entry
        (added_at, object_type, object_uri, object_update_id, is_deleted, data, object_type_hint, debtor_id, creation_date,
         transfer_number, transfer_uuid, data_principal, data_next_entry_id, data_finalized_at, data_error_code,
         creditor_id, entry_id)
    SELECT added_at, object_type, object_uri, object_update_id, is_deleted, data, object_type_hint, debtor_id, creation_date,
         transfer_number, transfer_uuid, data_principal, data_next_entry_id, data_finalized_at, data_error_code,
         creditor_id, row_number() OVER (PARTITION BY creditor_id ORDER BY pending_entry_id)
    FROM pending_log_entry;
    DELETE FROM pending_log_entry";

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let (entries, creditors) = (setting.size(ENTRIES), setting.size(CREDITORS));
    let mut table = Table::new(format!("log: {entries} pending log entries"));
    let many = Work { entries, creditors, hot: creditors };
    let hot = Work { hot: 1, ..many };
    for (work, name, function, standard, loops) in [
        (many, format!("log-processor, {creditors} creditors"), "stored function, 10 connections", peer::LOG, 1..=2),
        (hot, "log-processor, one of them hot".to_owned(), "stored function, the hot one", peer::LOG_HOT, 1..=1),
    ] {
        let function = work.by_stored_function(setting, function).await?;
        for loops in loops {
            let name = if loops == 1 { name.clone() } else { format!("{name}, {loops} loops") };
            let ours = work.by_service(setting, name, loops, standard).await?;
            table.note(ours.compared_with(&function));
            table.row(ours);
        }
        table.row(function);
        table.row(work.by_hand(setting).await?);
    }
    table.note("CPU of the stored functions: that of their clients, who are this program, is not counted");
    Ok(table)
}

/// What is to be done.
#[derive(Clone, Copy)]
struct Work {
    entries: u32,
    /// So many creditors there are.
    creditors: u32,
    /// So many of them have entries.
    hot: u32,
}

impl Work {
    async fn by_service(self, setting: &Setting, name: String, loops: u32, standard: Standard) -> Result<Row> {
        let bed = Bed::with_database(setting).await?;
        bed.seed_creditors(self.creditors).await?;
        // Opens the connections, and shows that wake-ups arrive.
        let service = bed.service("creditors-log-processor")?.arg("--threads").arg(loops.to_string());
        let service = service.start().await?;
        bed.seed_pending_log_entries(self.hot, self.hot).await?;
        bed.wake(Wake::Log).await?;
        bed.reach(LOGGED, self.hot.into(), LOOK_EVERY).await?;
        bed.quiet().await;
        bed.execute("TRUNCATE log_entry; UPDATE creditor SET last_log_entry_id = 0").await?;
        self.seed(&bed).await?;

        bed.verify("entries at the start", "SELECT count(*) FROM pending_log_entry", self.entries).await?;
        let meter = bed.meter([&service]).await?;
        let (cpu, began) = (meter.read()?, Instant::now());
        bed.wake(Wake::Log).await?;
        bed.reach(LOGGED, self.entries.into(), LOOK_EVERY).await?;
        let (time, cpu) = (began.elapsed(), meter.read()?.since(cpu).per_item(self.entries));
        self.verify(&bed).await?;
        Ok(Row::new(name, Value::rate(self.entries, time)).cpu(cpu).against(standard))
    }

    async fn by_stored_function(self, setting: &Setting, name: &str) -> Result<Row> {
        let bed = Bed::with_database(setting).await?;
        bed.seed_creditors(self.creditors).await?;
        self.seed(&bed).await?;
        let calls: Vec<_> = (0..self.hot)
            .map(|number| format!("SELECT process_pending_log_entries({})", FIRST_CREDITOR + i64::from(number)))
            .collect();
        let (time, cpu) = stored_functions::call(&bed, calls).await?;
        self.verify(&bed).await?;
        Ok(Row::new(name, Value::rate(self.entries, time)).cpu(cpu.per_item(self.entries)))
    }

    /// All at once, without the heads of the logs and whatever else must be right: what the server can do at best.
    async fn by_hand(self, setting: &Setting) -> Result<Row> {
        let bed = Bed::with_database(setting).await?;
        bed.seed_creditors(self.creditors).await?;
        self.seed(&bed).await?;
        let meter = bed.meter([]).await?;
        let (cpu, began) = (meter.read()?, Instant::now());
        bed.execute(BY_HAND).await?;
        let (time, cpu) = (began.elapsed(), meter.read()?.since(cpu).per_item(self.entries));
        Ok(Row::new("the same rows moved by hand in SQL, one connection", Value::rate(self.entries, time)).cpu(cpu))
    }

    async fn seed(self, bed: &Bed) -> Result<()> {
        bed.seed_pending_log_entries(self.entries, self.hot).await?;
        bed.settle().await
    }

    async fn verify(self, bed: &Bed) -> Result<()> {
        bed.verify("entries that still wait", "SELECT count(*) FROM pending_log_entry", 0).await?;
        bed.verify("log entries", "SELECT count(*) FROM log_entry", self.entries).await?;
        let distinct = "SELECT count(DISTINCT added_at) FROM log_entry";
        bed.verify("different log entries", distinct, self.entries).await?;
        let unnumbered = "SELECT count(*) FROM (
                SELECT entry_id, row_number() OVER (PARTITION BY creditor_id ORDER BY added_at) AS place FROM log_entry
            ) AS entry WHERE entry_id <> place";
        bed.verify("log entries out of their order", unnumbered, 0).await?;
        let ends = "SELECT count(*) FROM creditor WHERE last_log_entry_id <>
                (SELECT count(*) FROM log_entry WHERE log_entry.creditor_id = creditor.creditor_id)";
        bed.verify("creditors with a wrong end of the log", ends, 0).await
    }
}
