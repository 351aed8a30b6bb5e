//! `AccountPurge` (smp §3).

use domain::incoming::AccountPurge;

use crate::json::Fields;

pub(super) fn read(fields: &mut Fields<'_>) -> AccountPurge {
    let message = AccountPurge { account: fields.account(), creation_date: fields.date("creation_date") };
    fields.sent_at();
    message
}
