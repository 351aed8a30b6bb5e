//! How soon the holder of an account hears of an incoming transfer.

use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, ensure};
use domain::CreditorId;
use tokio::time::timeout;

use super::{LOOK_EVERY, World};
use crate::{
    bench::{
        Setting,
        bed::PATIENCE,
        consume::messages,
        figures::{Row, Table},
        latencies::Latencies,
        peer,
        seed::FIRST_CREDITOR,
    },
    wallet::{Seen, Wallet},
};

const TRANSFERS: u32 = 200;
/// Types of objects in the log.
const TRANSFER: &str = "CommittedTransfer";
const LEDGER: &str = "AccountLedger";
/// Between two transfers.
const PAUSE: Duration = Duration::from_millis(20);

/// When the log told, after a transfer was published: of it, and of the ledger that has it.
struct Told {
    transfer: Duration,
    ledger: Duration,
}

impl World<'_> {
    /// Transfers to a creditor whose log is followed, one after another.
    pub(super) async fn incoming(&self, setting: &Setting, table: &mut Table) -> Result<()> {
        let wallet = Wallet::of(&self.api, "bystander", CreditorId::new(FIRST_CREDITOR)).await?;
        let publisher = self.bed.publisher("incoming").await?;
        let (mut told, mut last) = (vec![], 0);
        for number in 1..=setting.size(TRANSFERS) {
            tokio::time::sleep(PAUSE).await;
            let message = messages::transfer(0, number.into())?;
            let began = Instant::now();
            let confirmed = publisher.publish(std::slice::from_ref(&message));
            let followed = wallet.follow_log(last, LOOK_EVERY, is_complete);
            let (outcomes, seen) = tokio::join!(confirmed, timeout(PATIENCE, followed));
            ensure!(outcomes.iter().all(amqp::Outcome::is_confirmed), "a message was not confirmed: {outcomes:?}");
            let seen = seen.context("the log does not tell of a transfer")??;
            last = seen.last().map_or(last, |seen| seen.entry.entry_id);
            told.push(Told { transfer: time_of(&seen, TRANSFER, began)?, ledger: time_of(&seen, LEDGER, began)? });
        }
        let latencies = |pick: fn(&Told) -> Duration| Latencies::new(told.iter().map(pick).collect());
        let row = Row::median("an incoming transfer, until the log tells of it", &latencies(|told| told.transfer));
        table.row(row.against(peer::INCOMING_LOG));
        let row = Row::median("an incoming transfer, until the log tells the balance", &latencies(|told| told.ledger));
        table.row(row.against(peer::INCOMING_LEDGER));
        Ok(())
    }
}

fn is_complete(seen: &[Seen]) -> bool {
    [TRANSFER, LEDGER].iter().all(|kind| seen.iter().any(|seen| seen.entry.object_type == *kind))
}

fn time_of(seen: &[Seen], object_type: &str, began: Instant) -> Result<Duration> {
    let first = seen.iter().find(|seen| seen.entry.object_type == object_type);
    Ok(first.with_context(|| format!("the log does not tell of a {object_type}"))?.at - began)
}
