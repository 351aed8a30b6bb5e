//! ActivateCreditor messages (processing §4.9).

use domain::{
    creditor::{self, Activation},
    incoming::ActivateCreditor,
};
use persistence::creditor::Creditor;

use super::batch::Batch;

/// What does not fit a reservation is ignored.
pub(super) fn judge(batch: &mut Batch, message: &ActivateCreditor) {
    let Some(row) = batch.creditors.get(&message.creditor_id) else { return };
    match creditor::activate(row.status, row.reservation_id, &message.reservation_id) {
        Ok(Activation::First(status)) => {
            let row = Creditor { status, ..row.clone() };
            batch.creditors.put(row.creditor_id, row);
        }
        Ok(Activation::Repeated) | Err(_) => {}
    }
}
