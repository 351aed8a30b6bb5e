//! Refused configurations (processing §4.1).

use super::{Changed, Config, Data};
use crate::{Timestamp, incoming::RejectedConfig, tolerance};

/// Records why the account's configuration was refused; `None` if another configuration was, or an error is known.
///
/// A recorded error stays until an AccountUpdate shows the configuration effectual, even if the holder sends a newer
/// configuration meanwhile.
pub fn apply_rejected_config(mut data: Data, message: RejectedConfig, now: Timestamp) -> Option<Changed> {
    if data.key != message.account || data.config.config_error.is_some() || !is_rejected(&data.config, &message) {
        return None;
    }
    data.config.config_error = Some(message.rejection_code);
    Some(Changed::new(data, now))
}

fn is_rejected(config: &Config, message: &RejectedConfig) -> bool {
    config.last_config_ts == message.config_ts
        && config.last_config_seqnum == message.config_seqnum
        && config.config_flags == message.config_flags
        && config.config_data == message.config_data
        && tolerance::same_negligible_amount(config.negligible_amount, message.negligible_amount)
}
