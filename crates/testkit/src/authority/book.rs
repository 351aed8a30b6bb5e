//! The book of an authority: accounts, locked amounts, transfers. A pure state machine; time is an argument.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use domain::signal::Signal;
use domain::time::EPOCH;
use domain::{AccountKey, DebtorId, Timestamp};

use super::account::{Account, Posting, Terms};
use super::options::BookOptions;
use super::outgoing::Outgoing;

mod commands;
mod configuration;
mod conversation;
mod finalization;
mod preparation;
mod upkeep;

#[cfg(test)]
mod tests;

pub use commands::Refused;
pub use conversation::Prepared;

/// Accounts with any number of debtors. A debtor exists from the first message about it.
///
/// Every call returns what has to be sent because of it, except AccountUpdates of changed accounts: these are
/// collected, so that one tells of several changes, until [`Book::updates`] is called.
#[derive(Clone, Debug, Default)]
pub struct Book {
    options: BookOptions,
    debtors: BTreeMap<DebtorId, Debtor>,
    accounts: BTreeMap<AccountKey, Account>,
    graves: BTreeMap<AccountKey, Grave>,
    conversations: conversation::Conversations,
    changed: BTreeSet<AccountKey>,
    /// Accounts that are scheduled for deletion.
    condemned: BTreeSet<AccountKey>,
    config_rejections: Vec<configuration::Rule>,
}

/// A debtor.
#[derive(Clone, Debug)]
struct Debtor {
    terms: Terms,
    /// The money in circulation: what the principals of all accounts add up to.
    issued: i128,
}

impl Default for Debtor {
    fn default() -> Self {
        Self { terms: Terms { interest_rate: 0.0, last_interest_rate_change_ts: EPOCH }, issued: 0 }
    }
}

/// What is remembered of an account that is gone.
#[derive(Clone, Debug)]
struct Grave {
    creation_date: NaiveDate,
    config_ts: Timestamp,
    config_seqnum: i32,
}

impl Book {
    /// A book without accounts.
    pub fn new(options: BookOptions) -> Self {
        Self { options, ..Self::default() }
    }

    /// Takes in a message of the agent and returns the answers to it.
    ///
    /// Messages may come repeatedly and in any order. Those that no authority gets are ignored.
    pub fn handle(&mut self, message: &Signal, now: Timestamp) -> Vec<Outgoing> {
        match message {
            Signal::ConfigureAccount(m) => self.configure(m, now).into_iter().collect(),
            Signal::PrepareTransfer(m) => vec![self.prepare(m, now)],
            Signal::FinalizeTransfer(m) => self.finalize(m, now),
            Signal::UpdatedLedger(_)
            | Signal::UpdatedPolicy(_)
            | Signal::UpdatedFlags(_)
            | Signal::RejectedConfig(_) => vec![],
        }
    }

    /// One AccountUpdate for each account that has changed since the last call.
    pub fn updates(&mut self, now: Timestamp) -> Vec<Outgoing> {
        std::mem::take(&mut self.changed).into_iter().filter_map(|key| self.update(key, now)).collect()
    }

    /// The account's AccountUpdate.
    fn update(&mut self, key: AccountKey, now: Timestamp) -> Option<Outgoing> {
        let terms = self.terms(key.debtor_id);
        self.accounts.get_mut(&key).map(|account| account.update(&terms, &self.options, now))
    }

    /// One account.
    pub fn account(&self, key: AccountKey) -> Option<&Account> {
        self.accounts.get(&key)
    }

    /// All accounts, by creditor and debtor.
    pub fn accounts(&self) -> impl Iterator<Item = &Account> {
        self.accounts.values()
    }

    /// Transfers that are prepared and wait for their finalisation.
    pub fn prepared_transfers(&self) -> impl Iterator<Item = &Prepared> {
        self.conversations.open()
    }

    /// The debtor's money in circulation: the sum of all its accounts' principals.
    pub fn issued(&self, debtor_id: DebtorId) -> i128 {
        self.debtors.get(&debtor_id).map_or(0, |debtor| debtor.issued)
    }

    /// What the debtor offers.
    pub fn terms(&self, debtor_id: DebtorId) -> Terms {
        self.debtors.get(&debtor_id).map_or_else(|| Debtor::default().terms, |debtor| debtor.terms.clone())
    }

    fn interest_rate(&self, debtor_id: DebtorId) -> f64 {
        self.debtors.get(&debtor_id).map_or(0.0, |debtor| debtor.terms.interest_rate)
    }

    /// Changes an account's principal. `None` if there is no such account.
    fn post(&mut self, key: AccountKey, posting: &Posting<'_>, now: Timestamp) -> Option<Outgoing> {
        let rate = self.interest_rate(key.debtor_id);
        let outgoing = self.accounts.get_mut(&key)?.post(posting, rate, now);
        self.debtors.entry(key.debtor_id).or_default().issued += i128::from(posting.acquired);
        self.changed.insert(key);
        Some(outgoing)
    }
}
