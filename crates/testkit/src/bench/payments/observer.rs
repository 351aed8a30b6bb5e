//! Sees at once when payments have ended.
//!
//! Hundreds of clients that ask again and again would take most of the machine, and measure themselves. So one asks the
//! database for all of them, and they read their payment's result through the API as soon as it is there.

use std::{collections::HashMap, sync::Mutex, time::Duration};

use anyhow::{Context as _, Result};
use domain::CreditorId;
use tokio::sync::oneshot;
use tokio_postgres::Client;
use uuid::Uuid;

/// Between looks; results are seen half of that late on average.
const LOOK_EVERY: Duration = Duration::from_millis(20);

const ENDED: &str = "SELECT transfer_uuid
    FROM unnest($1::bigint[], $2::uuid[]) AS awaited (creditor_id, uuid)
    JOIN running_transfer AS transfer
        ON transfer.creditor_id = awaited.creditor_id AND transfer.transfer_uuid = awaited.uuid
    WHERE finalized_at IS NOT NULL";

/// Payments whose end is awaited.
#[derive(Default)]
pub(super) struct Observer(Mutex<HashMap<Uuid, Awaited>>);

struct Awaited {
    creditor_id: CreditorId,
    tell: oneshot::Sender<()>,
}

impl Observer {
    /// Looks for ends, for ever.
    pub(super) async fn watch(&self, client: &Client) -> Result<()> {
        client.batch_execute("SET enable_seqscan = off").await?;
        let ended = client.prepare(ENDED).await?;
        loop {
            tokio::time::sleep(LOOK_EVERY).await;
            let (creditors, uuids) = self.awaited();
            if uuids.is_empty() {
                continue;
            }
            for row in client.query(&ended, &[&creditors, &uuids]).await? {
                self.tell(row.get(0));
            }
        }
    }

    /// Returns when the payment has ended.
    pub(super) async fn wait(&self, creditor_id: CreditorId, uuid: Uuid) -> Result<()> {
        let (tell, told) = oneshot::channel();
        self.lock().insert(uuid, Awaited { creditor_id, tell });
        told.await.context("nobody looks for the ends of payments any more")
    }

    fn awaited(&self) -> (Vec<i64>, Vec<Uuid>) {
        self.lock().iter().map(|(uuid, awaited)| (awaited.creditor_id.get(), *uuid)).unzip()
    }

    fn tell(&self, uuid: Uuid) {
        if let Some(awaited) = self.lock().remove(&uuid) {
            // Whoever has stopped waiting need not be told.
            let _ = awaited.tell.send(());
        }
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<Uuid, Awaited>> {
        self.0.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}
