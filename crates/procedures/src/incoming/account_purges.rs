//! AccountPurge messages (processing §4.3).

use domain::{Timestamp, account, incoming::AccountPurge};

use super::batch::Batch;

pub(super) fn judge(batch: &mut Batch, message: &AccountPurge, now: Timestamp) {
    let Some(data) = batch.accounts.get(&message.account) else { return };
    if let Some(change) = account::apply_purge(data.clone(), message, now) {
        batch.change_info(change);
    }
}
