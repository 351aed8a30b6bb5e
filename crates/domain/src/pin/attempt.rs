//! Trying a PIN, and counting failures.

use chrono::TimeDelta;

use super::{Pin, PinInfo, Secret, Status, max_accumulated_failures, max_consecutive_failures};
use crate::{Timestamp, time};

/// Whether the operation may go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Right,
    /// It may not.
    Wrong,
}

/// The result of trying a PIN.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// Whether the operation may go on.
    pub verdict: Verdict,
    /// The row after the attempt.
    pub info: PinInfo,
    /// The row differs from the former one, and must be committed, whatever becomes of the operation.
    pub is_changed: bool,
}

/// What a PIN is tried with.
#[derive(Clone, Copy, Debug)]
pub struct Check<'a> {
    /// The PIN that came with the request.
    pub given: Option<&'a Pin>,
    /// The installation's secret.
    pub secret: &'a Secret,
    /// How long failures are remembered (`APP_PIN_FAILURES_RESET_DAYS`).
    pub reset_after: TimeDelta,
}

/// Tries a PIN; not to be called for requests in PIN-reset mode.
///
/// Failing without a PIN, or when blocked, does not count. A right PIN gets the form it has under the present secret.
pub fn attempt(mut info: PinInfo, check: &Check<'_>, now: Timestamp) -> Attempt {
    let (verdict, is_changed) = match (info.status, check.given) {
        (Status::Blocked, _) | (Status::On, None) => (Verdict::Wrong, false),
        (Status::Off, _) => (Verdict::Right, forgive(&mut info)),
        (Status::On, Some(pin)) => match check.secret.recognize(pin, &info) {
            None => {
                count_failure(&mut info, check.reset_after, now);
                (Verdict::Wrong, true)
            }
            Some(form) => {
                let is_renewed = info.pin_hmac.replace(form.clone()).is_none_or(|stored| !stored.matches(&form));
                (Verdict::Right, forgive(&mut info) || is_renewed)
            }
        },
    };
    Attempt { verdict, info, is_changed }
}

/// Whether there was anything to forgive.
fn forgive(info: &mut PinInfo) -> bool {
    std::mem::take(&mut info.consecutive_failures) != 0
}

fn count_failure(info: &mut PinInfo, reset_after: TimeDelta, now: Timestamp) {
    info.consecutive_failures = info.consecutive_failures.saturating_add(1);
    if info.consecutive_failures >= max_consecutive_failures(info.pin_length) {
        block(info, now);
    }
    if info.failures_reset_at <= time::before(now, reset_after) {
        info.accumulated_failures = 0;
        info.failures_reset_at = now;
    }
    info.accumulated_failures = info.accumulated_failures.saturating_add(1);
    // A PIN that was just blocked has no length, so that it is blocked again here, which clears the count.
    if info.accumulated_failures >= max_accumulated_failures(info.pin_length) {
        block(info, now);
    }
}

/// Blocks the PIN: neither an update id nor the log tells (processing §17).
fn block(info: &mut PinInfo, now: Timestamp) {
    info.status = Status::Blocked;
    info.pin_length = 0;
    info.pin_hmac = None;
    info.pin_salt = None;
    info.accumulated_failures = 0;
    info.failures_reset_at = now;
}
