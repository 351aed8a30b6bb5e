//! Values for tests.

use chrono::{NaiveDate, TimeDelta};

use crate::{
    AccountKey, CreditorId, DebtorId, Timestamp, account, account::FirstUpdateIds, creditor::AccountsHead,
    incoming::AccountUpdate, time::EPOCH,
};

/// The creditor of most tests.
pub(crate) const C: CreditorId = CreditorId::new(4_294_967_296);

/// The account of most tests.
pub(crate) const KEY: AccountKey = AccountKey::new(C, DebtorId::new(-1));

/// The same creditor's account with another debtor.
pub(crate) const OTHER_DEBTOR: AccountKey = AccountKey::new(C, DebtorId::new(1));

/// The present.
pub(crate) fn now() -> Timestamp {
    date(2024, 5, 17).and_hms_micro_opt(12, 30, 15, 123_456).unwrap().and_utc()
}

pub(crate) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap()
}

pub(crate) fn days_ago(days: i64) -> Timestamp {
    now() - TimeDelta::days(days)
}

pub(crate) fn accounts_head() -> AccountsHead {
    AccountsHead { list_update_id: 1, list_update_ts: EPOCH, largest_historic_ledger_entry_id: 0 }
}

/// A new account: update ids 11 to 17, first ledger entry 2.
pub(crate) fn new_account() -> account::Data {
    account::open(KEY, FirstUpdateIds::from([11, 12, 13, 14, 15, 16, 17]), accounts_head(), days_ago(100)).data
}

/// The first AccountUpdate of a new account, which confirms its configuration.
pub(crate) fn account_update() -> AccountUpdate {
    let config = new_account().config;
    AccountUpdate {
        account: KEY,
        creation_date: date(2024, 2, 1),
        last_change_ts: days_ago(1),
        last_change_seqnum: 1,
        principal: 0,
        interest: 0.0,
        interest_rate: 0.0,
        last_interest_rate_change_ts: EPOCH,
        last_config_ts: config.last_config_ts,
        last_config_seqnum: config.last_config_seqnum,
        negligible_amount: 1e30,
        config_flags: 0,
        config_data: String::new(),
        account_id: "account-id".to_owned(),
        debtor_info_iri: None,
        debtor_info_content_type: None,
        debtor_info_sha256: None,
        last_transfer_number: 0,
        last_transfer_committed_at: EPOCH,
        transfer_note_max_bytes: 500,
        ts: now() - TimeDelta::seconds(5),
        ttl: 1000,
    }
}
