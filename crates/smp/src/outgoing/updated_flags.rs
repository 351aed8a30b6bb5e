//! `UpdatedFlags` (smp §5.2).

use domain::signal::UpdatedFlags;

use crate::json::Object;

pub(super) fn encode(signal: &UpdatedFlags) -> Vec<u8> {
    Object::of_type("UpdatedFlags")
        .account(signal.account)
        .int("update_id", signal.update_id)
        .int("config_flags", signal.config_flags)
        .instant("ts", signal.ts)
        .finish()
}
