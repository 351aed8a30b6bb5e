//! Many payments at the same time.

use std::{
    collections::HashMap,
    sync::OnceLock,
    time::{Duration, Instant},
};

use anyhow::{Context as _, Result};
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tokio::time::timeout;

use super::{
    PATIENCE,
    page::{Page, Side, line},
    timeline::milliseconds,
};
use crate::{
    local::cast::Cast,
    wallet::{LedgerEntry, Paid, Payments, Seen, Wallet},
};

/// How long each buyer waits before it looks at its payment again.
const LOOK_AT_PAYMENT: Duration = Duration::from_millis(15);
/// How long a reader of a log waits before it looks again.
const LOOK_AT_LOG: Duration = Duration::from_millis(5);

/// Payments, and how long what took, in the order of time.
pub(super) struct Crowd {
    pub(super) paid: Vec<Paid>,
    took: Duration,
    results: Vec<Duration>,
    logs: Vec<Duration>,
    balances: Vec<Duration>,
}

/// Makes the payments, while both logs are read.
pub(super) async fn pay(cast: &Cast, count: usize, at_once: usize) -> Result<Crowd> {
    let (buyer, seller) = (Reader::open(&cast.buyer, cast).await?, Reader::open(&cast.seller, cast).await?);
    let payments =
        Payments { numbers: 1..count + 1, at_once, amount: 100, look_every: LOOK_AT_PAYMENT, patience: PATIENCE };
    let committed = OnceLock::new();
    let began = Instant::now();
    let paying = async {
        let paid = cast.buyer.pay_often(cast.recipient(), payments, |_| ()).await?;
        // Not set before.
        let _ = committed.set(paid.iter().filter(|paid| paid.is_committed()).count());
        Ok((paid, began.elapsed()))
    };
    let together = async { tokio::try_join!(paying, buyer.read(&committed), seller.read(&committed)) };
    let everything = timeout(PATIENCE * 3, together).await.context("the logs do not tell of all payments")?;
    let ((paid, took), sent, received) = everything?;
    let (sent, received) = tokio::try_join!(buyer.told(cast, &sent), seller.told(cast, &received))?;

    let sorted = |moment: &dyn Fn(&Paid) -> Option<Instant>| {
        let since = |paid: &Paid| Some(moment(paid)? - paid.requested_at);
        let mut all: Vec<_> = paid.iter().filter_map(since).collect();
        all.sort();
        all
    };
    let both = |paid: &Paid, of: &dyn Fn(&Told) -> Instant| {
        Some(sent.get(&paid.payment.note).map(of)?.max(received.get(&paid.payment.note).map(of)?))
    };
    let results = sorted(&|paid| Some(paid.ended_at));
    let logs = sorted(&|paid| both(paid, &|told| told.transfer));
    let balances = sorted(&|paid| both(paid, &|told| told.balance));
    Ok(Crowd { paid, took, results, logs, balances })
}

/// Reads a creditor's log from a certain place.
struct Reader<'a> {
    wallet: &'a Wallet,
    next_entry_id: i64,
    last_log_entry: i64,
}

/// When a log told of a payment: of the transfer, and of the balance with it.
struct Told {
    transfer: Instant,
    balance: Instant,
}

impl<'a> Reader<'a> {
    async fn open(wallet: &'a Wallet, cast: &Cast) -> Result<Self> {
        let last_log_entry = wallet.log().await?.last().map_or(0, |entry| entry.entry_id);
        Ok(Self { wallet, next_entry_id: wallet.ledger(cast.debtor).await?.next_entry_id, last_log_entry })
    }

    /// Reads until the log has told of the balance with all committed payments.
    async fn read(&self, committed: &OnceLock<usize>) -> Result<Vec<Seen>> {
        let enough = |seen: &[Seen]| {
            let Some(committed) = committed.get().and_then(|count| i64::try_from(*count).ok()) else { return false };
            let told = seen.iter().rev().find_map(|seen| seen.entry.data.next_entry_id);
            told.unwrap_or(self.next_entry_id) >= self.next_entry_id + committed
        };
        Ok(self.wallet.follow_log(self.last_log_entry, LOOK_AT_LOG, enough).await?)
    }

    /// When the log told of which payment, which its note says.
    async fn told(&self, cast: &Cast, seen: &[Seen]) -> Result<HashMap<String, Told>> {
        let is_new = |entry: &LedgerEntry| entry.entry_id >= self.next_entry_id;
        let entries = self.wallet.ledger_entries(cast.debtor).await?.into_iter().filter(is_new);
        let told = stream::iter(entries)
            .map(|entry| async move {
                let Some(transfer) = &entry.transfer else { return Ok(None) };
                let note = self.wallet.committed_transfer(transfer).await?.note;
                let first = |what: &dyn Fn(&Seen) -> bool| seen.iter().find(|seen| what(seen)).map(|seen| seen.at);
                let told = first(&|seen| seen.entry.object == *transfer)
                    .zip(first(&|seen| seen.entry.data.next_entry_id > Some(entry.entry_id)))
                    .map(|(transfer, balance)| Told { transfer, balance });
                anyhow::Ok(told.map(|told| (note, told)))
            })
            .buffer_unordered(8)
            .try_collect::<Vec<_>>()
            .await?;
        Ok(told.into_iter().flatten().collect())
    }
}

impl Crowd {
    pub(super) fn show(&self, page: Page) {
        let rows = [
            ("the result is visible", &self.results),
            ("the transfer is in both logs", &self.logs),
            ("both logs tell the new balance", &self.balances),
        ];
        let row = |(what, times): (&str, &Vec<Duration>)| {
            [what.to_owned(), percentile(times, 50), percentile(times, 99), percentile(times, 100)]
        };
        let columns =
            [("request → … (ms)", Side::Left), ("p50", Side::Right), ("p99", Side::Right), ("max", Side::Right)];
        page.table(columns, &rows.map(row));
        let committed = self.paid.iter().filter(|paid| paid.is_committed()).count();
        let per_second = f64::from(u32::try_from(committed).unwrap_or(u32::MAX)) / self.took.as_secs_f64();
        line(&format!(
            "  {committed} of {} committed in {:.2} s: {} per second",
            self.paid.len(),
            self.took.as_secs_f64(),
            page.strong(&format!("{per_second:.0}"))
        ));
    }
}

/// The smallest of these sorted times that so many percent do not exceed.
fn percentile(times: &[Duration], percent: usize) -> String {
    let rank = (times.len() * percent).div_ceil(100).max(1);
    times.get(rank - 1).copied().map_or_else(|| "–".to_owned(), milliseconds)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_times() {
        let times: Vec<_> = (1..=200).map(Duration::from_millis).collect();
        assert_eq!([50, 99, 100].map(|percent| percentile(&times, percent)), ["100.0", "198.0", "200.0"]);
        assert_eq!(percentile(&times[..1], 50), "1.0");
        assert_eq!(percentile(&[], 50), "–");
    }
}
