//! AccountUpdate messages (processing §4.2).

use std::collections::HashMap;

use domain::{
    AccountKey, Timestamp,
    account::{self, Data, UpdateOutcome, Updated},
    incoming::AccountUpdate,
    signal::Signal,
};
use persistence::{
    Result, Tx, account_data, ledger, object_update_id, outbox, pending_ledger_update, pending_log_entry,
};

use crate::write;

/// Applies messages about accounts that are all different.
pub async fn apply(tx: &mut Tx, messages: &[&AccountUpdate], now: Timestamp) -> Result<()> {
    let fresh: Vec<&AccountUpdate> =
        messages.iter().copied().filter(|message| !account::is_expired(message, now)).collect();
    if fresh.is_empty() {
        return Ok(());
    }
    let rows = account_data::lock(tx, fresh.iter().map(|message| message.account)).await?;
    let mut rows: HashMap<AccountKey, Data> = rows.into_iter().map(|data| (data.key, data)).collect();
    let mut changes = Changes::default();
    for message in fresh {
        changes.add(rows.remove(&message.account), message, now);
    }
    changes.write(tx).await
}

/// What a set of messages has changed.
#[derive(Default)]
struct Changes {
    rows: Vec<Data>,
    updated: Vec<Updated>,
    signals: Vec<Signal>,
}

impl Changes {
    fn add(&mut self, row: Option<Data>, message: &AccountUpdate, now: Timestamp) {
        let Some(data) = row else {
            self.signals.extend(account::orphan_reaction(message, now).map(Signal::ConfigureAccount));
            return;
        };
        match account::apply_update(data.clone(), message, now) {
            UpdateOutcome::Ignored | UpdateOutcome::Stale { heartbeat: None } => {}
            UpdateOutcome::Stale { heartbeat: Some(heartbeat) } => {
                let mut data = data;
                data.server.last_heartbeat_ts = heartbeat;
                self.rows.push(data);
            }
            UpdateOutcome::Applied(updated) => self.updated.push(*updated),
        }
    }

    async fn write(mut self, tx: &mut Tx) -> Result<()> {
        let mut entries = Vec::new();
        let mut restarted = Vec::new();
        let mut rows: Vec<&Data> = self.rows.iter().collect();
        for updated in &self.updated {
            let key = updated.data.key;
            rows.push(&updated.data);
            entries.extend(updated.ledger_entries.iter().map(|entry| (key, entry)));
            restarted.extend(updated.schedule_ledger_update.then_some(key));
        }
        account_data::save(tx, rows).await?;
        ledger::insert_entries(tx, entries).await?;
        pending_ledger_update::schedule(tx, restarted).await?;
        let mut log_entries = Vec::new();
        for updated in self.updated {
            log_entries.extend(updated.log_entries);
            self.signals.extend(updated.signal.map(Signal::UpdatedLedger));
        }
        // Each of these log entries stands for an update id that has grown by one.
        let grown = write::count(log_entries.len());
        pending_log_entry::enqueue(tx, log_entries).await?;
        outbox::insert(tx, self.signals).await?;
        if grown > 0 {
            object_update_id::draw(tx, grown).await?;
        }
        Ok(())
    }
}
