//! `RejectedConfig`, to the shard of ours that has the account (smp §5.2).

use domain::signal::RejectedConfig;

use crate::json::Object;

pub(super) fn encode(signal: &RejectedConfig) -> Vec<u8> {
    Object::of_type("RejectedConfig")
        .account(signal.account)
        .instant("config_ts", signal.config_ts)
        .int("config_seqnum", signal.config_seqnum)
        .float("negligible_amount", signal.negligible_amount)
        .text("config_data", &signal.config_data)
        .int("config_flags", signal.config_flags)
        .instant("ts", signal.inserted_at)
        .text("rejection_code", &signal.rejection_code)
        .finish()
}
