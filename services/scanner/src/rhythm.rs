//! How a pass is spread over its time (processing §13.1).

use std::time::Duration;

/// Fewer rows are not worth a beat, unless there are no more.
const FEWEST_ROWS: u64 = 10;
/// More rows are not handled at once.
const MOST_ROWS: u64 = 5_000;
/// A pass has at least so many beats.
const FEWEST_BEATS: u64 = 5;
/// Shorter pauses are saved up.
const SHORTEST_PAUSE: f64 = 0.010;
/// How often, in beats' time, the table's size is looked at.
const LOOK_EVERY: Duration = Duration::from_mins(15);
/// A table that has left these bounds, in parts of its former size, needs another rhythm.
const STEADY: std::ops::RangeInclusive<f64> = 0.8..=1.25;

/// How the work is divided into beats.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Rhythm {
    /// How long a pass should take.
    goal: Duration,
    /// How long a beat should take.
    beat: Duration,
    /// Most rows in a beat; pages are handled one by one.
    pub(crate) rows: usize,
    /// After so many beats the table's size is looked at.
    look_every: u64,
    /// Rows or pages of the table for which this was computed.
    size: u64,
}

impl Rhythm {
    /// Of a table whose rows are handled in groups: `aim` is the wanted duration of a beat.
    pub(crate) fn of_rows(goal: Duration, aim: Duration, rows: u64) -> Self {
        let beats_wanted = u64::try_from(goal.as_nanos() / aim.as_nanos().max(1)).unwrap_or(u64::MAX).max(1);
        let rows_per_beat = rows.div_ceil(beats_wanted).clamp(FEWEST_ROWS, MOST_ROWS);
        let beats = rows.div_ceil(rows_per_beat);
        Self::new(goal, beats, rows_per_beat, rows)
    }

    /// Of a table whose pages are handled one by one.
    pub(crate) fn of_pages(goal: Duration, pages: u64) -> Self {
        Self::new(goal, pages, u64::MAX, pages)
    }

    fn new(goal: Duration, beats: u64, rows: u64, size: u64) -> Self {
        #[expect(clippy::cast_precision_loss, reason = "nobody counts 2⁵² beats")]
        let beat = goal.div_f64(beats.max(FEWEST_BEATS) as f64);
        let look_every = LOOK_EVERY.as_nanos() / beat.as_nanos().max(1);
        Self {
            goal,
            beat,
            rows: usize::try_from(rows).unwrap_or(usize::MAX),
            look_every: u64::try_from(look_every).unwrap_or(u64::MAX).max(1),
            size,
        }
    }

    /// How long a beat should take.
    pub(crate) const fn beat(&self) -> Duration {
        self.beat
    }

    /// Whether the rhythm has lasted as long as a pass should.
    pub(crate) fn is_over(&self, elapsed: Duration) -> bool {
        elapsed >= self.goal
    }

    /// Whether it is time to look at the table's size, after so many beats.
    pub(crate) const fn is_time_to_look(&self, beats: u64) -> bool {
        beats.is_multiple_of(self.look_every)
    }

    /// Whether the rhythm still fits a table of this size.
    #[expect(clippy::cast_precision_loss, reason = "only the proportion matters")]
    pub(crate) fn fits(&self, size: u64) -> bool {
        if self.size == 0 { size == 0 } else { STEADY.contains(&(size as f64 / self.size as f64)) }
    }
}

/// Time that was saved by being quick; negative while it is to be made up for.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Savings {
    seconds: f64,
}

impl Savings {
    /// A beat of the rhythm has taken so long. Tells how long to rest now.
    pub(crate) fn after_beat(&mut self, rhythm: &Rhythm, spent: Duration) -> Option<Duration> {
        self.seconds += rhythm.beat.as_secs_f64() - spent.as_secs_f64();
        (self.seconds > SHORTEST_PAUSE).then(|| Duration::try_from_secs_f64(self.seconds).unwrap_or(Duration::MAX))
    }

    /// The rest has taken so long in reality.
    pub(crate) fn rested(&mut self, really: Duration) {
        self.seconds -= really.as_secs_f64();
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DAY: Duration = Duration::from_hours(24);
    const AIM: Duration = Duration::from_millis(100);

    #[test]
    fn groups_of_rows() {
        let week = 7 * DAY;
        // 6,048,000 beats are wanted in a week.
        let cases = [
            (week, 0, 10, week / 5),
            (week, 1, 10, week / 5),
            (week, 51, 10, week / 6),
            (week, 60_480_000, 10, AIM),
            (week, 60_480_001, 11, week / 5_498_182),
            (week, 6_048_000 * 5_000, 5_000, AIM),
            (week, 6_048_000 * 10_000, 5_000, AIM / 2),
            (Duration::from_micros(1), 40, 40, Duration::from_micros(1) / 5),
            (Duration::ZERO, 40, 40, Duration::ZERO),
            (Duration::ZERO, 50_000, 5_000, Duration::ZERO),
        ];
        for (goal, rows, per_beat, beat) in cases {
            let rhythm = Rhythm::of_rows(goal, AIM, rows);
            assert_eq!(rhythm.rows, per_beat, "{goal:?} {rows}");
            let difference = rhythm.beat.abs_diff(beat);
            assert!(difference < Duration::from_micros(1), "{goal:?} {rows}: {:?} instead of {beat:?}", rhythm.beat);
        }
    }

    #[test]
    fn page_by_page() {
        for (pages, beats) in [(0, 5), (4, 5), (5, 5), (6, 6), (1_000_000, 1_000_000)] {
            let rhythm = Rhythm::of_pages(7 * DAY, pages);
            assert_eq!((rhythm.beat, rhythm.rows), (7 * DAY / beats, usize::MAX), "{pages}");
        }
    }

    #[test]
    fn the_size_is_looked_at_every_quarter_of_an_hour() {
        let rhythm = Rhythm::of_pages(DAY, 86_400);
        assert_eq!(rhythm.look_every, 900);
        assert!(rhythm.is_time_to_look(900) && rhythm.is_time_to_look(1_800) && !rhythm.is_time_to_look(901));
        let slow = Rhythm::of_pages(7 * DAY, 3);
        assert!(slow.is_time_to_look(1) && slow.is_time_to_look(2), "after each beat, if one takes longer");
        assert!(!Rhythm::of_pages(Duration::ZERO, 3).is_time_to_look(1), "never, if beats take no time");
    }

    #[test]
    fn a_table_may_change_a_little() {
        let rhythm = Rhythm::of_pages(DAY, 1_000);
        for (size, fits) in [(799, false), (800, true), (1_000, true), (1_250, true), (1_251, false), (0, false)] {
            assert_eq!(rhythm.fits(size), fits, "{size}");
        }
        assert!(Rhythm::of_pages(DAY, 0).fits(0) && !Rhythm::of_pages(DAY, 0).fits(1));
    }

    #[test]
    fn a_rhythm_ends_after_its_goal() {
        let rhythm = Rhythm::of_pages(DAY, 10);
        assert!(!rhythm.is_over(DAY.saturating_sub(Duration::from_nanos(1))) && rhythm.is_over(DAY));
        assert!(Rhythm::of_pages(Duration::ZERO, 10).is_over(Duration::ZERO));
    }

    #[test]
    fn short_pauses_are_saved_up_and_delays_made_up_for() {
        let rhythm = Rhythm::of_pages(Duration::from_millis(40), 10);
        let mut savings = Savings::default();
        let milliseconds = Duration::from_millis;
        // A beat is 4 ms; each of these takes one.
        assert_eq!(savings.after_beat(&rhythm, milliseconds(1)), None);
        assert_eq!(savings.after_beat(&rhythm, milliseconds(1)), None);
        assert_eq!(savings.after_beat(&rhythm, milliseconds(1)), None);
        let pause = savings.after_beat(&rhythm, milliseconds(1)).unwrap();
        assert!(pause.abs_diff(milliseconds(12)) < Duration::from_micros(1), "{pause:?}");
        savings.rested(milliseconds(15));
        assert!((savings.seconds + 0.003).abs() < 1e-9, "it has overslept: {savings:?}");
        assert_eq!(savings.after_beat(&rhythm, milliseconds(100)), None);
        for _ in 0..27 {
            assert_eq!(savings.after_beat(&rhythm, Duration::ZERO), None, "99 ms are made up for: {savings:?}");
        }
        assert!(savings.after_beat(&rhythm, Duration::ZERO).is_some());
    }

    proptest! {
        /// A pass has enough beats for all rows, and not more than are needed.
        #[test]
        fn all_rows_are_reached(goal_ms in 0_u64..1_000_000_000, aim_ms in 1_u64..100_000, rows in 0_u64..1 << 40) {
            let goal = Duration::from_millis(goal_ms);
            let rhythm = Rhythm::of_rows(goal, Duration::from_millis(aim_ms), rows);
            let per_beat = u64::try_from(rhythm.rows).unwrap();
            prop_assert!((FEWEST_ROWS..=MOST_ROWS).contains(&per_beat));
            #[expect(clippy::cast_precision_loss, reason = "an error of 10⁻¹⁶")]
            let beats = rows.div_ceil(per_beat).max(FEWEST_BEATS) as f64;
            let pass = rhythm.beat.as_secs_f64() * beats;
            prop_assert!((pass - goal.as_secs_f64()).abs() <= (beats + 1.0) * 1e-9, "{} s", pass);
        }
    }
}
