mod checkup;
mod client;
mod life;
mod server;
mod story;
mod update;

use chrono::TimeDelta;

use super::*;
use crate::{
    incoming::{AccountPurge, AccountUpdate, RejectedConfig},
    test_values::{KEY, OTHER_DEBTOR, account_update, accounts_head, date, days_ago, new_account, now},
};

/// Applies an update that must be applicable.
fn updated(data: Data, update: &AccountUpdate) -> Updated {
    match apply_update(data, update, now()) {
        UpdateOutcome::Applied(updated) => *updated,
        other => panic!("{other:?}"),
    }
}

/// An account that its server knows, with an effectual configuration.
fn known_account() -> Data {
    updated(new_account(), &account_update()).data
}

/// A later update of the known account that tells nothing new.
fn next_update() -> AccountUpdate {
    AccountUpdate { last_change_seqnum: 2, ..account_update() }
}

fn purge() -> AccountPurge {
    AccountPurge { account: KEY, creation_date: account_update().creation_date }
}

/// A rejection of the configuration of a new account.
fn rejected_config() -> RejectedConfig {
    let config = new_account().config;
    RejectedConfig {
        account: KEY,
        config_ts: config.last_config_ts,
        config_seqnum: config.last_config_seqnum,
        config_flags: config.config_flags,
        config_data: config.config_data,
        negligible_amount: f64::from(config.negligible_amount),
        rejection_code: "TEST".to_owned(),
    }
}

/// Types of the objects the entries are about.
fn types<'a>(entries: impl IntoIterator<Item = &'a crate::log_entry::LogEntry>) -> Vec<String> {
    entries.into_iter().map(|entry| entry.object().unwrap().object_type.into_owned()).collect()
}
