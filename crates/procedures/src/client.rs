//! What all clients' write requests have in common: limits, the PIN, and the unit of work.
//!
//! Design notes. A request is one transaction with one commit: what it counts, the PIN it has tried, its rows, its log
//! entry and its messages. All that is written goes with the commit, after all decisions have been made. A refused request
//! leaves nothing behind, with one exception: a PIN that was tried counts, whatever becomes of the request afterwards
//! (webapi §9). So its writing is noted as soon as it was tried, and a refusal either commits or rolls back.

use chrono::TimeDelta;
use domain::{
    CreditorId, Timestamp,
    pin::{self, Attempt, Check, Pin, Secret, Verdict},
    usage::{Counters, Hour, Limits},
};
use persistence::{
    Tx,
    admission::Admission,
    pin_info,
    usage_stats::{self, Clock, Event},
};

/// What the operator has chosen about clients.
#[derive(Clone, Debug)]
pub struct Policy {
    /// How much a creditor may do (`APP_MAX_CREDITOR_*`).
    pub limits: Limits,
    /// How many hours events are counted (`APP_CREDITOR_DOS_STATS_CLEAR_HOURS`, rounded up).
    pub clear_hours: i32,
    /// The key of the PINs (`PIN_PROTECTION_SECRET`).
    pub pin_secret: Secret,
    /// How long wrong PINs are remembered (`APP_PIN_FAILURES_RESET_DAYS`).
    pub pin_failures_reset: TimeDelta,
}

/// Whether a request has to prove with the PIN that it comes from the creditor.
#[derive(Clone, Copy, Debug)]
pub enum Proof<'a> {
    /// It need not: PIN-reset mode.
    NotNeeded,
    /// It must, if the creditor's PIN is on. This is what came with it.
    Pin(Option<&'a Pin>),
}

impl Proof<'_> {
    /// Whether the PIN is looked at.
    pub(crate) const fn is_needed(self) -> bool {
        matches!(self, Self::Pin(_))
    }
}

/// Where a request comes from, and when.
#[derive(Clone, Copy, Debug)]
pub struct Client<'a> {
    /// What the operator has chosen.
    pub policy: &'a Policy,
    /// What the request proves.
    pub proof: Proof<'a>,
    /// The time of the request.
    pub now: Timestamp,
}

/// Why a request is not even looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// The creditor has done too much already.
    #[error("the creditor has reached a limit")]
    UsageLimit,
    /// The creditor has no PIN, because it does not exist, or is not active.
    #[error("the creditor does not exist")]
    CreditorDoesNotExist,
    /// The PIN is missing, wrong, or blocked.
    #[error("wrong PIN")]
    WrongPin,
}

/// A request that is to be looked at.
pub(crate) struct Admitted {
    pin_is_written: bool,
}

/// Why the work on a request has stopped.
pub(crate) enum Stop<E> {
    /// It is refused, and nothing was written.
    Refused(E),
    /// It is refused, but what was written is to stay.
    RefusedAndCounted(E),
    /// The database has failed.
    Failed(persistence::Error),
}

impl<E> From<persistence::Error> for Stop<E> {
    fn from(error: persistence::Error) -> Self {
        Self::Failed(error)
    }
}

impl Admitted {
    /// Refuses the request for another reason.
    pub(crate) fn refuse<E>(&self, reason: E) -> Stop<E> {
        stop(reason, self.pin_is_written)
    }
}

fn stop<E>(reason: E, is_written: bool) -> Stop<E> {
    if is_written { Stop::RefusedAndCounted(reason) } else { Stop::Refused(reason) }
}

impl Client<'_> {
    /// Checks the limit, and then the PIN; `allow` is the question to ask of the counters.
    pub(crate) fn admit<E: From<Refused>>(
        &self,
        tx: &mut Tx,
        creditor_id: CreditorId,
        admission: Admission,
        allow: impl FnOnce(&Counters, &Limits, Hour) -> bool,
    ) -> Result<Admitted, Stop<E>> {
        self.check_usage(&admission.usage, allow)?;
        let Some(check) = self.pin_check() else { return Ok(Admitted { pin_is_written: false }) };
        let info = admission.pin.ok_or(Stop::Refused(Refused::CreditorDoesNotExist.into()))?;
        let attempt = pin::attempt(info, &check, self.now);
        keep_attempt(tx, creditor_id, &attempt);
        match attempt.verdict {
            Verdict::Right => Ok(Admitted { pin_is_written: attempt.is_changed }),
            Verdict::Wrong => Err(stop(Refused::WrongPin.into(), attempt.is_changed)),
        }
    }

    /// Checks the limit alone.
    pub(crate) fn check_usage<E: From<Refused>>(
        &self,
        usage: &Counters,
        allow: impl FnOnce(&Counters, &Limits, Hour) -> bool,
    ) -> Result<(), Stop<E>> {
        if allow(usage, &self.policy.limits, Hour::of(self.now)) {
            Ok(())
        } else {
            Err(Stop::Refused(Refused::UsageLimit.into()))
        }
    }

    /// How to check the PIN; `None` in PIN-reset mode.
    pub(crate) const fn pin_check(&self) -> Option<Check<'_>> {
        match self.proof {
            Proof::NotNeeded => None,
            Proof::Pin(given) => {
                Some(Check { given, secret: &self.policy.pin_secret, reset_after: self.policy.pin_failures_reset })
            }
        }
    }

    /// Counts what the client has done: the last write of the transaction.
    pub(crate) fn register(&self, tx: &mut Tx, creditor_id: CreditorId, event: Event) {
        usage_stats::register(tx, creditor_id, event, self.clock());
    }

    /// When the client has done it.
    pub(crate) fn clock(&self) -> Clock {
        Clock { hour: Hour::of(self.now), clear_hours: self.policy.clear_hours }
    }
}

/// Writes the row of a PIN that was tried, if it has changed.
pub(crate) fn keep_attempt(tx: &mut Tx, creditor_id: CreditorId, attempt: &Attempt) {
    if attempt.is_changed {
        pin_info::save(tx, creditor_id, &attempt.info);
        if attempt.verdict == Verdict::Wrong {
            metrics::counter!("creditors_pin_failures_total").increment(1);
            // Only an attempt that changes something can have been the one that blocked the PIN.
            metrics::counter!("creditors_pin_blocks_total")
                .increment((attempt.info.status == pin::Status::Blocked).into());
        }
    }
}

/// Ends the transaction of a request as its outcome demands.
pub(crate) async fn end<T, E: From<persistence::Error>>(tx: Tx, outcome: Result<T, Stop<E>>) -> Result<T, E> {
    match outcome {
        Ok(value) => {
            tx.commit().await?;
            Ok(value)
        }
        Err(Stop::RefusedAndCounted(reason)) => {
            tx.commit().await?;
            Err(reason)
        }
        Err(Stop::Refused(reason)) => {
            tx.rollback().await?;
            Err(reason)
        }
        Err(Stop::Failed(error)) => Ok(tx.conclude(Err(error)).await?),
    }
}
