//! `ConfigureAccount` (smp §5.2).

use domain::signal::ConfigureAccount;

use crate::json::Object;

pub(super) fn encode(signal: &ConfigureAccount) -> Vec<u8> {
    Object::of_type("ConfigureAccount")
        .account(signal.account)
        .instant("ts", signal.ts)
        .int("seqnum", signal.seqnum)
        .float("negligible_amount", signal.negligible_amount)
        .text("config_data", &signal.config_data)
        .int("config_flags", signal.config_flags)
        .finish()
}
