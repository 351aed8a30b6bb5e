//! RejectedConfig messages (processing §4.1).

use domain::{Timestamp, account, incoming::RejectedConfig};

use super::batch::Batch;

pub(super) fn judge(batch: &mut Batch, message: &RejectedConfig, now: Timestamp) {
    let Some(data) = batch.accounts.get(&message.account) else { return };
    if let Some(change) = account::apply_rejected_config(data.clone(), message.clone(), now) {
        batch.change_info(change);
    }
}
