//! ActivateCreditor messages (processing §4.9).

use std::collections::HashMap;

use domain::{
    Timestamp,
    creditor::{self as rules, Activation},
    incoming::ActivateCreditor,
};
use persistence::{Result, Tx, creditor};

/// Activates reserved creditors, which are all different. What does not fit a reservation is ignored.
pub async fn apply(tx: &mut Tx, messages: &[&ActivateCreditor], now: Timestamp) -> Result<()> {
    let rows = creditor::lock(tx, messages.iter().map(|message| message.creditor_id)).await?;
    let given: HashMap<_, _> =
        messages.iter().map(|message| (message.creditor_id, message.reservation_id.as_str())).collect();
    let activated = rows.iter().filter_map(|row| {
        let given = given.get(&row.creditor_id)?;
        match rules::activate(row.status, row.reservation_id, given) {
            Ok(Activation::First(status)) => Some((row.creditor_id, status)),
            Ok(Activation::Repeated) | Err(_) => None,
        }
    });
    creditor::activate(tx, activated, now).await
}
