//! Applying transfers to a ledger, one step at a time (processing §7.2).

use chrono::NaiveDate;

use super::{Account, Announcement, Entry, Head, Outcome};
use crate::{AccountKey, Timestamp, log_entry::LogEntry, signal::UpdatedLedger, update_id};

/// One transfer, or a jump to a state the server has told.
#[derive(Clone, Copy, Debug)]
pub(super) struct Step {
    /// The transfer number to move to.
    pub(super) transfer_number: i64,
    /// What the account gained by that transfer; 0 for a jump.
    pub(super) acquired_amount: i64,
    /// The principal to arrive at.
    pub(super) principal: i64,
}

/// A ledger that is being brought forward at one instant.
pub(super) struct Builder {
    key: AccountKey,
    account_id: String,
    creation_date: NaiveDate,
    now: Timestamp,
    pub(super) head: Head,
    entries: Vec<Entry>,
    announced: bool,
}

impl Builder {
    /// Starts from the account's current head.
    pub(super) fn new(account: Account, now: Timestamp) -> Self {
        let Account { key, account_id, creation_date, head, .. } = account;
        Self { key, account_id, creation_date, now, head, entries: Vec::new(), announced: false }
    }

    /// Takes in one transfer, with correcting entries before it if the ledger has missed something.
    ///
    /// A step that adds no entry is silent: it only moves the transfer number.
    pub(super) fn apply_step(&mut self, step: Step) {
        let entries_before = self.entries.len();
        // Without a previous principal (the server has capped an overflow) there is nothing to correct towards.
        if let Some(previous_principal) = step.principal.checked_sub(step.acquired_amount) {
            self.correct_to(previous_principal);
        }
        if step.acquired_amount != 0 {
            let transfer = Some((self.creation_date, step.transfer_number));
            self.push(transfer, step.acquired_amount, step.principal);
        }
        self.head.principal = step.principal;
        self.head.last_transfer_number = step.transfer_number;
        if self.entries.len() > entries_before {
            self.announce();
        }
    }

    /// Like [`Self::apply_step`], but never silent.
    pub(super) fn force_step(&mut self, step: Step) {
        let id_before = self.head.latest_update_id;
        self.apply_step(step);
        if self.head.latest_update_id == id_before {
            self.announce();
        }
    }

    /// Ends the update: tells what to write, with one announcement for all steps together.
    pub(super) fn finish(self, done: bool) -> Outcome {
        let announcement = self.announced.then(|| Announcement {
            log_entry: LogEntry::account_ledger(self.key, &self.head),
            signal: UpdatedLedger {
                account: self.key,
                update_id: self.head.latest_update_id,
                account_id: self.account_id,
                creation_date: self.creation_date,
                principal: self.head.principal,
                last_transfer_number: self.head.last_transfer_number,
                ts: self.now,
            },
        });
        Outcome { head: self.head, entries: self.entries, announcement, done }
    }

    /// Adds correcting entries until the ledger has the given principal.
    ///
    /// At most three: the distance may be as long as 2⁶⁴−1, and an entry's amount is at most 2⁶³−1 either way.
    fn correct_to(&mut self, principal: i64) {
        while self.head.principal != principal {
            let amount = principal.saturating_sub(self.head.principal).max(-i64::MAX);
            // Exact: the sum lies between the current principal and the wanted one.
            let sum = self.head.principal.saturating_add(amount);
            self.push(None, amount, sum);
            self.head.principal = sum;
        }
    }

    fn push(&mut self, transfer: Option<(NaiveDate, i64)>, acquired_amount: i64, principal: i64) {
        self.head.last_entry_id = update_id::next(self.head.last_entry_id);
        let entry_id = self.head.last_entry_id;
        self.entries.push(Entry { entry_id, transfer, acquired_amount, principal, added_at: self.now });
    }

    fn announce(&mut self) {
        self.head.latest_update_id = update_id::next(self.head.latest_update_id);
        self.head.latest_update_ts = self.now;
        self.announced = true;
    }
}
