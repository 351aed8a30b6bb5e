//! A batch while it is being applied: the rows it has locked, and what is to be written.

use std::collections::HashSet;

use domain::{
    AccountKey, CreditorId, Timestamp,
    account::{Changed, Data},
    ledger::Entry,
    log_entry::LogEntry,
    signal::Signal,
    transfer::{Finalized, RunningTransfer},
};
use persistence::{
    Result, Tx, account_data, committed_transfer, creditor, creditor::Creditor, ledger, object_update_id, outbox,
    pending_ledger_update, pending_log_entry, running_transfer,
};

use super::rows::Rows;
use crate::count::count;

/// Identifies a running transfer towards the accounting authority: coordinator id, coordinator request id.
pub(super) type RequestKey = (CreditorId, i64);

pub(super) const fn request_key(row: &RunningTransfer) -> RequestKey {
    (row.account.creditor_id, row.coordinator_request_id)
}

/// Rows that do not exist are absent; no message of a batch makes or removes any of them.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) creditors: Rows<CreditorId, Creditor>,
    pub(super) accounts: Rows<AccountKey, Data>,
    pub(super) transfers: Rows<RequestKey, RunningTransfer>,
    /// Committed transfers that were stored now and whose (first) message has not been judged yet.
    pub(super) new_transfers: HashSet<committed_transfer::Key>,
    pub(super) ledger_entries: Vec<(AccountKey, Entry)>,
    pub(super) ledger_updates: HashSet<AccountKey>,
    pub(super) signals: Vec<Signal>,
    log_entries: Vec<LogEntry>,
    /// By how much update ids of accounts' objects have grown altogether.
    grown: usize,
}

impl Batch {
    /// Adds an entry to a log.
    pub(super) fn log(&mut self, entry: LogEntry) {
        self.log_entries.push(entry);
    }

    /// Adds an entry to a log that stands for an update id of an account's object that has grown by one.
    pub(super) fn log_growth(&mut self, entry: LogEntry) {
        self.grown = self.grown.saturating_add(1);
        self.log(entry);
    }

    /// Changes an account's information.
    pub(super) fn change_info(&mut self, change: Changed) {
        self.log_growth(change.log_entry);
        self.accounts.put(change.data.key, change.data);
    }

    /// Ends a running transfer.
    pub(super) fn finalize(&mut self, finalized: Finalized) {
        self.log(finalized.log_entry);
        self.transfers.put(request_key(&finalized.row), finalized.row);
    }

    /// Writes each table with one statement, most of them with the commit.
    pub(super) async fn write(self, tx: &mut Tx, now: Timestamp) -> Result<()> {
        let activated = self.creditors.changed().map(|creditor| (creditor.creditor_id, creditor.status));
        creditor::activate(tx, activated, now).await?;
        account_data::save(tx, self.accounts.changed());
        running_transfer::save(tx, self.transfers.changed());
        ledger::insert_entries(tx, self.ledger_entries.iter().map(|(key, entry)| (*key, entry))).await?;
        pending_ledger_update::schedule(tx, self.ledger_updates);
        pending_log_entry::enqueue(tx, self.log_entries);
        outbox::insert(tx, self.signals);
        if self.grown > 0 {
            object_update_id::draw(tx, count(self.grown)).await?;
        }
        Ok(())
    }
}
