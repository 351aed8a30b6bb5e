//! One account, as its authority keeps it.

use chrono::{NaiveDate, TimeDelta};
use domain::incoming::{AccountPurge, AccountTransfer, AccountUpdate, Incoming};
use domain::signal::ConfigureAccount;
use domain::{AccountKey, CreditorId, Timestamp, seqnum};

use super::interest;
use super::options::BookOptions;
use super::outgoing::Outgoing;

/// Account id of the issuer, who is the other side of issued, paid and burnt money.
pub const ISSUER: &str = "0";

/// Bit of `config_flags`: the holder wants the account deleted.
const SCHEDULED_FOR_DELETION: i32 = 1;

/// The account id of a creditor: its unsigned number in decimal digits.
pub fn account_id(creditor_id: CreditorId) -> String {
    creditor_id.unsigned().to_string()
}

/// The creditor with the given account id, if it is one that [`account_id`] makes.
pub fn creditor_of(account_id_text: &str) -> Option<CreditorId> {
    let creditor_id = account_id_text.parse().ok().map(CreditorId::from_unsigned)?;
    (account_id(creditor_id) == account_id_text).then_some(creditor_id)
}

/// State of an account.
#[derive(Clone, Debug, PartialEq)]
pub struct Account {
    /// Whose account it is, and with whom.
    pub key: AccountKey,
    /// When this account was created; an account created again under the same key has a later date.
    pub creation_date: NaiveDate,
    /// The configuration in effect.
    pub config: ConfigureAccount,
    /// When that configuration came into effect.
    pub configured_at: Timestamp,
    /// The balance, without interest; never negative.
    pub principal: i64,
    /// How much of the principal is locked by prepared transfers.
    pub locked: i64,
    /// Prepared transfers that wait for their finalisation, those that lock nothing included.
    pub prepared: usize,
    /// Interest accumulated until `last_change_ts`.
    pub interest: f64,
    /// When the state last changed.
    pub last_change_ts: Timestamp,
    /// Counts the changes; wraps.
    pub last_change_seqnum: i32,
    /// Number of the newest transfer; 0 for none.
    pub last_transfer_number: i64,
    /// When that transfer was committed.
    pub last_transfer_committed_at: Timestamp,
    /// When the last AccountUpdate was made.
    pub updated_at: Timestamp,
}

/// A change of an account's principal.
pub(super) struct Posting<'a> {
    /// What the account gains; not 0.
    pub(super) acquired: i64,
    /// `direct`, `issuing`, …
    pub(super) coordinator_type: &'a str,
    /// Account id of the sender.
    pub(super) sender: &'a str,
    /// Account id of the recipient.
    pub(super) recipient: &'a str,
    /// Format of the note.
    pub(super) note_format: &'a str,
    /// The note.
    pub(super) note: &'a str,
}

impl Account {
    /// An empty account.
    pub(super) fn open(config: ConfigureAccount, creation_date: NaiveDate, now: Timestamp) -> Self {
        Self {
            key: config.account,
            creation_date,
            config,
            configured_at: now,
            principal: 0,
            locked: 0,
            prepared: 0,
            interest: 0.0,
            last_change_ts: now,
            last_change_seqnum: 0,
            last_transfer_number: 0,
            last_transfer_committed_at: domain::time::EPOCH,
            updated_at: now,
        }
    }

    /// What may be locked or sent.
    pub const fn available(&self) -> i64 {
        self.principal - self.locked
    }

    /// The holder wants the account deleted.
    pub const fn is_scheduled_for_deletion(&self) -> bool {
        self.config.config_flags & SCHEDULED_FOR_DELETION != 0
    }

    /// The account can be deleted as its holder wants, without losing anything the holder cares about.
    pub fn is_deletable(&self) -> bool {
        let is_negligible = interest::to_f64(self.principal) <= f64::from(self.config.negligible_amount);
        self.is_scheduled_for_deletion() && self.prepared == 0 && is_negligible
    }

    /// Whether `amount` can be received.
    pub(super) const fn can_receive(&self, amount: i64) -> bool {
        !self.is_scheduled_for_deletion() && self.principal.checked_add(amount).is_some()
    }

    /// Interest accumulated until `now`, at `rate` percent per year.
    pub(super) fn interest_at(&self, rate: f64, now: Timestamp) -> f64 {
        interest::accumulate(self.principal, self.interest, rate, now - self.last_change_ts)
    }

    /// Notes that something changes now. To be called before the change: until now the old state earned interest.
    pub(super) fn change(&mut self, rate: f64, now: Timestamp) {
        self.interest = self.interest_at(rate, now);
        self.last_change_ts = self.last_change_ts.max(now);
        self.last_change_seqnum = seqnum::next(self.last_change_seqnum);
    }

    /// Changes the principal and tells the holder. The caller has made sure that the result is in range.
    pub(super) fn post(&mut self, posting: &Posting<'_>, rate: f64, now: Timestamp) -> Outgoing {
        self.change(rate, now);
        self.principal += posting.acquired;
        let previous_transfer_number = self.last_transfer_number;
        self.last_transfer_number += 1;
        self.last_transfer_committed_at = now;
        let message = AccountTransfer {
            account: self.key,
            creation_date: self.creation_date,
            transfer_number: self.last_transfer_number,
            coordinator_type: posting.coordinator_type.to_owned(),
            sender: posting.sender.to_owned(),
            recipient: posting.recipient.to_owned(),
            acquired_amount: posting.acquired,
            transfer_note_format: posting.note_format.to_owned(),
            transfer_note: posting.note.to_owned(),
            committed_at: now,
            principal: self.principal,
            ts: now,
            previous_transfer_number,
        };
        Outgoing::new(Incoming::AccountTransfer(message), now)
    }

    /// Tells the holder the account's state.
    pub(super) fn update(&mut self, terms: &Terms, options: &BookOptions, now: Timestamp) -> Outgoing {
        self.updated_at = now;
        let message = AccountUpdate {
            account: self.key,
            creation_date: self.creation_date,
            last_change_ts: self.last_change_ts,
            last_change_seqnum: self.last_change_seqnum,
            principal: self.principal,
            interest: self.interest,
            interest_rate: terms.interest_rate,
            last_interest_rate_change_ts: terms.last_interest_rate_change_ts,
            last_config_ts: self.config.ts,
            last_config_seqnum: self.config.seqnum,
            negligible_amount: self.config.negligible_amount.into(),
            config_flags: self.config.config_flags,
            config_data: self.config.config_data.clone(),
            account_id: account_id(self.key.creditor_id),
            debtor_info_iri: None,
            debtor_info_content_type: None,
            debtor_info_sha256: None,
            last_transfer_number: self.last_transfer_number,
            last_transfer_committed_at: self.last_transfer_committed_at,
            transfer_note_max_bytes: options.transfer_note_max_bytes,
            ts: now,
            ttl: whole_seconds(options.update_ttl),
        };
        let mut outgoing = Outgoing::new(Incoming::AccountUpdate(Box::new(message)), now);
        outgoing.unused.commit_period = whole_seconds(options.commit_period);
        outgoing
    }

    /// Tells the holder that the account is gone.
    pub(super) fn purge(&self, now: Timestamp) -> Outgoing {
        purge(self.key, self.creation_date, now)
    }
}

/// Tells that the account created at `creation_date` is gone.
pub(super) fn purge(account: AccountKey, creation_date: NaiveDate, now: Timestamp) -> Outgoing {
    Outgoing::new(Incoming::AccountPurge(AccountPurge { account, creation_date }), now)
}

/// What a debtor offers all its creditors.
#[derive(Clone, Debug, PartialEq)]
pub struct Terms {
    /// Percent per year.
    pub interest_rate: f64,
    /// When the rate last changed; 1970 if never.
    pub last_interest_rate_change_ts: Timestamp,
}

/// Non-negative whole seconds within the range of the protocol.
fn whole_seconds(duration: TimeDelta) -> i32 {
    i32::try_from(duration.num_seconds().max(0)).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn account_ids_lead_back_to_their_creditor() {
        for id in [0, 1, 1_103_806_595_072, -1, i64::MIN, i64::MAX] {
            let creditor_id = CreditorId::new(id);
            assert_eq!(creditor_of(&account_id(creditor_id)), Some(creditor_id));
        }
        assert_eq!(account_id(CreditorId::new(-1)), "18446744073709551615");
        for text in ["", "01", "+1", "-1", " 1", "x", "18446744073709551616"] {
            assert_eq!(creditor_of(text), None, "{text:?}");
        }
    }
}
