//! What must be true in the end.

use std::collections::HashMap;

use anyhow::Result;
use domain::AccountKey;

use super::{
    PATIENCE,
    cast::Cast,
    page::{Page, amount, line},
};
use crate::{
    authority::control::AccountView,
    invariants::{self, ALWAYS, AT_REST, Rule},
    wallet::{Paid, Wallet},
};

/// True if everything holds.
pub(super) async fn show(page: Page, cast: &Cast, paid: &[Paid]) -> Result<bool> {
    let mut checks = Checks { page, good: true };
    let committed = paid.iter().filter(|paid| paid.is_committed()).count();
    checks.check(committed == paid.len(), &format!("{committed} of {} payments are committed", paid.len()));
    // If it does not come to rest, the rules say what is missing.
    let _ = invariants::rest(&cast.database, PATIENCE).await;
    let ledgers = [notes(cast, &cast.buyer).await?, notes(cast, &cast.seller).await?];
    let once = |paid: &&Paid| ledgers.iter().all(|notes| notes.get(&paid.payment.note) == Some(&1));
    let known = paid.iter().filter(once).count();
    checks.check(known == committed, &format!("{known} payments are once in both ledgers"));
    money(&mut checks, cast).await?;
    rules(&mut checks, cast, ALWAYS).await?;
    rules(&mut checks, cast, AT_REST).await?;
    Ok(checks.good)
}

struct Checks {
    page: Page,
    good: bool,
}

impl Checks {
    fn check(&mut self, good: bool, what: &str) {
        self.good &= good;
        self.page.check(good, what);
    }
}

/// How often the ledger has an entry with which note.
async fn notes(cast: &Cast, wallet: &Wallet) -> Result<HashMap<String, usize>> {
    let mut notes = HashMap::new();
    for transfer in wallet.ledger_entries(cast.debtor).await?.iter().filter_map(|entry| entry.transfer.as_ref()) {
        *notes.entry(wallet.committed_transfer(transfer).await?.note).or_default() += 1;
    }
    Ok(notes)
}

/// No money is made or lost, and the authority agrees.
async fn money(checks: &mut Checks, cast: &Cast) -> Result<()> {
    let (buyer, seller) =
        (cast.buyer.ledger(cast.debtor).await?.principal, cast.seller.ledger(cast.debtor).await?.principal);
    let sum = format!("{} + {} = {}", amount(buyer), amount(seller), amount(cast.issued));
    checks.check(buyer + seller == cast.issued, &format!("{sum}: no money was made or lost"));
    let accounts = cast.authority.accounts().await?;
    let agrees = |wallet: &Wallet, principal| {
        let key = AccountKey::new(wallet.creditor_id, cast.debtor);
        let account = accounts.iter().find(|account| account.key() == key);
        account.is_some_and(|AccountView { principal: theirs, locked, .. }| (*theirs, *locked) == (principal, 0))
    };
    let same = agrees(&cast.buyer, buyer) && agrees(&cast.seller, seller);
    checks.check(same, "the authority has the same balances, and nothing is locked");
    Ok(())
}

async fn rules(checks: &mut Checks, cast: &Cast, rules: &[Rule]) -> Result<()> {
    let violations = invariants::violations(&cast.database, rules).await?;
    for rule in rules {
        let violation = violations.iter().find(|violation| violation.rule == rule.name);
        checks.check(violation.is_none(), rule.name);
        for finding in violation.iter().flat_map(|violation| &violation.findings) {
            line(&format!("      {finding}"));
        }
    }
    Ok(())
}
