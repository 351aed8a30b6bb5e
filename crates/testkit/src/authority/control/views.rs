//! What the control server reads and writes.

use chrono::NaiveDate;
use domain::{AccountKey, CreditorId, DebtorId, Timestamp};
use serde::{Deserialize, Serialize};

use crate::authority::account::{Account, account_id};

/// New money for an account.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Issue {
    /// Who issues it.
    pub debtor_id: i64,
    /// Who gets it.
    pub creditor_id: i64,
    /// How much; positive.
    pub amount: i64,
}

/// A debtor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Debtor {
    /// The debtor's id.
    pub debtor_id: i64,
}

/// A debtor's new interest rate.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct InterestRate {
    /// The debtor's id.
    pub debtor_id: i64,
    /// Percent per year.
    pub interest_rate: f64,
}

/// How much time the authority has taken for its answers.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Answering {
    /// How often it has answered messages that came together.
    pub answers: u64,
    /// From the arrival of the messages until the broker had all answers in safe storage, summed up.
    pub milliseconds: f64,
}

/// An account.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountView {
    /// With whom the account is.
    pub debtor_id: i64,
    /// Whose account it is.
    pub creditor_id: i64,
    /// The account's identity at its debtor: what others send money to.
    pub account_id: String,
    /// When it was created.
    pub creation_date: NaiveDate,
    /// Its balance, without interest.
    pub principal: i64,
    /// How much of it prepared transfers have locked.
    pub locked: i64,
    /// Interest accumulated until `last_change_ts`.
    pub interest: f64,
    /// When it last changed.
    pub last_change_ts: Timestamp,
    /// Number of its newest transfer.
    pub last_transfer_number: i64,
    /// Bit 0: scheduled for deletion.
    pub config_flags: i32,
}

impl AccountView {
    /// Whose account it is, and with whom.
    pub const fn key(&self) -> AccountKey {
        AccountKey::new(CreditorId::new(self.creditor_id), DebtorId::new(self.debtor_id))
    }
}

impl From<&Account> for AccountView {
    fn from(account: &Account) -> Self {
        Self {
            debtor_id: account.key.debtor_id.get(),
            creditor_id: account.key.creditor_id.get(),
            account_id: account_id(account.key.creditor_id),
            creation_date: account.creation_date,
            principal: account.principal,
            locked: account.locked,
            interest: account.interest,
            last_change_ts: account.last_change_ts,
            last_transfer_number: account.last_transfer_number,
            config_flags: account.config.config_flags,
        }
    }
}
