//! What operators see of the flushing.

use std::{collections::BTreeMap, time::Duration};

use amqp::Outcome;
use domain::{Timestamp, signal::Kind};
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use persistence::outbox::Depth;
use smp::outgoing::message_type;
use tracing::{debug, warn};

use crate::batch::Flushed;

const MESSAGES: &str = "creditors_flusher_messages_total";
const BATCH_MESSAGES: &str = "creditors_flusher_batch_messages";
const BATCH_SECONDS: &str = "creditors_flusher_batch_seconds";
const CONFIRM_SECONDS: &str = "creditors_flusher_confirm_seconds";
const POSTPONED: &str = "creditors_flusher_postponed_destinations";
const OUTBOX_ROWS: &str = "creditors_outbox_rows";
const OUTBOX_AGE: &str = "creditors_outbox_age_seconds";

/// Explains the metrics to whoever reads them.
pub(crate) fn describe() {
    describe_counter!(MESSAGES, Unit::Count, "Messages that were taken from the outbox, by type and outcome.");
    describe_histogram!(BATCH_MESSAGES, Unit::Count, "Messages per batch, by type.");
    describe_histogram!(BATCH_SECONDS, Unit::Seconds, "From taking a batch to removing it, by type.");
    describe_histogram!(CONFIRM_SECONDS, Unit::Seconds, "From publishing a batch to its last confirm, by type.");
    describe_gauge!(POSTPONED, Unit::Count, "Destinations that refuse messages and are tried again later, by type.");
    describe_gauge!(OUTBOX_ROWS, Unit::Count, "Messages that wait in the outbox, by type.");
    describe_gauge!(OUTBOX_AGE, Unit::Seconds, "How long the oldest message has been waiting, by type.");
}

/// A batch is over.
pub(crate) fn record(kind: Kind, flushed: &Flushed, duration: Duration) {
    if flushed.rows == 0 {
        return;
    }
    let counts = counts(flushed);
    for (outcome, count) in &counts {
        counter!(MESSAGES, "type" => message_type(kind), "outcome" => *outcome).increment(*count);
    }
    #[expect(clippy::cast_precision_loss, reason = "a batch is far from 2⁵² messages")]
    histogram!(BATCH_MESSAGES, "type" => message_type(kind)).record(flushed.rows as f64);
    histogram!(BATCH_SECONDS, "type" => message_type(kind)).record(duration);
    if !flushed.published.is_empty() {
        histogram!(CONFIRM_SECONDS, "type" => message_type(kind)).record(flushed.confirming);
    }
    let count = |outcome| counts.get(outcome).copied().unwrap_or_default();
    debug!(
        message_type = message_type(kind),
        messages = flushed.rows,
        confirmed = count("confirmed"),
        refused = count("returned") + count("nacked") + count("invalid"),
        unconfirmed = count("unconfirmed"),
        left_over = count("left_over"),
        misrouted = count("misrouted"),
        confirm_seconds = flushed.confirming.as_secs_f64(),
        duration_seconds = duration.as_secs_f64(),
        "Flushed a batch of {} {} messages.",
        flushed.rows,
        message_type(kind)
    );
}

/// Destinations have refused messages.
pub(crate) fn tell_refusals(kind: Kind, flushed: &Flushed) {
    let refusals = flushed.published.iter().filter_map(|(destination, outcome)| Some((destination, reason(outcome)?)));
    let refusals: BTreeMap<&i64, String> = refusals.collect();
    let Some((destination, reason)) = refusals.first_key_value() else { return };
    warn!(
        message_type = message_type(kind),
        destinations = refusals.len(),
        destination,
        reason,
        "The broker refuses {} messages for {} destinations, {destination} for example ({reason}); they are kept and \
         tried again.",
        message_type(kind),
        refusals.len(),
    );
}

/// So many destinations are left alone at the moment.
pub(crate) fn set_postponed(kind: Kind, destinations: usize) {
    set(POSTPONED, kind, u32::try_from(destinations).unwrap_or(u32::MAX).into());
}

/// So much is waiting.
pub(crate) fn set_depth(kind: Kind, depth: Depth, now: Timestamp) {
    #[expect(clippy::cast_precision_loss, reason = "a metric of more than 2⁵² rows need not be exact")]
    set(OUTBOX_ROWS, kind, depth.rows as f64);
    // Another machine's clock may be ahead.
    let age = depth.oldest.and_then(|oldest| (now - oldest).to_std().ok()).unwrap_or_default();
    set(OUTBOX_AGE, kind, age.as_secs_f64());
}

fn set(name: &'static str, kind: Kind, value: f64) {
    gauge!(name, "type" => message_type(kind)).set(value);
}

fn counts(flushed: &Flushed) -> BTreeMap<&'static str, u64> {
    let mut counts = BTreeMap::new();
    let unsent = [("left_over", flushed.left_overs), ("misrouted", flushed.misrouted.len())];
    let published = flushed.published.iter().map(|(_, outcome)| (label(outcome), 1));
    for (label, count) in unsent.into_iter().chain(published).filter(|(_, count)| *count > 0) {
        *counts.entry(label).or_default() += u64::try_from(count).unwrap_or(u64::MAX);
    }
    counts
}

fn label(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Confirmed => "confirmed",
        Outcome::Nacked => "nacked",
        Outcome::Returned { .. } => "returned",
        Outcome::Unconfirmed => "unconfirmed",
        Outcome::Invalid { .. } => "invalid",
    }
}

fn reason(outcome: &Outcome) -> Option<String> {
    match outcome {
        Outcome::Confirmed | Outcome::Unconfirmed => None,
        Outcome::Nacked => Some("not accepted".to_owned()),
        Outcome::Returned { code, text } => Some(format!("{code} {text}")),
        Outcome::Invalid { reason } => Some(reason.clone()),
    }
}

#[cfg(test)]
mod tests {
    use domain::CreditorId;

    use super::*;

    #[test]
    fn everything_is_counted_once() {
        let returned = Outcome::Returned { code: 312, text: "NO_ROUTE".to_owned() };
        let flushed = Flushed {
            published: vec![(1, Outcome::Confirmed), (2, returned), (3, Outcome::Unconfirmed), (4, Outcome::Confirmed)],
            left_overs: 5,
            misrouted: vec![CreditorId::new(1)],
            ..Flushed::default()
        };
        let expected =
            [("confirmed", 2), ("left_over", 5), ("misrouted", 1), ("returned", 1), ("unconfirmed", 1)].into();
        assert_eq!(counts(&flushed), expected);
    }
}
