//! RejectedConfig messages (processing §4.1).

use std::collections::HashMap;

use domain::{AccountKey, Timestamp, account, account::Data, incoming::RejectedConfig};
use persistence::{Result, Tx, account_data};

use crate::write;

/// Applies messages about accounts that are all different.
pub async fn apply(tx: &mut Tx, messages: &[&RejectedConfig], now: Timestamp) -> Result<()> {
    let rows = account_data::lock(tx, messages.iter().map(|message| message.account)).await?;
    let mut rows: HashMap<AccountKey, Data> = rows.into_iter().map(|data| (data.key, data)).collect();
    let changes = messages
        .iter()
        .filter_map(|&message| account::apply_rejected_config(rows.remove(&message.account)?, message.clone(), now))
        .collect();
    write::changed_infos(tx, changes).await
}
