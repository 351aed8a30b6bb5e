//! Bringing ledgers forward (processing §7).

use std::collections::HashSet;

use domain::{AccountKey, Timestamp, ledger as rules, signal::Signal};
use persistence::{Result, SharedTx, Tx, ledger, object_update_id, outbox, pending_ledger_update, pending_log_entry};

use crate::count::count;

/// Most transfers in one transaction. Each account gets the same share of them.
const MOST_TRANSFERS: usize = 20_000;

/// Bounds of one run.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Most accounts.
    pub accounts: usize,
    /// Most transfers of one account; the rest is left to the next run.
    pub burst: usize,
}

/// What a run has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Work items taken.
    pub accounts: usize,
    /// Work items finished.
    pub finished: usize,
    /// Ledger entries made.
    pub entries: usize,
}

/// Takes up to `most` work items that nobody else holds, in key order: the first of all, or the first after a given one.
pub async fn claim(tx: SharedTx<'_>, after: Option<AccountKey>, most: usize) -> Result<Vec<AccountKey>> {
    pending_ledger_update::claim(tx, after, count(most)).await
}

/// Extends the ledgers of the claimed accounts, all in the given transaction, with up to `burst` transfers each; or with
/// fewer, when there are many accounts.
///
/// The accounts are locked by one statement and their transfers read by a later one, so that a transfer whose storing
/// was waited for is seen (processing §7, "Trap"). `cutoff`: transfers committed before it are not waited for.
pub async fn extend(
    tx: &mut Tx,
    claimed: &[AccountKey],
    burst: usize,
    cutoff: Timestamp,
    now: Timestamp,
) -> Result<Report> {
    let burst = burst.min(MOST_TRANSFERS / claimed.len().max(1)).max(1);
    let accounts = ledger::lock(tx, claimed.iter().copied()).await?;
    let transfers = ledger::next_transfers(tx, &accounts, count(burst)).await?;

    let mut report = Report { accounts: claimed.len(), ..Report::default() };
    let mut extended = Vec::with_capacity(accounts.len());
    for (account, transfers) in accounts.into_iter().zip(transfers) {
        let key = account.key;
        let is_complete = transfers.len() < burst;
        extended.push((key, rules::extend(account, &transfers, is_complete, cutoff, now)));
    }
    report.entries = extended.iter().map(|(_, outcome)| outcome.entries.len()).sum();

    let mut entries = Vec::with_capacity(report.entries);
    let mut heads = Vec::with_capacity(extended.len());
    // Without an account, there is nothing to do: the item is done, or it would be taken again for ever.
    let known: HashSet<AccountKey> = extended.iter().map(|(key, _)| *key).collect();
    let mut done: Vec<AccountKey> = claimed.iter().copied().filter(|key| !known.contains(key)).collect();
    for (key, outcome) in &extended {
        entries.extend(outcome.entries.iter().map(|entry| (*key, entry)));
        heads.push((*key, &outcome.head));
        done.extend(outcome.done.then_some(*key));
    }
    report.finished = done.len();
    ledger::insert_entries(tx, entries).await?;
    ledger::save_heads(tx, heads);
    pending_ledger_update::delete(tx, done);
    announce(tx, extended.into_iter().map(|(_, outcome)| outcome)).await?;
    Ok(report)
}

/// Takes work items from the beginning of the queue, and extends their ledgers.
pub async fn run(tx: &mut Tx, limits: Limits, cutoff: Timestamp, now: Timestamp) -> Result<Report> {
    let claimed = claim(tx.share(), None, limits.accounts).await?;
    extend(tx, &claimed, limits.burst, cutoff, now).await
}

/// Tells holders and the circular-trade subsystem about ledgers that have changed.
pub(crate) async fn announce(tx: &mut Tx, outcomes: impl Iterator<Item = rules::Outcome>) -> Result<()> {
    let mut log_entries = Vec::new();
    let mut signals = Vec::new();
    let mut largest_update_id = 0;
    for outcome in outcomes {
        let Some(announcement) = outcome.announcement else { continue };
        largest_update_id = largest_update_id.max(outcome.head.latest_update_id);
        log_entries.push(announcement.log_entry);
        signals.push(Signal::UpdatedLedger(announcement.signal));
    }
    if log_entries.is_empty() {
        return Ok(());
    }
    pending_log_entry::enqueue(tx, log_entries);
    outbox::insert(tx, signals);
    object_update_id::draw_up_to(tx, largest_update_id).await
}
