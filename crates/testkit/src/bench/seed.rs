//! Rows in bulk.

use anyhow::Result;

use super::bed::Bed;
use crate::seed::{self, LOG_COLUMNS, log_entries};
pub(super) use crate::seed::{CREATION_DATE, FIRST_CREDITOR};

/// So many accounts has each creditor, with the debtors 1, 2, ….
pub(super) const ACCOUNTS_EACH: u32 = 5;

impl Bed {
    /// Executes statements.
    pub(super) async fn execute(&self, statements: &str) -> Result<()> {
        seed::execute(&self.client, statements).await
    }

    /// Active creditors without a PIN.
    pub(super) async fn seed_creditors(&self, count: u32) -> Result<()> {
        seed::creditors(&self.client, count).await
    }

    /// Accounts of all creditors with so many debtors, known to the authority, without money.
    pub(super) async fn seed_accounts(&self, each: u32) -> Result<()> {
        seed::accounts(&self.client, each).await
    }

    /// So many entries in the log of each creditor.
    pub(super) async fn seed_logs(&self, each: u32) -> Result<()> {
        let entries = log_entries("creditor_id", &format!("creditor, generate_series(1, {each}) AS i"));
        self.execute(&format!(
            "INSERT INTO log_entry (entry_id, {LOG_COLUMNS}) SELECT i, {entries}; \
             UPDATE creditor SET last_log_entry_id = {each}"
        ))
        .await
    }

    /// Log entries to be numbered: so many, dealt in turn to the first `creditors`.
    pub(super) async fn seed_pending_log_entries(&self, count: u32, creditors: u32) -> Result<()> {
        seed::pending_log_entries(&self.client, count, creditors).await
    }

    /// So many entries, of 10 each, in the ledger of each creditor's account with the debtor 1.
    pub(super) async fn seed_ledgers(&self, each: u32) -> Result<()> {
        self.execute(&format!(
            "INSERT INTO ledger_entry (creditor_id, debtor_id, entry_id, creation_date, transfer_number, \
                 acquired_amount, principal, added_at) \
             SELECT creditor_id, 1, i + 1, '{CREATION_DATE}', i, 10, 10 * i, now() \
             FROM creditor, generate_series(1, {each}) AS i; \
             UPDATE account_data SET principal = 10 * {each}, last_transfer_number = {each}, \
                 ledger_principal = 10 * {each}, ledger_last_transfer_number = {each}, ledger_last_entry_id = {each} + 1 \
             WHERE debtor_id = 1"
        ))
        .await
    }
}
