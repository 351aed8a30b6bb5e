//! Two hundred payments at the same time.

use std::{
    sync::atomic::{AtomicU32, Ordering},
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result, ensure};
use futures::{TryStreamExt as _, stream::FuturesUnordered};
use tokio::time::timeout;

use super::{AMOUNT, Member, World, observer::Observer};
use crate::{
    bench::{
        Setting,
        bed::PATIENCE,
        figures::{Row, Table, Value},
        latencies::Latencies,
        peer,
        web::write_transactions,
    },
    invariants,
    wallet::Payment,
};

const PAYMENTS: u32 = 20_000;

/// How many bytes the server has written to its log, ever.
const WAL: &str = "SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::bigint";

impl World<'_> {
    /// Each wallet pays the next one, again and again: a closed loop.
    pub(super) async fn many(&self, setting: &Setting, table: &mut Table) -> Result<()> {
        let payments = setting.size(PAYMENTS);
        let meter = self.bed.meter(&self.services).await?;
        let usage = self.usage().await?;
        let (cpu, writes, wal) = (meter.read()?, write_transactions(self.bed).await?, self.bed.number(WAL).await?);
        let (latencies, time) = self.fly(payments).await?;
        // What a payment costs includes what its ends take: ledgers, logs, messages to the trade.
        invariants::idle(&self.bed.client, PATIENCE).await?;
        let cpu = meter.read()?.since(cpu).per_item(payments);
        let writes = growth(writes, write_transactions(self.bed).await?, payments);
        let wal = growth(wal, self.bed.number(WAL).await?, payments);

        let work = format!("{} payments in flight", self.wallets.len());
        let row = Row::new(work, Value::rate(payments, time)).latencies(&latencies).cpu(cpu);
        table.row(row.against(peer::PAYMENTS));
        table.note(format!("{payments} payments; the slowest took {} ms", latencies.longest().as_millis()));
        table.note(format!(
            "per payment: {writes:.2} transactions that write, wake-ups included; {wal:.0} bytes of write-ahead log"
        ));
        self.break_down(&usage, payments, table).await?;
        self.stages("payment", latencies.mean(), table).await
    }

    async fn fly(&self, payments: u32) -> Result<(Latencies, Duration)> {
        let (observer, client) = (Observer::default(), self.bed.connect().await?);
        let next = AtomicU32::new(0);
        let began = Instant::now();
        let clients: FuturesUnordered<_> = (0..self.wallets.len())
            .map(|index| {
                let neighbour = &self.wallets[(index + 1) % self.wallets.len()];
                self.wallets[index].pay_on(neighbour, payments, &next, &observer)
            })
            .collect();
        let latencies = tokio::select! {
            latencies = clients.try_concat() => latencies?,
            ended = observer.watch(&client) => return ended.and_then(|()| anyhow::bail!("nobody watches")),
        };
        ensure!(u32::try_from(latencies.len())? == payments, "some payments were not made");
        Ok((Latencies::new(latencies), began.elapsed()))
    }
}

/// The growth of a number, per payment.
#[expect(clippy::cast_precision_loss, clippy::as_conversions, reason = "for people")]
fn growth(before: i64, after: i64, payments: u32) -> f64 {
    (after - before) as f64 / f64::from(payments)
}

impl Member {
    /// Pays until enough payments have been made by all.
    async fn pay_on(
        &self,
        payee: &Self,
        payments: u32,
        next: &AtomicU32,
        observer: &Observer,
    ) -> Result<Vec<Duration>> {
        let mut latencies = vec![];
        loop {
            let number = next.fetch_add(1, Ordering::Relaxed);
            if number >= payments {
                return Ok(latencies);
            }
            let payment = Payment::new(&payee.identity, AMOUNT, &format!("payment {number}"));
            let began = Instant::now();
            self.wallet.pay(&payment).await?;
            let ended = timeout(PATIENCE, observer.wait(self.wallet.creditor_id, payment.uuid)).await;
            ended.context("a payment does not end")??;
            let transfer = self.wallet.transfer(payment.uuid).await?;
            latencies.push(began.elapsed());
            let result = transfer.result.as_ref();
            let is_success = result.is_some_and(|result| result.committed_amount == AMOUNT && result.error.is_none());
            ensure!(is_success, "a payment has failed: {transfer:?}");
        }
    }
}
