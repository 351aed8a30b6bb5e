//! One transaction: take, publish, await, remove.

use std::{
    collections::BTreeSet,
    time::{Duration, Instant},
};

use amqp::{Outcome, Publisher};
use domain::{CreditorId, signal::Kind};
use persistence::{
    Db, Error, Tx,
    outbox::{self, Claimed, RowId, Wanted},
};
use tracing::warn;

use crate::{
    duty::{Duty, Jurisdiction},
    message,
};

/// What the transactions are called in metrics and logs.
const NAME: &str = "flush";

/// What has become of a batch.
#[derive(Debug, Default)]
pub(crate) struct Flushed {
    /// How many rows were taken.
    pub(crate) rows: usize,
    /// The highest of their places.
    pub(crate) last: RowId,
    /// What was published, with its destination.
    pub(crate) published: Vec<(i64, Outcome)>,
    /// How long it took the broker to decide on all of that.
    pub(crate) confirming: Duration,
    /// How many rows were removed.
    pub(crate) removed: usize,
    /// How many rows were deleted unsent.
    pub(crate) left_overs: usize,
    /// Whose messages should not have been there. They still are.
    pub(crate) misrouted: Vec<CreditorId>,
}

/// Takes a batch of rows and publishes their messages. The rows of confirmed messages are gone afterwards, all others
/// are as they were.
///
/// On an error, what was confirmed will be sent again, for its rows are still there (or, if the commit has failed, may
/// be).
pub(crate) async fn flush(
    db: &Db,
    publisher: &Publisher,
    jurisdiction: &Jurisdiction,
    kind: Kind,
    wanted: Wanted,
) -> Result<Flushed, Error> {
    // Messages whose removal gets lost in a crash of the server are sent twice, as they are when the flusher crashes. To wait
    // for the disk would also make others wait, those who write the next step of the same payment.
    let claim = db.begin_expendable_with(NAME, |tx| Box::pin(outbox::claim(tx, kind, wanted)));
    let (tx, rows) = db.in_time(claim).await?;
    let mut flushed = Flushed {
        rows: rows.len(),
        last: rows.iter().map(|row| row.row_id).max().unwrap_or_default(),
        ..Flushed::default()
    };
    let (mine, mut done) = sort(rows, jurisdiction, &mut flushed);
    if !mine.is_empty() {
        let messages: Vec<_> = mine.iter().map(|row| message::of(&row.signal)).collect();
        let began = Instant::now();
        // The rows are locked: the time to wait for a connection is before they are, or after.
        let outcomes = publisher.publish_at_once(&messages).await;
        flushed.confirming = began.elapsed();
        for (row, outcome) in mine.iter().zip(outcomes) {
            if outcome.is_confirmed() {
                done.push(row.row_id);
            }
            flushed.published.push((row.destination, outcome));
        }
    }
    flushed.removed = done.len();
    db.in_time(finish(tx, kind, done)).await.inspect_err(|_| {
        let again = flushed.confirmed();
        if again > 0 {
            warn!(messages = again, "{again} messages will be sent again: they were confirmed, but not removed.");
        }
    })?;
    Ok(flushed)
}

/// Returns what is to be published, and what is to be removed without.
fn sort(rows: Vec<Claimed>, jurisdiction: &Jurisdiction, flushed: &mut Flushed) -> (Vec<Claimed>, Vec<RowId>) {
    let (mut mine, mut unwanted) = (Vec::with_capacity(rows.len()), Vec::new());
    for row in rows {
        match jurisdiction.duty(&row.signal) {
            Duty::Send => mine.push(row),
            Duty::Discard => unwanted.push(row.row_id),
            Duty::Refuse => flushed.misrouted.push(row.signal.account().creditor_id),
        }
    }
    flushed.left_overs = unwanted.len();
    (mine, unwanted)
}

async fn finish(mut tx: Tx, kind: Kind, done: Vec<RowId>) -> Result<(), Error> {
    if done.is_empty() {
        return tx.rollback().await;
    }
    outbox::settle(&mut tx, kind, done).await?;
    tx.commit().await
}

impl Flushed {
    /// How many messages the broker has taken over.
    pub(crate) fn confirmed(&self) -> usize {
        self.published.iter().filter(|(_, outcome)| outcome.is_confirmed()).count()
    }

    /// How many messages may have arrived or not.
    pub(crate) fn unconfirmed(&self) -> usize {
        self.published.iter().filter(|(_, outcome)| *outcome == Outcome::Unconfirmed).count()
    }

    /// Destinations that a message was refused for.
    pub(crate) fn refused(&self) -> BTreeSet<i64> {
        let refused = self.published.iter().filter(|(_, outcome)| is_refusal(outcome));
        refused.map(|(destination, _)| *destination).collect()
    }

    /// Destinations that messages were accepted for.
    pub(crate) fn accepted(&self) -> BTreeSet<i64> {
        let accepted = self.published.iter().filter(|(_, outcome)| outcome.is_confirmed());
        accepted.map(|(destination, _)| *destination).collect()
    }
}

/// Whether somebody has decided against the message, as opposed to something having happened to it.
fn is_refusal(outcome: &Outcome) -> bool {
    match outcome {
        Outcome::Nacked | Outcome::Returned { .. } | Outcome::Invalid { .. } => true,
        Outcome::Confirmed | Outcome::Unconfirmed => false,
    }
}
