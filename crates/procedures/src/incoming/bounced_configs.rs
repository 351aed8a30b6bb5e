//! ConfigureAccount messages of ours that reached no accounting authority (processing §4.8).

use domain::{Timestamp, account, incoming::BouncedConfigureAccount, sharding::Shard, signal::Signal};

use super::batch::Batch;

/// Turns them into RejectedConfig messages to the right shard.
pub(super) fn judge(batch: &mut Batch, message: &BouncedConfigureAccount, shard: &Shard, now: Timestamp) {
    batch.signals.extend(account::bounce(message.clone(), shard, now).map(Signal::RejectedConfig));
}
