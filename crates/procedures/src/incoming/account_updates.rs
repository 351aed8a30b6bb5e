//! AccountUpdate messages (processing §4.2).

use domain::{
    Timestamp,
    account::{self, UpdateOutcome, Updated},
    incoming::AccountUpdate,
    signal::Signal,
};

use super::batch::Batch;

pub(super) fn judge(batch: &mut Batch, message: &AccountUpdate, now: Timestamp) {
    let Some(data) = batch.accounts.get(&message.account) else {
        batch.signals.extend(account::orphan_reaction(message, now).map(Signal::ConfigureAccount));
        return;
    };
    match account::apply_update(data.clone(), message, now) {
        UpdateOutcome::Ignored | UpdateOutcome::Stale { heartbeat: None } => {}
        UpdateOutcome::Stale { heartbeat: Some(heartbeat) } => {
            let mut data = data.clone();
            data.server.last_heartbeat_ts = heartbeat;
            batch.accounts.put(data.key, data);
        }
        UpdateOutcome::Applied(updated) => apply(batch, *updated),
    }
}

fn apply(batch: &mut Batch, updated: Updated) {
    let key = updated.data.key;
    batch.accounts.put(key, updated.data);
    batch.ledger_entries.extend(updated.ledger_entries.into_iter().map(|entry| (key, entry)));
    batch.signals.extend(updated.signal.map(Signal::UpdatedLedger));
    if updated.schedule_ledger_update {
        batch.ledger_updates.insert(key);
    }
    for entry in updated.log_entries {
        batch.log_growth(entry);
    }
}
