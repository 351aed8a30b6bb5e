//! Whether the books are right.

use std::{
    collections::HashMap,
    time::{Duration, Instant},
};

use anyhow::Result;

use super::Cast;
use crate::{
    authority::control::AccountView,
    invariants::{self, ALWAYS, AT_REST, IDLE, Rule},
    local::amount::amount,
    wallet::{Paid, Wallet},
};

/// How long books may take to become right.
const PATIENCE: Duration = Duration::from_mins(1);
/// Between looks into books that are not right yet.
const LOOK_AGAIN: Duration = Duration::from_millis(100);

/// A claim, and whether it is true.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// Whether it is true.
    pub good: bool,
    /// What should be true.
    pub claim: String,
    /// What makes it untrue.
    pub details: Vec<String>,
}

impl Finding {
    fn new(good: bool, claim: String) -> Self {
        Self { good, claim, details: vec![] }
    }
}

impl Cast {
    /// Looks into all books after these payments, as often as it takes until everything is right; but not for ever.
    ///
    /// What the database does not know is not at rest: a message may be on its way that it has never heard of.
    pub async fn settle(&self, paid: &[Paid]) -> Result<Vec<Finding>> {
        let began = Instant::now();
        loop {
            // If it does not come to rest, the findings say what is missing.
            let _ = self.rest().await;
            let findings = self.audit(paid).await?;
            if findings.iter().all(|finding| finding.good) || began.elapsed() > PATIENCE {
                return Ok(findings);
            }
            tokio::time::sleep(LOOK_AGAIN).await;
        }
    }

    /// Looks into all books after these payments, which should all be committed. The agent must be at rest.
    pub async fn audit(&self, paid: &[Paid]) -> Result<Vec<Finding>> {
        let committed = paid.iter().filter(|paid| paid.is_committed()).count();
        let claim = format!("{committed} of {} payments are committed", paid.len());
        let mut findings = vec![Finding::new(committed == paid.len(), claim)];
        findings.push(self.audit_payments(paid).await?);
        findings.extend(self.audit_money().await?);
        for rules in [ALWAYS, IDLE, AT_REST] {
            findings.extend(self.audit_database(rules).await?);
        }
        Ok(findings)
    }

    async fn audit_payments(&self, paid: &[Paid]) -> Result<Finding> {
        let books = [self.notes(&self.buyer).await?, self.notes(&self.seller).await?];
        let in_both = |paid: &Paid| books.iter().all(|notes| notes.get(&paid.payment.note) == Some(&1));
        let missing: Vec<_> = paid.iter().filter(|paid| !in_both(paid)).map(|paid| paid.payment.note.clone()).collect();
        let claim = format!("{} payments are in both ledgers, each once", paid.len() - missing.len());
        Ok(Finding { good: missing.is_empty(), claim, details: missing })
    }

    /// How often the ledger has an entry with which note.
    async fn notes(&self, wallet: &Wallet) -> Result<HashMap<String, usize>> {
        let mut notes = HashMap::new();
        for transfer in wallet.ledger_entries(self.debtor).await?.iter().filter_map(|entry| entry.transfer.as_ref()) {
            *notes.entry(wallet.committed_transfer(transfer).await?.note).or_default() += 1;
        }
        Ok(notes)
    }

    /// No money is made or lost, and the authority agrees.
    async fn audit_money(&self) -> Result<[Finding; 2]> {
        let [buyer, seller] = [self.balance(&self.buyer).await?, self.balance(&self.seller).await?];
        let claim =
            format!("{} + {} = {}: no money was made or lost", amount(buyer), amount(seller), amount(self.issued));
        let sum = Finding::new(buyer + seller == self.issued, claim);
        let accounts = self.authority.accounts().await?;
        let agrees = |wallet: &Wallet, balance| {
            let account = accounts.iter().find(|account| account.key() == self.account(wallet));
            account.is_some_and(|AccountView { principal, locked, .. }| (*principal, *locked) == (balance, 0))
        };
        let same = agrees(&self.buyer, buyer) && agrees(&self.seller, seller);
        Ok([sum, Finding::new(same, "the authority has the same balances, and nothing is locked".to_owned())])
    }

    async fn balance(&self, wallet: &Wallet) -> Result<i64> {
        Ok(wallet.ledger(self.debtor).await?.principal)
    }

    async fn audit_database(&self, rules: &[Rule]) -> Result<Vec<Finding>> {
        let violations = invariants::violations(&self.database, rules).await?;
        let finding = |rule: &Rule| {
            let violation = violations.iter().find(|violation| violation.rule == rule.name);
            let details = violation.map(|violation| violation.findings.clone()).unwrap_or_default();
            Finding { good: violation.is_none(), claim: rule.name.to_owned(), details }
        };
        Ok(rules.iter().map(finding).collect())
    }
}
