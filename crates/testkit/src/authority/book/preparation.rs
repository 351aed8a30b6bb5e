//! PrepareTransfer: locking an amount.

use chrono::TimeDelta;
use domain::incoming::{Incoming, RejectedTransfer};
use domain::signal::PrepareTransfer;
use domain::{AccountKey, Timestamp};

use super::{Book, Prepared};
use crate::authority::account::creditor_of;
use crate::authority::outgoing::Outgoing;
use crate::authority::status;

impl Book {
    /// Prepares a transfer, or says why not. A request that was granted already gets the same answer again.
    pub(super) fn prepare(&mut self, request: &PrepareTransfer, now: Timestamp) -> Outgoing {
        if let Some(conversation) = self.conversations.begun_by(request) {
            return conversation.prepared(now);
        }
        let deadline = self.deadline(request, now);
        let objection = self.objection(request, deadline, now);
        match (objection, self.accounts.get_mut(&request.account)) {
            (None, Some(sender)) => {
                sender.locked += request.locked_amount;
                sender.prepared += 1;
                let transfer_id = self.conversations.next_id();
                let creation_date = sender.creation_date;
                let prepared =
                    Prepared { transfer_id, request: request.clone(), creation_date, prepared_at: now, deadline };
                self.conversations.begin(prepared, now + self.options.reminder_period).prepared(now)
            }
            (objection, sender) => {
                let total_locked_amount = sender.map_or(0, |sender| sender.locked);
                reject(request, objection.unwrap_or(status::SENDER_IS_UNREACHABLE), total_locked_amount, now)
            }
        }
    }

    /// The instant until which the transfer can be committed.
    fn deadline(&self, request: &PrepareTransfer, now: Timestamp) -> Timestamp {
        let delay = TimeDelta::seconds(request.max_commit_delay.into());
        let latest = now + self.options.commit_period;
        request.inserted_at.checked_add_signed(delay).map_or(latest, |deadline| deadline.min(latest))
    }

    /// Why the transfer can not be prepared.
    fn objection(&self, request: &PrepareTransfer, deadline: Timestamp, now: Timestamp) -> Option<&'static str> {
        let Some(sender) = self.accounts.get(&request.account) else { return Some(status::SENDER_IS_UNREACHABLE) };
        let recipient = creditor_of(&request.recipient).map(|id| AccountKey::new(id, request.account.debtor_id));
        if recipient == Some(request.account) {
            return Some(status::RECIPIENT_SAME_AS_SENDER);
        }
        if recipient.and_then(|key| self.accounts.get(&key)).is_none_or(|account| !account.can_receive(0)) {
            return Some(status::RECIPIENT_IS_UNREACHABLE);
        }
        if deadline < now {
            return Some(status::TIMEOUT);
        }
        if self.terms(request.account.debtor_id).last_interest_rate_change_ts > request.final_interest_rate_ts {
            return Some(status::NEWER_INTEREST_RATE);
        }
        (sender.available() < request.locked_amount).then_some(status::INSUFFICIENT_AVAILABLE_AMOUNT)
    }
}

fn reject(request: &PrepareTransfer, status_code: &'static str, total_locked_amount: i64, now: Timestamp) -> Outgoing {
    let rejection = RejectedTransfer {
        account: request.account,
        coordinator_id: request.account.creditor_id,
        coordinator_request_id: request.coordinator_request_id,
        status_code: status_code.to_owned(),
        total_locked_amount,
    };
    Outgoing::new(Incoming::RejectedTransfer(rejection), now)
}
