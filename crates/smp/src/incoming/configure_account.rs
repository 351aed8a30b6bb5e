//! `ConfigureAccount`, come back to us (smp §3).

use domain::incoming::BouncedConfigureAccount;

use super::CONFIG_DATA;
use crate::json::Fields;

pub(super) fn read(fields: &mut Fields<'_>) -> BouncedConfigureAccount {
    BouncedConfigureAccount {
        account: fields.account(),
        ts: fields.sent_at(),
        seqnum: fields.i32("seqnum", ..),
        negligible_amount: fields.single("negligible_amount", 0.0..),
        config_flags: fields.i32("config_flags", ..),
        config_data: fields.text("config_data", CONFIG_DATA),
    }
}
