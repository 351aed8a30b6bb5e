//! Which rows a batch may change, and the order in which they are locked.

use std::collections::{BTreeMap, BTreeSet};

use domain::{AccountKey, CreditorId, Timestamp, account, committed_transfer, incoming::Incoming};
use futures::future;
use persistence::{Result, SharedTx, account_data, account_data::Strength, creditor, running_transfer};

use super::{
    Context, Locked,
    batch::{Batch, RequestKey, request_key},
    rows::Rows,
};

/// The rows of a batch. Those of one table are locked by one statement in key order, and the tables in the order that
/// all transactions keep; so batches that have rows in common wait for, and do not block, each other.
#[derive(Default)]
pub struct Locks {
    creditors: BTreeSet<CreditorId>,
    accounts: BTreeMap<AccountKey, Strength>,
    transfers: BTreeSet<RequestKey>,
}

impl Locks {
    /// Those that the messages may change. What is too old to be applied locks nothing.
    pub fn of(messages: &[Incoming], context: &Context, now: Timestamp) -> Self {
        let mut locks = Self::default();
        for message in messages {
            locks.add(message, context, now);
        }
        locks
    }

    fn add(&mut self, message: &Incoming, context: &Context, now: Timestamp) {
        match message {
            Incoming::RejectedConfig(m) => self.add_account(m.account, Strength::Update),
            Incoming::AccountUpdate(m) if account::is_expired(m, now) => {}
            Incoming::AccountUpdate(m) => self.add_account(m.account, Strength::Update),
            Incoming::AccountPurge(m) => self.add_account(m.account, Strength::Update),
            Incoming::AccountTransfer(m) if committed_transfer::is_too_old(m, context.log_retention, now) => {}
            Incoming::AccountTransfer(m) => self.add_account(m.account, Strength::Share),
            Incoming::RejectedTransfer(m) => self.add_transfer(m.coordinator_id, m.coordinator_request_id),
            Incoming::PreparedTransfer(m) => self.add_transfer(m.coordinator_id, m.coordinator_request_id),
            Incoming::FinalizedTransfer(m) => self.add_transfer(m.coordinator_id, m.coordinator_request_id),
            Incoming::ConfigureAccount(_) => {}
            Incoming::ActivateCreditor(m) => {
                self.creditors.insert(m.creditor_id);
            }
        }
    }

    fn add_account(&mut self, key: AccountKey, strength: Strength) {
        let known = self.accounts.entry(key).or_insert(strength);
        *known = strength.max(*known);
    }

    fn add_transfer(&mut self, coordinator_id: CreditorId, coordinator_request_id: i64) {
        self.transfers.insert((coordinator_id, coordinator_request_id));
    }

    /// Locks the rows and loads them: the first statements of a transaction, sent together. The server runs them in this
    /// order.
    pub async fn take(self, tx: SharedTx<'_>) -> Result<Locked> {
        let creditors = when(!self.creditors.is_empty(), creditor::lock(tx, self.creditors));
        let accounts = when(!self.accounts.is_empty(), account_data::lock_each(tx, self.accounts));
        let transfers = when(!self.transfers.is_empty(), running_transfer::lock_by_request(tx, self.transfers));
        let (creditors, accounts, transfers) = future::join3(creditors, accounts, transfers).await;
        let mut batch = Batch::default();
        batch.creditors = Rows::loaded(creditors?.into_iter().map(|row| (row.creditor_id, row)));
        batch.accounts = Rows::loaded(accounts?.into_iter().map(|row| (row.key, row)));
        batch.transfers = Rows::loaded(transfers?.into_iter().map(|row| (request_key(&row), row)));
        Ok(Locked(batch))
    }
}

/// Nothing is sent if there is nothing to lock.
async fn when<T>(wanted: bool, rows: impl Future<Output = Result<Vec<T>>>) -> Result<Vec<T>> {
    if wanted { rows.await } else { Ok(Vec::new()) }
}
