//! ConfigureAccount messages of ours that reached no accounting authority (processing §4.8).

use domain::{Timestamp, account, incoming::BouncedConfigureAccount, sharding::Shard, signal::Signal};
use persistence::{Result, Tx, outbox};

/// Turns bounced messages into RejectedConfig messages to the right shard.
pub async fn apply(tx: &mut Tx, messages: &[&BouncedConfigureAccount], shard: &Shard, now: Timestamp) -> Result<()> {
    let signals =
        messages.iter().filter_map(|&message| account::bounce(message.clone(), shard, now)).map(Signal::RejectedConfig);
    outbox::insert(tx, signals).await
}
