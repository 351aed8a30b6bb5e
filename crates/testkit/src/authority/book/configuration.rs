//! ConfigureAccount: opening, configuring and condemning accounts.

use chrono::{Days, NaiveDate};
use domain::incoming::{Incoming, RejectedConfig};
use domain::signal::ConfigureAccount;
use domain::{AccountKey, Timestamp, seqnum};

use super::Book;
use crate::authority::account::{self, Account};
use crate::authority::outgoing::Outgoing;

/// Configurations that are refused.
#[derive(Clone, Debug)]
pub(super) struct Rule {
    /// Refuses each configuration whose data contain this.
    pattern: String,
    /// Why.
    rejection_code: String,
}

impl Book {
    /// Refuses from now on each configuration whose data contain `pattern`; an empty pattern refuses all. With several
    /// patterns in force, the first that matches counts.
    pub fn reject_configs(&mut self, pattern: impl Into<String>, rejection_code: impl Into<String>) {
        self.config_rejections.push(Rule { pattern: pattern.into(), rejection_code: rejection_code.into() });
    }

    /// Refuses no configuration any more.
    pub fn accept_configs(&mut self) {
        self.config_rejections.clear();
    }

    pub(super) fn configure(&mut self, message: &ConfigureAccount, now: Timestamp) -> Option<Outgoing> {
        if let Some(rule) = self.config_rejections.iter().find(|rule| message.config_data.contains(&rule.pattern)) {
            return Some(reject(message, &rule.rejection_code, now));
        }
        match self.accounts.get_mut(&message.account) {
            Some(account) if is_newer(message, account.config.ts, account.config.seqnum) => {
                account.config = message.clone();
                account.configured_at = now;
            }
            Some(account) => {
                // A repeated message may mean that its answer was lost; an overtaken one needs none.
                let is_repeated = (message.ts, message.seqnum) == (account.config.ts, account.config.seqnum);
                return if is_repeated { self.update(message.account, now) } else { None };
            }
            None => match self.creation_date(message, now) {
                Ok(creation_date) => {
                    self.accounts.insert(message.account, Account::open(message.clone(), creation_date, now));
                }
                Err(creation_date) => return Some(account::purge(message.account, creation_date, now)),
            },
        }
        self.note_configured(message.account, now);
        None
    }

    /// The creation date of a new account, or that of the old one, if the message belongs to that.
    fn creation_date(&self, message: &ConfigureAccount, now: Timestamp) -> Result<NaiveDate, NaiveDate> {
        let today = now.date_naive();
        match self.graves.get(&message.account) {
            None => Ok(today),
            Some(grave) if is_newer(message, grave.config_ts, grave.config_seqnum) => {
                // Two accounts in one day must differ, even if one of them then is from tomorrow.
                let next = grave.creation_date.checked_add_days(Days::new(1)).unwrap_or(grave.creation_date);
                Ok(today.max(next))
            }
            Some(grave) => Err(grave.creation_date),
        }
    }

    fn note_configured(&mut self, key: AccountKey, now: Timestamp) {
        let rate = self.interest_rate(key.debtor_id);
        let Some(account) = self.accounts.get_mut(&key) else { return };
        account.change(rate, now);
        if account.is_scheduled_for_deletion() {
            self.condemned.insert(key);
        } else {
            self.condemned.remove(&key);
        }
        self.changed.insert(key);
    }
}

fn is_newer(message: &ConfigureAccount, ts: Timestamp, seqnum: i32) -> bool {
    message.ts > ts || (message.ts == ts && seqnum::is_later(message.seqnum, seqnum))
}

fn reject(message: &ConfigureAccount, rejection_code: &str, now: Timestamp) -> Outgoing {
    let rejection = RejectedConfig {
        account: message.account,
        config_ts: message.ts,
        config_seqnum: message.seqnum,
        config_flags: message.config_flags,
        config_data: message.config_data.clone(),
        negligible_amount: message.negligible_amount.into(),
        rejection_code: rejection_code.to_owned(),
    };
    Outgoing::new(Incoming::RejectedConfig(rejection), now)
}
