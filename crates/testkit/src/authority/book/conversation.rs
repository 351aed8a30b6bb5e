//! What the authority and a coordinator have told each other about one transfer.

use std::collections::{HashMap, VecDeque};

use chrono::NaiveDate;
use domain::incoming::{FinalizedTransfer, Incoming, PreparedTransfer};
use domain::signal::PrepareTransfer;
use domain::{AccountKey, Timestamp};

use crate::authority::outgoing::Outgoing;

/// A transfer that was prepared.
#[derive(Clone, Debug, PartialEq)]
pub struct Prepared {
    /// The authority's id of the transfer.
    pub transfer_id: i64,
    /// What was asked for.
    pub request: PrepareTransfer,
    /// Creation date of the sender's account.
    pub creation_date: NaiveDate,
    /// When it was prepared.
    pub prepared_at: Timestamp,
    /// It can not be committed after this instant.
    pub deadline: Timestamp,
}

/// How a prepared transfer ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::authority) struct Ending {
    pub(super) committed_amount: i64,
    pub(super) status_code: &'static str,
    pub(super) total_locked_amount: i64,
    pub(super) finalized_at: Timestamp,
}

/// A prepared transfer, and how it ended, if it did.
#[derive(Clone, Debug)]
pub(in crate::authority) struct Conversation {
    pub(super) prepared: Prepared,
    pub(super) ending: Option<Ending>,
}

impl Conversation {
    /// The answer to the request.
    pub(super) fn prepared(&self, now: Timestamp) -> Outgoing {
        let Prepared { transfer_id, request, prepared_at, deadline, .. } = &self.prepared;
        let message = PreparedTransfer {
            account: request.account,
            transfer_id: *transfer_id,
            coordinator_id: request.account.creditor_id,
            coordinator_request_id: request.coordinator_request_id,
            locked_amount: request.locked_amount,
            recipient: request.recipient.clone(),
        };
        let mut outgoing = Outgoing::new(Incoming::PreparedTransfer(message), now);
        outgoing.unused.prepared_at = *prepared_at;
        outgoing.unused.deadline = *deadline;
        outgoing.unused.final_interest_rate_ts = request.final_interest_rate_ts;
        outgoing
    }

    /// The answer to the finalisation, if there was one.
    pub(super) fn finalized(&self, now: Timestamp) -> Option<Outgoing> {
        let ending = self.ending.as_ref()?;
        let request = &self.prepared.request;
        let message = FinalizedTransfer {
            account: request.account,
            transfer_id: self.prepared.transfer_id,
            coordinator_id: request.account.creditor_id,
            coordinator_request_id: request.coordinator_request_id,
            committed_amount: ending.committed_amount,
            status_code: ending.status_code.to_owned(),
            total_locked_amount: ending.total_locked_amount,
        };
        let mut outgoing = Outgoing::new(Incoming::FinalizedTransfer(message), now);
        outgoing.unused.prepared_at = self.prepared.prepared_at;
        Some(outgoing)
    }
}

/// What makes two requests the same one. Numbers alone would not do: a coordinator with a new database starts over.
type RequestKey = (AccountKey, i64, Timestamp);

fn key_of(request: &PrepareTransfer) -> RequestKey {
    (request.account, request.coordinator_request_id, request.inserted_at)
}

/// All transfers that were prepared and are not forgotten.
#[derive(Clone, Debug, Default)]
pub(super) struct Conversations {
    /// Of the newest transfer.
    last_transfer_id: i64,
    by_id: HashMap<i64, Conversation>,
    by_request: HashMap<RequestKey, i64>,
    /// When to look again whether a transfer was finalised; in this order.
    reminders: VecDeque<(Timestamp, i64)>,
    /// Finalised transfers, in the order in which this happened.
    ended: VecDeque<(Timestamp, i64)>,
}

impl Conversations {
    /// The conversation that began with the same request.
    pub(super) fn begun_by(&self, request: &PrepareTransfer) -> Option<&Conversation> {
        self.by_request.get(&key_of(request)).and_then(|id| self.by_id.get(id))
    }

    pub(super) fn get(&self, transfer_id: i64) -> Option<&Conversation> {
        self.by_id.get(&transfer_id)
    }

    /// Prepared transfers that were not finalised, in no particular order.
    pub(super) fn open(&self) -> impl Iterator<Item = &Prepared> {
        self.by_id.values().filter(|conversation| conversation.ending.is_none()).map(|c| &c.prepared)
    }

    /// An id for the next transfer.
    pub(super) const fn next_id(&mut self) -> i64 {
        self.last_transfer_id += 1;
        self.last_transfer_id
    }

    /// Begins a conversation, to be reminded of at `remind_at`.
    pub(super) fn begin(&mut self, prepared: Prepared, remind_at: Timestamp) -> &Conversation {
        let id = prepared.transfer_id;
        self.by_request.insert(key_of(&prepared.request), id);
        self.reminders.push_back((remind_at, id));
        self.by_id.entry(id).insert_entry(Conversation { prepared, ending: None }).into_mut()
    }

    /// Ends a conversation.
    pub(super) fn end(&mut self, transfer_id: i64, ending: Ending) -> Option<&Conversation> {
        let conversation = self.by_id.get_mut(&transfer_id)?;
        self.ended.push_back((ending.finalized_at, transfer_id));
        conversation.ending = Some(ending);
        Some(conversation)
    }

    /// Conversations that are to be reminded of by now, and shall be again at `next`.
    pub(super) fn due(&mut self, now: Timestamp, next: Timestamp) -> Vec<&Conversation> {
        let due = self.reminders.partition_point(|(at, _)| *at <= now);
        let ids: Vec<_> = self.reminders.drain(..due).map(|(_, id)| id).collect();
        let is_open = |id: &i64| self.by_id.get(id).is_some_and(|conversation| conversation.ending.is_none());
        self.reminders.extend(ids.iter().filter(|id| is_open(id)).map(|id| (next, *id)));
        ids.iter().filter_map(|id| self.by_id.get(id)).filter(|conversation| conversation.ending.is_none()).collect()
    }

    /// Forgets the conversations that ended at `until` or before.
    pub(super) fn forget(&mut self, until: Timestamp) {
        while let Some((ended_at, id)) = self.ended.front().copied()
            && ended_at <= until
        {
            self.ended.pop_front();
            if let Some(conversation) = self.by_id.remove(&id) {
                self.by_request.remove(&key_of(&conversation.prepared.request));
            }
        }
    }
}
