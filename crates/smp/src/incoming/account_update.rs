//! `AccountUpdate` (smp §3).

use domain::incoming::AccountUpdate;

use super::CONFIG_DATA;
use crate::json::{Fields, Rule};

pub(super) fn read(fields: &mut Fields<'_>) -> AccountUpdate {
    let message = AccountUpdate {
        account: fields.account(),
        creation_date: fields.date("creation_date"),
        last_change_ts: fields.instant("last_change_ts"),
        last_change_seqnum: fields.i32("last_change_seqnum", ..),
        principal: fields.i64("principal", ..),
        interest: fields.f64("interest", ..),
        interest_rate: fields.single("interest_rate", -100.0..),
        last_interest_rate_change_ts: fields.instant("last_interest_rate_change_ts"),
        last_config_ts: fields.instant("last_config_ts"),
        last_config_seqnum: fields.i32("last_config_seqnum", ..),
        negligible_amount: fields.f64("negligible_amount", 0.0..),
        config_flags: fields.i32("config_flags", ..),
        config_data: fields.text("config_data", CONFIG_DATA),
        account_id: fields.text("account_id", Rule::ascii(100)),
        debtor_info_iri: fields.optional_text("debtor_info_iri", Rule::chars(200)),
        debtor_info_content_type: fields.optional_text("debtor_info_content_type", Rule::ascii(100)),
        debtor_info_sha256: fields.optional_sha256("debtor_info_sha256"),
        last_transfer_number: fields.i64("last_transfer_number", 0..),
        last_transfer_committed_at: fields.instant("last_transfer_committed_at"),
        transfer_note_max_bytes: fields.i32("transfer_note_max_bytes", 0..=500),
        ts: fields.sent_at(),
        ttl: fields.i32("ttl", 0..),
    };
    fields.f64("demurrage_rate", -100.0..=0.0);
    fields.i32("commit_period", 0..);
    message
}
