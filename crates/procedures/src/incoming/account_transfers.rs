//! AccountTransfer messages (processing §4.4).

use std::collections::HashSet;

use domain::{
    Timestamp,
    committed_transfer::{self as rules, is_too_old},
    incoming::{AccountTransfer, Incoming},
};
use persistence::{
    Result, Tx,
    committed_transfer::{self as rows, Key},
};

use super::{Context, batch::Batch};

/// Stores the transfers that are worth it, and notes which of them are new. The accounts must have been locked, so that
/// their ledgers do not move past a transfer before it can be seen.
pub(super) async fn store(
    tx: &mut Tx,
    batch: &mut Batch,
    messages: &[Incoming],
    context: &Context,
    now: Timestamp,
) -> Result<()> {
    let mut keys = HashSet::new();
    let worthy = messages.iter().filter_map(|message| match message {
        Incoming::AccountTransfer(message) => Some(message).filter(|message| {
            // Of messages about the same transfer the first one counts.
            is_worthy(batch, message, context, now) && keys.insert(Key::of(message))
        }),
        _ => None,
    });
    batch.new_transfers = rows::insert(tx, worthy).await?.into_iter().collect();
    Ok(())
}

pub(super) fn judge(batch: &mut Batch, message: &AccountTransfer, context: &Context, now: Timestamp) {
    if !is_worthy(batch, message, context, now) || !batch.new_transfers.remove(&Key::of(message)) {
        return;
    }
    let Some(account) = batch.accounts.get(&message.account) else { return };
    let stored = rules::store(message, account.server.creation_date, account.ledger.last_transfer_number, now);
    batch.log(stored.log_entry);
    if stored.schedule_ledger_update {
        batch.ledger_updates.insert(message.account);
    }
}

/// Neither too old nor about an account that does not exist.
fn is_worthy(batch: &Batch, message: &AccountTransfer, context: &Context, now: Timestamp) -> bool {
    !is_too_old(message, context.log_retention, now) && batch.accounts.get(&message.account).is_some()
}
