//! Which messages are on their way, and what the broker says about them.
//!
//! The broker numbers the messages of a channel from 1 and confirms by number, often many at once. A message that it
//! returns carries no number; but it is returned before it is confirmed, and no property may be added to tell messages
//! apart (smp §6). So a return is matched with the oldest mandatory message on its way that has the same exchange,
//! routing key, body, and if possible the same type and headers. Messages equal in all of these are interchangeable:
//! that one of them was confirmed and one returned is the truth for either.

use std::{
    collections::VecDeque,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use amqprs::BasicProperties;
use tokio::sync::Notify;

use super::Outcome;
use crate::Message;

/// The messages of one batch and what became of each.
#[derive(Debug)]
pub(crate) struct Tally(Mutex<Counted>);

#[derive(Debug)]
struct Counted {
    outcomes: Vec<Outcome>,
    open: usize,
}

impl Tally {
    pub(crate) fn new(messages: usize) -> Arc<Self> {
        Arc::new(Self(Mutex::new(Counted { outcomes: vec![Outcome::Unconfirmed; messages], open: messages })))
    }

    /// How many of the messages have no outcome yet.
    pub(crate) fn open(&self) -> usize {
        locked(&self.0).open
    }

    /// What is known so far.
    pub(crate) fn outcomes(&self) -> Vec<Outcome> {
        locked(&self.0).outcomes.clone()
    }

    fn record(&self, index: usize, outcome: Outcome) {
        let mut counted = locked(&self.0);
        if let Some(slot) = counted.outcomes.get_mut(index) {
            *slot = outcome;
            counted.open = counted.open.saturating_sub(1);
        }
    }
}

/// A message that the broker could not route.
pub(crate) struct Returned<'a> {
    pub(crate) code: u16,
    pub(crate) text: &'a str,
    pub(crate) exchange: &'a str,
    pub(crate) routing_key: &'a str,
    pub(crate) properties: &'a BasicProperties,
    pub(crate) body: &'a [u8],
}

/// The messages on their way on one channel.
#[derive(Debug, Default)]
pub(crate) struct Confirms {
    flight: Mutex<Flight>,
    progress: Notify,
}

#[derive(Debug, Default)]
struct Flight {
    /// Messages that have left the front of the queue; the front one has the number `settled + 1`.
    settled: u64,
    queue: VecDeque<Sent>,
    open: usize,
}

#[derive(Debug)]
struct Sent {
    /// Whom to tell; `None` once told.
    told: Option<(Arc<Tally>, usize)>,
    /// Kept to recognise it if it comes back.
    mandatory: Option<Box<Message>>,
    returned: Option<Outcome>,
}

impl Confirms {
    /// The next message to be sent is number `index` of that batch. To be called in the order of sending.
    pub(crate) fn expect(&self, tally: &Arc<Tally>, index: usize, message: &Message) {
        let mandatory = message.mandatory.then(|| Box::new(message.clone()));
        let mut flight = locked(&self.flight);
        flight.open += 1;
        flight.queue.push_back(Sent { told: Some((Arc::clone(tally), index)), mandatory, returned: None });
    }

    /// How many messages have no outcome yet.
    pub(crate) fn open(&self) -> usize {
        locked(&self.flight).open
    }

    /// Woken whenever something was confirmed.
    pub(crate) fn progress(&self) -> &Notify {
        &self.progress
    }

    /// The broker's word on message `number`, or on all up to it; the number 0 stands for all there are.
    pub(crate) fn settle(&self, number: u64, multiple: bool, outcome: &Outcome) {
        let mut flight = locked(&self.flight);
        let end = match number {
            0 => flight.queue.len(),
            number => usize::try_from(number.saturating_sub(flight.settled)).unwrap_or(usize::MAX),
        };
        if end > flight.queue.len() {
            // A number that was never sent: nothing can be concluded, and what is on its way will time out.
            return;
        }
        let start = if multiple { 0 } else { end.saturating_sub(1) };
        let mut told = 0;
        for sent in flight.queue.range_mut(start..end) {
            if let Some((tally, index)) = sent.told.take() {
                tally.record(index, sent.returned.take().unwrap_or_else(|| outcome.clone()));
                sent.mandatory = None;
                told += 1;
            }
        }
        flight.open = flight.open.saturating_sub(told);
        while flight.queue.front().is_some_and(|sent| sent.told.is_none()) {
            flight.queue.pop_front();
            flight.settled += 1;
        }
        drop(flight);
        self.progress.notify_waiters();
    }

    /// The broker returns a message. Whether we know it.
    pub(crate) fn returned(&self, returned: &Returned<'_>) -> bool {
        let mut flight = locked(&self.flight);
        let mut similar = None;
        let mut same = None;
        for (index, sent) in flight.queue.iter().enumerate() {
            let Some(message) = sent.mandatory.as_deref().filter(|_| sent.returned.is_none()) else { continue };
            if !returned.resembles(message) {
                continue;
            }
            if returned.has_properties_of(message) {
                same = Some(index);
                break;
            }
            similar.get_or_insert(index);
        }
        let Some(sent) = same.or(similar).and_then(|index| flight.queue.get_mut(index)) else { return false };
        sent.returned = Some(Outcome::Returned { code: returned.code, text: returned.text.to_owned() });
        true
    }
}

impl Returned<'_> {
    fn resembles(&self, message: &Message) -> bool {
        message.routing_key == self.routing_key && message.exchange == self.exchange && message.body == self.body
    }

    fn has_properties_of(&self, message: &Message) -> bool {
        let Some(sent) = message.properties.to_wire() else { return false };
        sent.message_type() == self.properties.message_type() && sent.headers() == self.properties.headers()
    }
}

/// No code panics with these locks held, so a poisoned one is as good as any.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests;
