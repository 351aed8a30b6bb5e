//! What can happen to messages on their way, decided by a seed.

use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::time::Duration;

use domain::Timestamp;
use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::outgoing::Outgoing;

/// Misfortunes of outgoing messages. By default there are none.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Faults {
    /// The same messages and the same seed give the same misfortunes.
    pub seed: u64,
    /// Shortest delay of a message.
    pub min_delay: Duration,
    /// Longest delay of a message. Less than `min_delay` means `min_delay`.
    pub max_delay: Duration,
    /// How probable it is that a message comes twice, 0…1. The repetition has its own delay.
    pub repeat_probability: f64,
    /// How many later messages of the same moment may overtake a message.
    pub reorder_window: u32,
    /// By AMQP message type: how probable it is that a message is lost, 0…1.
    ///
    /// The protocol recovers a lost `AccountUpdate` (heartbeats) or `PreparedTransfer` (reminders). The loss of another
    /// message leaves a trace: a transfer without end, or a ledger that waits for its repair.
    pub lose_probability: BTreeMap<String, f64>,
}

impl Faults {
    /// No message is harmed.
    fn is_none(&self) -> bool {
        self.max_delay.max(self.min_delay).is_zero()
            && self.repeat_probability <= 0.0
            && self.reorder_window == 0
            && self.lose_probability.is_empty()
    }
}

/// The way of messages: what goes in comes out late, twice, in another order, or not at all.
#[derive(Debug)]
pub struct Way {
    faults: Faults,
    random: StdRng,
    /// Counts the messages that went in.
    entered: u64,
    /// Travelling messages, the next to arrive on top.
    travelling: BinaryHeap<Reverse<Travelling>>,
}

/// A message on its way. Ordered by its arrival.
#[derive(Debug)]
struct Travelling {
    arrival: Timestamp,
    place: u64,
    message: Outgoing,
}

impl Way {
    /// A way with the given faults.
    pub fn new(faults: Faults) -> Self {
        let random = StdRng::seed_from_u64(faults.seed);
        Self { faults, random, entered: 0, travelling: BinaryHeap::new() }
    }

    /// Sends messages off at `now`; returns all that arrive by then, in their order of arrival.
    pub fn send(&mut self, messages: Vec<Outgoing>, now: Timestamp) -> Vec<Outgoing> {
        if self.faults.is_none() {
            return messages;
        }
        for message in messages {
            if self.is_lost(&message) {
                continue;
            }
            if self.chance(self.faults.repeat_probability) {
                self.depart(message.clone(), now);
            }
            self.depart(message, now);
        }
        self.arrived(now)
    }

    /// The messages that have arrived at `now`, in their order of arrival.
    pub fn arrived(&mut self, now: Timestamp) -> Vec<Outgoing> {
        let mut arrived = vec![];
        while let Some(next) = self.travelling.peek()
            && next.0.arrival <= now
            && let Some(Reverse(next)) = self.travelling.pop()
        {
            arrived.push(next.message);
        }
        arrived
    }

    /// When the next message arrives, if one is on its way.
    pub fn next_arrival(&self) -> Option<Timestamp> {
        self.travelling.peek().map(|next| next.0.arrival)
    }

    fn is_lost(&mut self, message: &Outgoing) -> bool {
        let message_type = smp::authority::message_type(&message.message);
        let probability = self.faults.lose_probability.get(message_type).copied();
        probability.is_some_and(|probability| self.chance(probability))
    }

    fn depart(&mut self, message: Outgoing, now: Timestamp) {
        let (shortest, longest) = (self.faults.min_delay, self.faults.max_delay.max(self.faults.min_delay));
        let arrival = now + self.random.random_range(shortest..=longest);
        let place = self.entered + self.random.random_range(0..=u64::from(self.faults.reorder_window));
        self.entered += 1;
        self.travelling.push(Reverse(Travelling { arrival, place, message }));
    }

    fn chance(&mut self, probability: f64) -> bool {
        self.random.random_bool(probability.clamp(0.0, 1.0))
    }
}

impl PartialEq for Travelling {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Travelling {}

impl PartialOrd for Travelling {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Travelling {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        (self.arrival, self.place).cmp(&(other.arrival, other.place))
    }
}

#[cfg(test)]
mod tests;
