//! The functions that every database of the agent carries, as a comparator: work as the peer does it.

use std::time::{Duration, Instant};

use anyhow::Result;
use futures::{StreamExt as _, TryStreamExt as _, stream};
use tokio_postgres::Client;

use super::{
    bed::Bed,
    cpu::{Cpu, Meter},
};

/// So many calls at a time.
const CONNECTIONS: usize = 10;

/// Makes these calls, each a transaction of its own. Returns how long that took, and the server's processor time.
pub(super) async fn call(bed: &Bed, calls: Vec<String>) -> Result<(Duration, Cpu)> {
    let mut clients = vec![];
    for _ in 0..CONNECTIONS {
        let client = bed.connect().await?;
        // As the peer's sessions are.
        client.batch_execute("SET enable_seqscan = off; SET default_transaction_isolation = 'repeatable read'").await?;
        clients.push(client);
    }
    let meter = Meter::new([], &bed.client, None).await?;
    let (cpu, began) = (meter.read()?, Instant::now());
    let calls = &calls;
    stream::iter(clients.iter().enumerate())
        .map(|(index, client)| call_some(client, calls.iter().skip(index).step_by(CONNECTIONS)))
        .buffer_unordered(CONNECTIONS)
        .try_collect::<()>()
        .await?;
    Ok((began.elapsed(), meter.read()?.since(cpu)))
}

async fn call_some(client: &Client, calls: impl Iterator<Item = &String>) -> Result<()> {
    for call in calls {
        client.batch_execute(call).await?;
    }
    Ok(())
}
