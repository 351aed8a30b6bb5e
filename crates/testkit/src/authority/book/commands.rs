//! What the issuer and the operator do.

use domain::{AccountKey, DebtorId, Timestamp};

use super::{Book, Grave};
use crate::authority::account::{Account, ISSUER, Posting, account_id};
use crate::authority::interest;
use crate::authority::outgoing::Outgoing;

/// Coordinator type of newly issued money.
const ISSUING: &str = "issuing";
/// Coordinator type of interest payments.
const INTEREST: &str = "interest";
/// Coordinator type of what is left on an account that is removed.
const DELETE: &str = "delete";

/// Why a command was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// There is no such account.
    #[error("the account does not exist")]
    NoSuchAccount,
    /// The account is about to be deleted and receives nothing.
    #[error("the account is scheduled for deletion")]
    ScheduledForDeletion,
    /// The amount is not positive, or the account can not hold so much.
    #[error("the amount is out of range")]
    Amount,
    /// The rate is below −100 % or not a number that the protocol can carry.
    #[error("the interest rate is out of range")]
    InterestRate,
}

impl Book {
    /// Makes money and gives it to an account.
    pub fn issue(&mut self, key: AccountKey, amount: i64, now: Timestamp) -> Result<Outgoing, Refused> {
        let account = self.accounts.get(&key).ok_or(Refused::NoSuchAccount)?;
        if account.is_scheduled_for_deletion() {
            return Err(Refused::ScheduledForDeletion);
        }
        if amount <= 0 || !account.can_receive(amount) {
            return Err(Refused::Amount);
        }
        let recipient = account_id(key.creditor_id);
        let posting = with_issuer(amount, ISSUING, ISSUER, &recipient);
        self.post(key, &posting, now).ok_or(Refused::NoSuchAccount)
    }

    /// Pays (or, where it is negative, takes) the whole units of interest that have accumulated on the debtor's
    /// accounts. Locked amounts are not touched.
    pub fn pay_interest(&mut self, debtor_id: DebtorId, now: Timestamp) -> Vec<Outgoing> {
        let rate = self.interest_rate(debtor_id);
        let due = |account: &Account| {
            let whole = interest::whole(account.interest_at(rate, now));
            whole.clamp(-account.available(), i64::MAX - account.principal)
        };
        let accounts = self.accounts.values().filter(|account| account.key.debtor_id == debtor_id);
        let payments: Vec<_> = accounts.map(|a| (a.key, due(a))).filter(|(_, amount)| *amount != 0).collect();
        payments.into_iter().filter_map(|(key, amount)| self.pay_account_interest(key, amount, now)).collect()
    }

    fn pay_account_interest(&mut self, key: AccountKey, amount: i64, now: Timestamp) -> Option<Outgoing> {
        let holder = account_id(key.creditor_id);
        let (sender, recipient) = if amount > 0 { (ISSUER, &*holder) } else { (&*holder, ISSUER) };
        let outgoing = self.post(key, &with_issuer(amount, INTEREST, sender, recipient), now);
        if let Some(account) = self.accounts.get_mut(&key) {
            account.interest -= interest::to_f64(amount);
        }
        outgoing
    }

    /// Sets the debtor's interest rate, in percent per year.
    pub fn set_interest_rate(&mut self, debtor_id: DebtorId, rate: f64, now: Timestamp) -> Result<(), Refused> {
        if !(-100.0..=f64::from(f32::MAX)).contains(&rate) {
            return Err(Refused::InterestRate);
        }
        let old_rate = self.interest_rate(debtor_id);
        for account in self.accounts.values_mut().filter(|account| account.key.debtor_id == debtor_id) {
            account.change(old_rate, now);
            self.changed.insert(account.key);
        }
        let terms = &mut self.debtors.entry(debtor_id).or_default().terms;
        terms.interest_rate = rate;
        terms.last_interest_rate_change_ts = now;
        Ok(())
    }

    /// Removes an account, whatever its holder wants, and burns what is left on it. Transfers prepared on it will fail.
    pub fn purge(&mut self, key: AccountKey, now: Timestamp) -> Result<Vec<Outgoing>, Refused> {
        let account = self.accounts.get(&key).ok_or(Refused::NoSuchAccount)?;
        let holder = account_id(key.creditor_id);
        let leftover = account.principal;
        let burnt =
            if leftover == 0 { None } else { self.post(key, &with_issuer(-leftover, DELETE, &holder, ISSUER), now) };
        let mut outgoing = Vec::from_iter(burnt);
        self.changed.remove(&key);
        self.condemned.remove(&key);
        if let Some(account) = self.accounts.remove(&key) {
            outgoing.push(account.purge(now));
            let grave = Grave {
                creation_date: account.creation_date,
                config_ts: account.config.ts,
                config_seqnum: account.config.seqnum,
            };
            self.graves.insert(key, grave);
        }
        Ok(outgoing)
    }
}

/// A posting between the issuer and a holder.
const fn with_issuer<'a>(acquired: i64, coordinator_type: &'a str, sender: &'a str, recipient: &'a str) -> Posting<'a> {
    Posting { acquired, coordinator_type, sender, recipient, note_format: "", note: "" }
}
