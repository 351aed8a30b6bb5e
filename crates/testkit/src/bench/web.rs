//! Requests to the web API.

pub(super) mod wrk;

use std::time::Duration;

use anyhow::{Context as _, Result, bail, ensure};
use reqwest::StatusCode;
use serde_json::Value as Json;

use self::wrk::{Load, Outcome, Wrk};
use super::{
    Setting,
    bed::Bed,
    cpu::Meter,
    figures::{Row, Table, Value},
    peer::{self, Standard},
    seed::{ACCOUNTS_EACH, FIRST_CREDITOR},
};

const CREDITORS: u32 = 1_000;
/// More entries than a page has.
const ENTRIES_EACH: u32 = 120;
const PAGE: usize = 100;
const WARM_UP: Duration = Duration::from_secs(1);
const TIME: Duration = Duration::from_secs(8);
const HALF_LOAD_TIME: Duration = Duration::from_secs(4);

/// Requests that only read: name, path with a creditor, what it is compared with.
const READS: [(&str, &str, Standard); 4] = [
    ("GET wallet", "/creditors/%s/wallet", peer::GET_WALLET),
    ("GET account", "/creditors/%s/accounts/1/", peer::GET_ACCOUNT),
    ("GET log page of 100", "/creditors/%s/log?prev=10", peer::GET_LOG_PAGE),
    ("GET ledger page of 100", "/creditors/%s/accounts/1/entries?prev=115", peer::GET_LEDGER_PAGE),
];

pub(super) async fn measure(setting: &Setting) -> Result<Table> {
    let creditors = setting.size(CREDITORS);
    let bed = Bed::with_database(setting).await?;
    let (web, base) = bed.web()?;
    let wrk = Wrk::new(&base, &bed.directory, creditors)?;
    bed.seed_creditors(creditors).await?;
    bed.seed_accounts(ACCOUNTS_EACH).await?;
    bed.seed_logs(ENTRIES_EACH).await?;
    bed.seed_ledgers(ENTRIES_EACH).await?;
    bed.settle().await?;
    let web = web.start().await?;
    let mut run = Run { setting, meter: bed.meter([&web]).await?, bed: &bed, wrk, table: Table::default() };
    run.table = Table::new(format!("web: {} connections, {creditors} creditors", wrk::CONNECTIONS));
    for (name, path, standard) in READS {
        check(&base, path).await?;
        run.read(name, path, standard).await?;
    }
    run.post(creditors).await?;
    run.patch().await?;
    Ok(run.table)
}

/// What is needed for measuring, and the result.
struct Run<'a> {
    setting: &'a Setting,
    bed: &'a Bed,
    meter: Meter,
    wrk: Wrk,
    table: Table,
}

impl Run<'_> {
    async fn read(&mut self, name: &str, path: &str, standard: Standard) -> Result<()> {
        let load = Load::Get { path: path.to_owned(), pause: Duration::ZERO, token: None };
        self.wrk.run(&load, self.setting.time(WARM_UP)).await?;
        let full = self.load(name, &load, standard).await?;
        // So many requests per second and connection are half of what the server can take.
        let period = full.time.mul_f64(2.0 * f64::from(wrk::CONNECTIONS) / f64::from(full.requests));
        let pause = period.saturating_sub(full.p50 / 2);
        let load = Load::Get { path: path.to_owned(), pause, token: None };
        let half = self.wrk.run(&load, self.setting.time(HALF_LOAD_TIME)).await?;
        let work = format!("{name}, {:.0}/s: the slowest of 100", f64::from(half.requests) / half.time.as_secs_f64());
        let row = Row::new(work, Value::milliseconds(half.p99)).percentiles(half.p50, half.p99);
        self.table.row(row.against(peer::HALF_LOAD));
        Ok(())
    }

    /// New transfers of all creditors in turn.
    async fn post(&mut self, creditors: u32) -> Result<()> {
        let count = "SELECT count(*) FROM running_transfer";
        let warm_up = Load::Post { series: 1 };
        self.wrk.run(&warm_up, self.setting.time(WARM_UP)).await?;
        let (before, writes) = (self.bed.final_number(count).await?, write_transactions(self.bed).await?);
        let load = Load::Post { series: 2 };
        let outcome = self.load("POST transfer", &load, peer::POST_TRANSFER).await?;
        let (after, writes) = (self.bed.final_number(count).await?, write_transactions(self.bed).await? - writes);
        outcome.check_effects("transfers", after - before)?;
        for (what, query) in [
            ("announcements in the log", "SELECT count(*) FROM pending_log_entry WHERE object_type_hint = 1"),
            ("requests to the authority", "SELECT count(*) FROM prepare_transfer_signal"),
            ("transfers counted", "SELECT sum(transfers_count)::bigint FROM usage_stats"),
        ] {
            self.bed.verify(what, query, after).await?;
        }
        self.writes("POST transfer", writes, after - before);
        ensure!(after < 2_000 * i64::from(creditors), "the creditors may not make so many transfers");
        Ok(())
    }

    /// Changes of accounts' display, each the next version of what is there.
    async fn patch(&mut self) -> Result<()> {
        let changes = |debtors: &str| {
            format!("SELECT sum(latest_update_id - 1)::bigint FROM account_display WHERE debtor_id IN ({debtors})")
        };
        let (few, many) = ("1", "2, 3, 4, 5");
        // What is under way when the load ends may or may not have happened, so nobody knows the versions any more.
        self.wrk.run(&Load::Patch { debtors: few }, self.setting.time(WARM_UP)).await?;
        let others = self.bed.final_number(&changes(few)).await?;
        let writes = write_transactions(self.bed).await?;
        let outcome = self.load("PATCH display", &Load::Patch { debtors: many }, peer::PATCH_DISPLAY).await?;
        let (after, writes) =
            (self.bed.final_number(&changes(many)).await?, write_transactions(self.bed).await? - writes);
        outcome.check_effects("changes", after)?;
        let told = "SELECT count(*) FROM pending_log_entry WHERE object_type = 'AccountDisplay'";
        self.bed.verify("changes told to the log", told, after + others).await?;
        self.writes("PATCH display", writes, after);
        Ok(())
    }

    /// Measures, and adds a line to the table.
    async fn load(&mut self, name: &str, load: &Load, standard: Standard) -> Result<Outcome> {
        let before = self.meter.read()?;
        let outcome = self.wrk.run(load, self.setting.time(TIME)).await.with_context(|| format!("{name} fails"))?;
        let cpu = self.meter.read()?.since(before).per_item(outcome.requests);
        let row = Row::new(name, Value::rate(outcome.requests, outcome.time)).percentiles(outcome.p50, outcome.p99);
        self.table.row(row.cpu(cpu).against(standard));
        Ok(outcome)
    }

    fn writes(&mut self, name: &str, writes: i64, requests: i64) {
        #[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "small numbers, for people")]
        let ratio = writes as f64 / requests.max(1) as f64;
        self.table.note(format!("{name}: {ratio:.2} transactions that write per request, wake-ups included"));
    }
}

impl Outcome {
    /// Every request has had its effect once; those under way at the end may have had theirs.
    fn check_effects(&self, what: &str, found: i64) -> Result<()> {
        let least = i64::from(self.requests);
        if found < least || found > least + i64::from(wrk::CONNECTIONS) {
            bail!("wrong result, {what}: {found} after {least} requests");
        }
        Ok(())
    }
}

/// How many transactions of the server have written something, ever.
pub(super) async fn write_transactions(bed: &Bed) -> Result<i64> {
    bed.number("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint").await
}

/// The answer is what is to be measured: complete, and a page is full.
async fn check(base: &str, path: &str) -> Result<()> {
    let path = path.replace("%s", &FIRST_CREDITOR.to_string());
    let request = crate::http::client()
        .get(format!("{base}{path}"))
        .header("X-Swpt-User-Id", format!("creditors:{FIRST_CREDITOR}"))
        .header("X-Swpt-Require-Pin", "true");
    let answer = request.send().await.with_context(|| format!("no answer to GET {path}"))?;
    let (status, body) = (answer.status(), answer.text().await?);
    ensure!(status == StatusCode::OK, "GET {path} was answered {status}: {body}");
    let body: Json = serde_json::from_str(&body).with_context(|| format!("GET {path} has no JSON in its answer"))?;
    if let Some(items) = body.get("items").and_then(Json::as_array) {
        ensure!(items.len() == PAGE, "wrong result: GET {path} gives {} items instead of {PAGE}", items.len());
    }
    Ok(())
}
