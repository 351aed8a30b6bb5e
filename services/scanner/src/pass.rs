//! What operators see of a pass: metrics and log lines.

use std::time::Duration;

use chrono::TimeDelta;
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
}

impl Pass {
    pub(crate) fn begin(table: Table, goal: Duration, now: Instant) -> Self {
        Self { table, goal, began: now, rows: 0, effect: Effect::default() }
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
