//! FinalizeTransfer: committing or dismissing a prepared transfer.

use domain::signal::FinalizeTransfer;
use domain::{AccountKey, Timestamp};

use super::conversation::{Conversation, Ending};
use super::{Book, Prepared};
use crate::authority::account::{Account, Posting, account_id, creditor_of};
use crate::authority::outgoing::Outgoing;
use crate::authority::status;

/// Coordinator type of payments.
const DIRECT: &str = "direct";

impl Book {
    /// Ends a prepared transfer and says how. A transfer that has ended gets the same answer again, and nothing else
    /// happens.
    pub(super) fn finalize(&mut self, message: &FinalizeTransfer, now: Timestamp) -> Vec<Outgoing> {
        let Some(conversation) = self.conversations.get(message.transfer_id) else { return vec![] };
        if !belongs_to(message, conversation) {
            return vec![];
        }
        if let Some(answer) = conversation.finalized(now) {
            return vec![answer];
        }
        let prepared = conversation.prepared.clone();
        self.unlock(&prepared);
        let objection = self.objection_to_commit(&prepared, message, now);
        let total_locked_amount = self.sender(&prepared).map_or(0, |sender| sender.locked);
        let committed_amount = if objection.is_none() { message.committed_amount } else { 0 };
        let status_code = objection.unwrap_or(status::OK);
        let ending = Ending { committed_amount, status_code, total_locked_amount, finalized_at: now };
        let answer = self.conversations.end(message.transfer_id, ending).and_then(|ended| ended.finalized(now));
        let mut outgoing = Vec::from_iter(answer);
        if committed_amount > 0 {
            outgoing.extend(self.commit(&prepared, message, now));
        }
        outgoing
    }

    /// The sender's account, if it is still the one that existed when the transfer was prepared.
    fn sender(&self, prepared: &Prepared) -> Option<&Account> {
        let account = self.accounts.get(&prepared.request.account)?;
        (account.creation_date == prepared.creation_date).then_some(account)
    }

    fn unlock(&mut self, prepared: &Prepared) {
        let account = self.accounts.get_mut(&prepared.request.account);
        if let Some(sender) = account.filter(|account| account.creation_date == prepared.creation_date) {
            sender.locked -= prepared.request.locked_amount;
            sender.prepared -= 1;
        }
    }

    /// Why the transfer, which no longer locks anything, can not be committed. There is nothing against a dismissal.
    fn objection_to_commit(
        &self,
        prepared: &Prepared,
        message: &FinalizeTransfer,
        now: Timestamp,
    ) -> Option<&'static str> {
        let amount = message.committed_amount;
        if amount == 0 {
            return None;
        }
        let Some(sender) = self.sender(prepared) else { return Some(status::SENDER_IS_UNREACHABLE) };
        if now > prepared.deadline {
            return Some(status::TIMEOUT);
        }
        if i32::try_from(message.transfer_note.len()).is_ok_and(|bytes| bytes > self.options.transfer_note_max_bytes) {
            return Some(status::TRANSFER_NOTE_IS_TOO_LONG);
        }
        let rate_changed_at = self.terms(message.account.debtor_id).last_interest_rate_change_ts;
        if rate_changed_at > prepared.request.final_interest_rate_ts {
            return Some(status::NEWER_INTEREST_RATE);
        }
        if self.recipient(prepared).is_none_or(|recipient| !recipient.can_receive(amount)) {
            return Some(status::RECIPIENT_IS_UNREACHABLE);
        }
        (sender.available() < amount).then_some(status::INSUFFICIENT_AVAILABLE_AMOUNT)
    }

    fn recipient(&self, prepared: &Prepared) -> Option<&Account> {
        recipient_key(prepared).and_then(|key| self.accounts.get(&key))
    }

    /// Moves the money and tells both sides.
    fn commit(&mut self, prepared: &Prepared, message: &FinalizeTransfer, now: Timestamp) -> Vec<Outgoing> {
        let sender = account_id(message.account.creditor_id);
        let posting = |acquired| Posting {
            acquired,
            coordinator_type: DIRECT,
            sender: &sender,
            recipient: &prepared.request.recipient,
            note_format: &message.transfer_note_format,
            note: &message.transfer_note,
        };
        let amount = message.committed_amount;
        let sent = self.post(message.account, &posting(-amount), now);
        let received = recipient_key(prepared).and_then(|key| self.post(key, &posting(amount), now));
        sent.into_iter().chain(received).collect()
    }
}

fn recipient_key(prepared: &Prepared) -> Option<AccountKey> {
    creditor_of(&prepared.request.recipient).map(|id| AccountKey::new(id, prepared.request.account.debtor_id))
}

fn belongs_to(message: &FinalizeTransfer, conversation: &Conversation) -> bool {
    let request = &conversation.prepared.request;
    message.account == request.account
        && message.coordinator_id == request.account.creditor_id
        && message.coordinator_request_id == request.coordinator_request_id
}
