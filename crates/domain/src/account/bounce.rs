//! Configurations that came back because nobody serves the debtor (processing §4.8).

use crate::{Shard, Timestamp, incoming::BouncedConfigureAccount, numeric, signal::RejectedConfig};

/// The error shown for accounts of a debtor nobody serves.
pub const NO_CONNECTION_TO_DEBTOR: &str = "NO_CONNECTION_TO_DEBTOR";

/// Turns the bounced message into a rejection, addressed to whichever shard has the creditor.
///
/// The broker returns messages to any shard, so only the range of ids is consulted, not the realm; `None` if the
/// creditor cannot be ours.
pub fn bounce(message: BouncedConfigureAccount, shard: &Shard, now: Timestamp) -> Option<RejectedConfig> {
    shard.in_range(message.account.creditor_id).then(|| RejectedConfig {
        account: message.account,
        config_ts: message.ts,
        config_seqnum: message.seqnum,
        negligible_amount: numeric::to_f32(message.negligible_amount),
        config_data: message.config_data,
        config_flags: message.config_flags,
        rejection_code: NO_CONNECTION_TO_DEBTOR.to_owned(),
        inserted_at: now,
    })
}
