//! Replies to our PrepareTransfer and FinalizeTransfer messages (processing §4.5–4.7).

use std::collections::HashMap;

use domain::{
    CreditorId, Timestamp,
    incoming::{FinalizedTransfer, PreparedTransfer, RejectedTransfer},
    signal::Signal,
    transfer::{self, Finalized, RunningTransfer},
};
use persistence::{Result, Tx, outbox, pending_log_entry, running_transfer};

/// Identifies a running transfer towards the accounting authority: coordinator id, coordinator request id.
type RequestKey = (CreditorId, i64);

/// Applies messages about transfers that are all different.
pub async fn on_prepared(tx: &mut Tx, messages: &[&PreparedTransfer], now: Timestamp) -> Result<()> {
    let keys = messages.iter().map(|m| (m.coordinator_id, m.coordinator_request_id));
    let mut rows = lock(tx, keys).await?;
    let mut settled = Vec::new();
    let mut signals = Vec::new();
    for message in messages {
        let row = rows.remove(&(message.coordinator_id, message.coordinator_request_id));
        let prepared = transfer::on_prepared(row, message, now);
        settled.extend(prepared.settled);
        signals.push(Signal::FinalizeTransfer(prepared.signal));
    }
    running_transfer::save(tx, &settled).await?;
    outbox::insert(tx, signals).await
}

/// Applies messages about transfers that are all different.
pub async fn on_rejected(tx: &mut Tx, messages: &[&RejectedTransfer], now: Timestamp) -> Result<()> {
    let keys = messages.iter().map(|m| (m.coordinator_id, m.coordinator_request_id));
    let mut rows = lock(tx, keys).await?;
    let finalized = messages.iter().filter_map(|message| {
        let row = rows.remove(&(message.coordinator_id, message.coordinator_request_id))?;
        transfer::on_rejected(row, message, now)
    });
    let finalized = finalized.collect();
    write(tx, finalized).await
}

/// Applies messages about transfers that are all different.
pub async fn on_finalized(tx: &mut Tx, messages: &[&FinalizedTransfer], now: Timestamp) -> Result<()> {
    let keys = messages.iter().map(|m| (m.coordinator_id, m.coordinator_request_id));
    let mut rows = lock(tx, keys).await?;
    let finalized = messages.iter().filter_map(|message| {
        let row = rows.remove(&(message.coordinator_id, message.coordinator_request_id))?;
        transfer::on_finalized(row, message, now)
    });
    let finalized = finalized.collect();
    write(tx, finalized).await
}

async fn lock(tx: &mut Tx, keys: impl IntoIterator<Item = RequestKey>) -> Result<HashMap<RequestKey, RunningTransfer>> {
    let rows = running_transfer::lock_by_request(tx, keys).await?;
    Ok(rows.into_iter().map(|row| ((row.account.creditor_id, row.coordinator_request_id), row)).collect())
}

async fn write(tx: &mut Tx, finalized: Vec<Finalized>) -> Result<()> {
    running_transfer::save(tx, finalized.iter().map(|finalized| &finalized.row)).await?;
    pending_log_entry::enqueue(tx, finalized.into_iter().map(|finalized| finalized.log_entry)).await
}
