//! AccountTransfer messages (processing §4.4).

use std::collections::{HashMap, HashSet};

use chrono::TimeDelta;
use domain::{Timestamp, committed_transfer, incoming::AccountTransfer};
use persistence::{
    Result, Tx,
    committed_transfer::{self as rows, Key, LedgerPosition},
    pending_ledger_update, pending_log_entry,
};

/// Stores transfers, of any accounts and in any order, those of one account included.
///
/// `log_retention`: older transfers are ignored.
pub async fn store(tx: &mut Tx, messages: &[&AccountTransfer], log_retention: TimeDelta, now: Timestamp) -> Result<()> {
    let recent: Vec<&AccountTransfer> = messages
        .iter()
        .copied()
        .filter(|message| !committed_transfer::is_too_old(message, log_retention, now))
        .collect();
    if recent.is_empty() {
        return Ok(());
    }
    let accounts: HashSet<_> = recent.iter().map(|message| message.account).collect();
    let positions = rows::share_ledger_positions(tx, accounts).await?;
    let positions: HashMap<_, LedgerPosition> =
        positions.into_iter().map(|position| (position.account, position)).collect();
    let owned = recent.iter().copied().filter(|message| positions.contains_key(&message.account));
    let mut new: HashSet<Key> = rows::insert(tx, owned).await?.into_iter().collect();

    let mut log_entries = Vec::new();
    let mut next_in_line = HashSet::new();
    for message in recent {
        let Some(position) = positions.get(&message.account) else { continue };
        if !new.remove(&Key::of(message)) {
            continue;
        }
        let stored = committed_transfer::store(message, position.creation_date, position.last_transfer_number, now);
        log_entries.push(stored.log_entry);
        if stored.schedule_ledger_update {
            next_in_line.insert(message.account);
        }
    }
    pending_log_entry::enqueue(tx, log_entries).await?;
    pending_ledger_update::schedule(tx, next_in_line).await
}
