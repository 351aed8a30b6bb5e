//! What operators see of a pass: metrics and log lines.

use std::time::Duration;

use chrono::{SecondsFormat, TimeDelta};
use domain::Timestamp;
use metrics::{Unit, counter, describe_counter, describe_gauge, describe_histogram, gauge, histogram};
use persistence::scan::Table;
use tokio::time::Instant;
use tracing::{debug, info};

use crate::action::Effect;

const ROWS: &str = "creditors_scan_rows_total";
const DELETED: &str = "creditors_scan_deleted_rows_total";
const REPAIRS: &str = "creditors_scan_repairs_total";
const BEAT_SECONDS: &str = "creditors_scan_beat_seconds";
const PASSES: &str = "creditors_scan_passes_total";
const PROGRESS: &str = "creditors_scan_pass_progress_ratio";
const EXPECTED_END: &str = "creditors_scan_pass_expected_end_timestamp_seconds";

/// Before so much of a pass is done, its goal tells more about its end than its beginning does.
const TELLING: f64 = 0.01;

/// Operators who read the log are told how far a pass is after each such part of it, and at least once in an hour.
const STEP: f64 = 0.05;
const HOUR: Duration = Duration::from_hours(1);

/// Explains the metrics to whoever reads them.
pub(crate) fn describe() {
    describe_counter!(ROWS, Unit::Count, "Rows that scanners have looked at, by table.");
    describe_counter!(
        DELETED,
        Unit::Count,
        "Rows that scanners have deleted, without those that went along, by table."
    );
    describe_counter!(REPAIRS, Unit::Count, "What the scanner of accounts has repaired or reported, by kind.");
    describe_histogram!(BEAT_SECONDS, Unit::Seconds, "How long the work of one beat takes, by table.");
    describe_counter!(PASSES, Unit::Count, "Complete passes over a table, by table.");
    describe_gauge!(PROGRESS, Unit::Count, "How much of the present pass is done, from 0 to 1, by table.");
    describe_gauge!(EXPECTED_END, Unit::Seconds, "When the present pass will end, in seconds since 1970, by table.");
}

/// What was done in one beat.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Beat {
    /// Rows looked at.
    pub(crate) rows: usize,
    /// What was done about them.
    pub(crate) effect: Effect,
    /// How long it took.
    pub(crate) spent: Duration,
}

/// One round through a table.
pub(crate) struct Pass {
    table: Table,
    goal: Duration,
    began: Instant,
    rows: usize,
    effect: Effect,
    told: Told,
}

/// When operators were told how far the pass is, and what will be worth telling.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Told {
    at: Instant,
    next: f64,
}

impl Told {
    /// Whether to tell now; then it counts as told. The end of a pass has a line of its own.
    fn is_time(&mut self, progress: f64, now: Instant) -> bool {
        let is_time = progress < 1.0 && (progress >= self.next || now.duration_since(self.at) >= HOUR);
        if is_time {
            *self = Self { at: now, next: (progress / STEP).floor().mul_add(STEP, STEP) };
        }
        is_time
    }
}

impl Pass {
    pub(crate) fn begin(table: Table, goal: Duration, now: Instant) -> Self {
        Self { table, goal, began: now, rows: 0, effect: Effect::default(), told: Told { at: now, next: STEP } }
    }

    /// A beat is over, and so much of the pass is done. The present is given by both clocks.
    pub(crate) fn add(&mut self, beat: Beat, progress: f64, instant: Instant, now: Timestamp) {
        let Beat { rows, effect, spent } = beat;
        self.rows += rows;
        self.effect += effect;
        let table = self.table.rows();
        counter!(ROWS, "table" => table).increment(count(rows));
        counter!(DELETED, "table" => table).increment(count(effect.deleted));
        if self.table == Table::Accounts {
            counter!(REPAIRS, "kind" => "ledger_corrected").increment(count(effect.corrected));
            counter!(REPAIRS, "kind" => "ledger_update_scheduled").increment(count(effect.scheduled));
            counter!(REPAIRS, "kind" => "config_error_reported").increment(count(effect.reported));
        }
        histogram!(BEAT_SECONDS, "table" => table).record(spent);
        gauge!(PROGRESS, "table" => table).set(progress);
        let left = time_left(instant.duration_since(self.began), progress, self.goal);
        let end = TimeDelta::from_std(left).ok().and_then(|left| now.checked_add_signed(left));
        if let Some(end) = end {
            #[expect(clippy::cast_precision_loss, reason = "seconds are enough")]
            gauge!(EXPECTED_END, "table" => table).set(end.timestamp() as f64);
        }
        debug!(
            table,
            rows,
            deleted = effect.deleted,
            corrected = effect.corrected,
            scheduled = effect.scheduled,
            reported = effect.reported,
            duration_seconds = spent.as_secs_f64(),
            percent = 100.0 * progress,
            expected_end = end.map(|end| end.to_rfc3339()),
            "Scanned {rows} {table}; {:.1} % of the pass are done.",
            100.0 * progress
        );
        if self.told.is_time(progress, instant) {
            self.tell(progress, end);
        }
    }

    fn tell(&self, progress: f64, end: Option<Timestamp>) {
        let Self { rows, effect, .. } = self;
        let table = self.table.rows();
        let end = end.map(|end| end.to_rfc3339_opts(SecondsFormat::Secs, true));
        info!(
            table,
            rows,
            deleted = effect.deleted,
            percent = 100.0 * progress,
            expected_end = end,
            "Scanned {:.0} % of {table}: {rows} rows, {} deleted; the pass should end at {}.",
            100.0 * progress,
            effect.deleted,
            end.as_deref().unwrap_or("an unknown time")
        );
    }

    /// The pass is complete; the next begins.
    pub(crate) fn complete(&mut self, now: Instant) {
        let table = self.table.rows();
        counter!(PASSES, "table" => table).increment(1);
        let Self { rows, effect, .. } = self;
        info!(
            table,
            rows,
            deleted = effect.deleted,
            corrected = effect.corrected,
            scheduled = effect.scheduled,
            reported = effect.reported,
            duration_seconds = now.duration_since(self.began).as_secs_f64(),
            "Scanned all {table}: {rows} rows, {} deleted.",
            effect.deleted
        );
        *self = Self::begin(self.table, self.goal, now);
    }
}

/// How long a pass will last that has lasted so long, judging by what is done, or in the beginning by its goal.
fn time_left(elapsed: Duration, progress: f64, goal: Duration) -> Duration {
    if progress < TELLING {
        goal.saturating_sub(elapsed)
    } else {
        let left = elapsed.as_secs_f64() * (1.0 - progress) / progress;
        Duration::try_from_secs_f64(left).unwrap_or_default()
    }
}

fn count(number: usize) -> u64 {
    u64::try_from(number).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn operators_are_told_every_twentieth_and_every_hour() {
        let minutes = |count| Duration::from_mins(count);
        let began = Instant::now();
        let mut told = Told { at: began, next: STEP };
        for (after, progress, is_time) in [
            (1, 0.0, false),
            (2, 0.049, false),
            (3, 0.05, true),
            (4, 0.06, false),
            (5, 0.17, true),
            (6, 0.19, false),
            (7, 0.21, true),
            (66, 0.22, false),
            (67, 0.22, true),
            (68, 0.24, false),
            (126, 0.24, false),
            (127, 0.24, true),
            (128, 1.0, false),
            (500, 1.0, false),
        ] {
            assert_eq!(told.is_time(progress, began + minutes(after)), is_time, "{after} {progress}");
        }
    }

    #[test]
    fn the_end_is_foreseen() {
        let hours = Duration::from_hours;
        let cases = [
            (hours(0), 0.0, hours(100)),
            (hours(30), 0.0, hours(70)),
            (hours(130), 0.0, hours(0)),
            (hours(30), 0.25, hours(90)),
            (hours(30), 0.75, hours(10)),
            (hours(30), 1.0, hours(0)),
        ];
        for (elapsed, progress, expected) in cases {
            let left = time_left(elapsed, progress, hours(100));
            assert!(left.abs_diff(expected) < Duration::from_millis(1), "{elapsed:?} {progress}: {left:?}");
        }
    }
}
