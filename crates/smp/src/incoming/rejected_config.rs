//! `RejectedConfig` (smp §3).

use domain::incoming::RejectedConfig;

use super::CONFIG_DATA;
use crate::json::{Fields, Rule};

pub(super) fn read(fields: &mut Fields<'_>) -> RejectedConfig {
    let message = RejectedConfig {
        account: fields.account(),
        config_ts: fields.instant("config_ts"),
        config_seqnum: fields.i32("config_seqnum", ..),
        config_flags: fields.i32("config_flags", ..),
        config_data: fields.text("config_data", CONFIG_DATA),
        negligible_amount: fields.f64("negligible_amount", 0.0..),
        rejection_code: fields.text("rejection_code", Rule::ascii(30)),
    };
    fields.sent_at();
    message
}
