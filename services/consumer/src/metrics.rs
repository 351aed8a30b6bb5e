//! What operators see of the batches.

use std::{
    collections::BTreeMap,
    time::{Duration, Instant},
};

use amqp::Delivery;
use domain::Timestamp;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use runtime::tasks;
use smp::incoming::Kind;
use tokio::{task::JoinHandle, time::sleep};
use tracing::debug;

use crate::judge::Judged;

const BATCH_MESSAGES: &str = "creditors_consumer_batch_messages";
const BATCH_SECONDS: &str = "creditors_consumer_batch_seconds";
const LAG_SECONDS: &str = "creditors_consumer_lag_seconds";
const MESSAGES: &str = "creditors_consumer_messages_total";
const REDELIVERED: &str = "creditors_consumer_redelivered_total";
const DEAD_LETTERS: &str = "creditors_consumer_dead_letters_total";
const PAUSED_WORKERS: &str = "creditors_consumer_paused_workers";
const PAUSE_SECONDS: &str = "creditors_consumer_pause_seconds";
const PAUSED_SECONDS: &str = "creditors_consumer_paused_seconds_total";

/// Explains the metrics to whoever reads them.
pub(crate) fn describe() {
    describe_histogram!(BATCH_MESSAGES, Unit::Count, "Messages per batch.");
    describe_histogram!(BATCH_SECONDS, Unit::Seconds, "From the arrival of a batch to its acknowledgement.");
    describe_histogram!(
        LAG_SECONDS,
        Unit::Seconds,
        "How long ago the oldest message of a batch was sent, according to its sender, when the batch was acknowledged."
    );
    describe_counter!(MESSAGES, Unit::Count, "Messages that were dealt with, by type and outcome.");
    describe_counter!(REDELIVERED, Unit::Count, "Messages that had been delivered before.");
    describe_counter!(DEAD_LETTERS, Unit::Count, "Messages that were put aside, by reason.");
    describe_gauge!(PAUSED_WORKERS, Unit::Count, "Workers that do not consume at the moment, by cause.");
    describe_histogram!(PAUSE_SECONDS, Unit::Seconds, "How long workers did not consume, by cause.");
    describe_counter!(PAUSED_SECONDS, Unit::Seconds, "Seconds that workers did not consume, as they pass, by cause.");
}

/// A pause of one worker, that lasts until this is dropped.
pub(crate) struct Pause {
    cause: &'static str,
    began: Instant,
    /// Counts its seconds: what is recorded in the end shows nothing of a pause that lasts.
    ticking: JoinHandle<()>,
}

impl Pause {
    pub(crate) fn begin(cause: &'static str) -> Self {
        gauge!(PAUSED_WORKERS, "cause" => cause).increment(1);
        Self { cause, began: Instant::now(), ticking: tasks::spawn("pause", Self::tick(cause)) }
    }

    async fn tick(cause: &'static str) {
        let seconds = counter!(PAUSED_SECONDS, "cause" => cause);
        loop {
            sleep(Duration::from_secs(1)).await;
            seconds.increment(1);
        }
    }
}

impl Drop for Pause {
    fn drop(&mut self) {
        self.ticking.abort();
        gauge!(PAUSED_WORKERS, "cause" => self.cause).decrement(1);
        histogram!(PAUSE_SECONDS, "cause" => self.cause).record(self.began.elapsed());
    }
}

/// What has become of a batch.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    messages: usize,
    redelivered: u64,
    /// When the oldest message was sent.
    oldest: Option<Timestamp>,
    /// By type.
    applied: BTreeMap<&'static str, u64>,
    /// By type and reason.
    put_aside: BTreeMap<(&'static str, &'static str), u64>,
}

impl Tally {
    pub(crate) fn new(deliveries: &[Delivery], judged: &Judged) -> Self {
        let Judged { condemned, oldest, .. } = judged;
        let codes: BTreeMap<usize, &'static str> =
            condemned.iter().map(|condemned| (condemned.place, condemned.code)).collect();
        let mut tally = Self { messages: deliveries.len(), oldest: *oldest, ..Self::default() };
        for (place, delivery) in deliveries.iter().enumerate() {
            tally.redelivered += u64::from(delivery.redelivered);
            *match codes.get(&place) {
                None => tally.applied.entry(label(delivery)).or_default(),
                Some(code) => tally.put_aside.entry((label(delivery), code)).or_default(),
            } += 1;
        }
        tally
    }

    /// The batch is dealt with.
    pub(crate) fn record(&self, queue: &str, duration: Duration, now: Timestamp) {
        let lag = self.oldest.map(|oldest| lag(oldest, now));
        let sum = |counts: &mut dyn Iterator<Item = &u64>| counts.sum::<u64>();
        debug!(
            queue,
            messages = self.messages,
            redelivered = self.redelivered,
            applied = sum(&mut self.applied.values()),
            put_aside = sum(&mut self.put_aside.values()),
            duration_seconds = duration.as_secs_f64(),
            lag_seconds = lag.map(|lag| lag.as_secs_f64()),
            "Consumed a batch of {} messages.",
            self.messages
        );
        #[expect(clippy::cast_precision_loss, reason = "a batch is far from 2⁵² messages")]
        histogram!(BATCH_MESSAGES).record(self.messages as f64);
        histogram!(BATCH_SECONDS).record(duration);
        if let Some(lag) = lag {
            histogram!(LAG_SECONDS).record(lag);
        }
        counter!(REDELIVERED).increment(self.redelivered);
        for (message_type, count) in &self.applied {
            counter!(MESSAGES, "type" => *message_type, "outcome" => "applied").increment(*count);
        }
        for ((message_type, reason), count) in &self.put_aside {
            counter!(MESSAGES, "type" => *message_type, "outcome" => "put_aside").increment(*count);
            counter!(DEAD_LETTERS, "reason" => *reason).increment(*count);
        }
    }
}

/// Clocks may differ: what was sent in the future was sent just now.
fn lag(sent_at: Timestamp, now: Timestamp) -> Duration {
    (now - sent_at).to_std().unwrap_or_default()
}

/// Only known types become labels: a sender must not be able to invent new ones.
fn label(delivery: &Delivery) -> &'static str {
    delivery.properties.message_type.as_deref().and_then(Kind::from_name).map_or("unknown", Kind::name)
}

#[cfg(test)]
mod tests {
    use amqp::Properties;

    use super::*;
    use crate::judge::Condemned;

    #[test]
    fn messages_are_counted_by_type_and_outcome() {
        let delivery = |message_type: &str, redelivered| Delivery {
            exchange: String::new(),
            routing_key: String::new(),
            redelivered,
            properties: Properties { message_type: Some(message_type.to_owned()), ..Properties::default() },
            body: Vec::new(),
        };
        let deliveries = [
            delivery("AccountPurge", true),
            delivery("invented", true),
            delivery("AccountPurge", false),
            delivery("AccountPurge", false),
        ];
        let condemned = |place, code| Condemned { place, code, reason: String::new() };
        let oldest = Some(Timestamp::UNIX_EPOCH);
        let condemned = vec![condemned(1, "unknown_type"), condemned(2, "schema")];
        let tally = Tally::new(&deliveries, &Judged { oldest, condemned, ..Judged::default() });
        let expected = Tally {
            messages: 4,
            redelivered: 2,
            oldest,
            applied: [("AccountPurge", 2)].into(),
            put_aside: [(("AccountPurge", "schema"), 1), (("unknown", "unknown_type"), 1)].into(),
        };
        assert_eq!(tally, expected);
    }

    #[test]
    fn the_lag_is_never_negative() {
        let now = Timestamp::UNIX_EPOCH;
        assert_eq!(lag(now - Duration::from_millis(1500), now), Duration::from_millis(1500));
        assert_eq!(lag(now + Duration::from_secs(3), now), Duration::ZERO);
    }
}
