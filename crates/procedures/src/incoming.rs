//! Batches of incoming messages (processing §4).
//!
//! The outcome equals that of applying the messages one by one in the order of their arrival, also where several are
//! about the same account or transfer: all rows that the messages may change are locked and loaded first, in one order;
//! then the messages are judged one after the other on the values in memory; at the end each table is written once.

mod account_purges;
mod account_transfers;
mod account_updates;
mod activations;
mod batch;
mod bounced_configs;
mod locks;
mod rejected_configs;
mod rows;
mod running_transfers;

use chrono::TimeDelta;
use domain::{Timestamp, incoming::Incoming, sharding::Shard};
use persistence::{Result, Tx};

use batch::Batch;
pub use locks::Locks;

/// What the handlers need to know besides the messages.
#[derive(Clone, Debug)]
pub struct Context {
    /// Which creditors are ours.
    pub shard: Shard,
    /// AccountTransfers older than this are ignored (`APP_LOG_RETENTION_DAYS`).
    pub log_retention: TimeDelta,
}

/// The rows that a batch of messages may change, locked.
pub struct Locked(Batch);

/// Applies the batch that the rows were locked for, in the same transaction and at the same time; most of it is written
/// with the commit.
///
/// The number of statements depends on the types of the messages only.
pub async fn write(
    tx: &mut Tx,
    Locked(mut batch): Locked,
    messages: &[Incoming],
    context: &Context,
    now: Timestamp,
) -> Result<()> {
    account_transfers::store(tx, &mut batch, messages, context, now).await?;
    for message in messages {
        judge(&mut batch, message, context, now);
    }
    batch.write(tx, now).await
}

/// Applies a batch in a transaction that has begun.
pub async fn apply(tx: &mut Tx, messages: &[Incoming], context: &Context, now: Timestamp) -> Result<()> {
    let locked = Locks::of(messages, context, now).take(tx.share()).await?;
    write(tx, locked, messages, context, now).await
}

fn judge(batch: &mut Batch, message: &Incoming, context: &Context, now: Timestamp) {
    match message {
        Incoming::RejectedConfig(message) => rejected_configs::judge(batch, message, now),
        Incoming::AccountUpdate(message) => account_updates::judge(batch, message, now),
        Incoming::AccountPurge(message) => account_purges::judge(batch, message, now),
        Incoming::AccountTransfer(message) => account_transfers::judge(batch, message, context, now),
        Incoming::RejectedTransfer(message) => running_transfers::on_rejected(batch, message, now),
        Incoming::PreparedTransfer(message) => running_transfers::on_prepared(batch, message, now),
        Incoming::FinalizedTransfer(message) => running_transfers::on_finalized(batch, message, now),
        Incoming::ConfigureAccount(message) => bounced_configs::judge(batch, message, &context.shard, now),
        Incoming::ActivateCreditor(message) => activations::judge(batch, message),
    }
}
