//! Replies to our PrepareTransfer and FinalizeTransfer messages (processing §4.5–4.7).

use domain::{
    Timestamp,
    incoming::{FinalizedTransfer, PreparedTransfer, RejectedTransfer},
    signal::Signal,
    transfer,
};

use super::batch::{Batch, request_key};

pub(super) fn on_prepared(batch: &mut Batch, message: &PreparedTransfer, now: Timestamp) {
    let row = batch.transfers.get(&(message.coordinator_id, message.coordinator_request_id));
    let prepared = transfer::on_prepared(row.cloned(), message, now);
    if let Some(row) = prepared.settled {
        batch.transfers.put(request_key(&row), row);
    }
    batch.signals.push(Signal::FinalizeTransfer(prepared.signal));
}

pub(super) fn on_rejected(batch: &mut Batch, message: &RejectedTransfer, now: Timestamp) {
    let Some(row) = batch.transfers.get(&(message.coordinator_id, message.coordinator_request_id)) else { return };
    if let Some(finalized) = transfer::on_rejected(row.clone(), message, now) {
        batch.finalize(finalized);
    }
}

pub(super) fn on_finalized(batch: &mut Batch, message: &FinalizedTransfer, now: Timestamp) {
    let Some(row) = batch.transfers.get(&(message.coordinator_id, message.coordinator_request_id)) else { return };
    if let Some(finalized) = transfer::on_finalized(row.clone(), message, now) {
        batch.finalize(finalized);
    }
}
