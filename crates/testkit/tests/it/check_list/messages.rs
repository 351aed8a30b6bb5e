//! What authorities say.

use chrono::TimeDelta;
use domain::{
    AccountKey, CreditorId, DebtorId, Timestamp,
    incoming::{
        AccountPurge, AccountTransfer, AccountUpdate, BouncedConfigureAccount, FinalizedTransfer, Incoming,
        PreparedTransfer, RejectedConfig, RejectedTransfer,
    },
    time::EPOCH,
};

use super::world::{C, D};

pub(super) const ACCOUNT: AccountKey = AccountKey::new(CreditorId::new(C), DebtorId::new(D));

pub(super) fn date(text: &str) -> chrono::NaiveDate {
    text.parse().unwrap()
}

/// A first update of the account, which agrees with a configuration that was made at `config_ts`.
pub(super) fn update(now: Timestamp, config_ts: Timestamp) -> AccountUpdate {
    AccountUpdate {
        account: ACCOUNT,
        creation_date: date("2026-01-01"),
        last_change_ts: now,
        last_change_seqnum: 1,
        principal: 1000,
        interest: 12.5,
        interest_rate: 3.5,
        last_interest_rate_change_ts: now,
        last_config_ts: config_ts,
        last_config_seqnum: 0,
        negligible_amount: 1e30,
        config_flags: 0,
        config_data: String::new(),
        account_id: "account-1".to_owned(),
        debtor_info_iri: Some("https://example.com/".to_owned()),
        debtor_info_content_type: None,
        debtor_info_sha256: Some([7; 32]),
        last_transfer_number: 0,
        last_transfer_committed_at: EPOCH,
        transfer_note_max_bytes: 500,
        ts: now,
        ttl: 100_000,
    }
}

pub(super) fn updated(update: AccountUpdate) -> Incoming {
    Incoming::AccountUpdate(Box::new(update))
}

/// The refusal of a configuration that was made at `config_ts`.
pub(super) fn refusal(config_ts: Timestamp) -> RejectedConfig {
    RejectedConfig {
        account: ACCOUNT,
        config_ts,
        config_seqnum: 0,
        config_flags: 0,
        config_data: String::new(),
        negligible_amount: 1e30,
        rejection_code: "NO".to_owned(),
    }
}

pub(super) fn purge(account: AccountKey, creation_date: &str) -> Incoming {
    Incoming::AccountPurge(AccountPurge { account, creation_date: date(creation_date) })
}

/// Transfer number `number` after `previous`.
pub(super) fn transfer(number: i64, previous: i64, amount: i64, principal: i64, now: Timestamp) -> AccountTransfer {
    AccountTransfer {
        account: ACCOUNT,
        creation_date: date("2026-01-01"),
        transfer_number: number,
        coordinator_type: "direct".to_owned(),
        sender: "sender".to_owned(),
        recipient: "recipient".to_owned(),
        acquired_amount: amount,
        transfer_note_format: String::new(),
        transfer_note: "note".to_owned(),
        committed_at: now,
        principal,
        ts: now,
        previous_transfer_number: previous,
    }
}

pub(super) fn rejected(coordinator_request_id: i64, status_code: &str) -> RejectedTransfer {
    RejectedTransfer {
        account: ACCOUNT,
        coordinator_id: CreditorId::new(C),
        coordinator_request_id,
        status_code: status_code.to_owned(),
        total_locked_amount: 600,
    }
}

pub(super) fn prepared(coordinator_request_id: i64) -> Incoming {
    Incoming::PreparedTransfer(PreparedTransfer {
        account: ACCOUNT,
        transfer_id: 777,
        coordinator_id: CreditorId::new(C),
        coordinator_request_id,
        locked_amount: 0,
        recipient: "1111".to_owned(),
    })
}

pub(super) fn finalized(coordinator_request_id: i64, status_code: &str, committed_amount: i64) -> Incoming {
    Incoming::FinalizedTransfer(FinalizedTransfer {
        account: ACCOUNT,
        transfer_id: 777,
        coordinator_id: CreditorId::new(C),
        coordinator_request_id,
        committed_amount,
        status_code: status_code.to_owned(),
        total_locked_amount: 100,
    })
}

/// A message that leaves a row of its own behind, whatever else there is.
pub(super) fn sentinel(number: i32, now: Timestamp) -> Incoming {
    Incoming::ConfigureAccount(BouncedConfigureAccount {
        account: AccountKey::new(CreditorId::new(C + 999), DebtorId::new(999)),
        ts: now - TimeDelta::days(1),
        seqnum: number,
        negligible_amount: 0.0,
        config_flags: 0,
        config_data: String::new(),
    })
}
