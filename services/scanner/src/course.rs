//! The way through a table's blocks, round and round (processing §13.1).

use std::ops::Range;

/// Longer ranges (half a gigabyte) could take longer to look at than a statement may.
const LONGEST: u32 = 1 << 16;

/// Which blocks to read next, and how far the pass has come.
///
/// A pass is one round, from wherever it began.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Course {
    /// The first block that has not been read.
    next: u32,
    /// Blocks read at once.
    step: u32,
    /// Blocks of the next range: more than a step while nothing is found.
    stretch: u32,
    /// Blocks of the table when somebody last looked.
    size: u32,
    /// Blocks that the pass has behind it.
    done: u32,
}

/// What reading nothing has led to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Nothing {
    /// The next range is twice as long.
    FastForward,
    /// The end of the table was reached; the next range is at its beginning.
    Wrapped,
}

impl Course {
    /// Begins at a block, which may be the one behind the last.
    pub(crate) fn new(start: u32, step: u32, size: u32) -> Self {
        let step = step.max(1);
        Self { next: start.min(size), step, stretch: step, size, done: 0 }
    }

    /// The blocks to look at.
    pub(crate) const fn range(&self) -> Range<u32> {
        self.next..self.next.saturating_add(self.stretch)
    }

    /// Whether rows are being looked for in a long range, of which only the beginning is to be read.
    pub(crate) const fn is_fast_forwarding(&self) -> bool {
        self.stretch > self.step
    }

    /// The range was long, and the first rows of it are in this block.
    pub(crate) fn skip_to(&mut self, block: u32) {
        self.advance(block.max(self.next));
        self.stretch = self.step;
    }

    /// There were rows in the range.
    pub(crate) fn found(&mut self) {
        self.advance(self.range().end);
    }

    /// There was no row in the range of a table that has so many blocks.
    pub(crate) fn found_nothing(&mut self, size: u32) -> Nothing {
        self.resize(size);
        self.advance(self.range().end);
        if self.next < size {
            self.stretch = self.stretch.saturating_mul(2).min(LONGEST).max(self.step);
            Nothing::FastForward
        } else {
            self.next = 0;
            self.stretch = self.step;
            Nothing::Wrapped
        }
    }

    /// The table has so many blocks.
    pub(crate) const fn resize(&mut self, size: u32) {
        self.size = size;
    }

    /// How much of the pass is done, from 0 to 1.
    pub(crate) fn progress(&self) -> f64 {
        if self.size == 0 { 1.0 } else { (f64::from(self.done) / f64::from(self.size)).min(1.0) }
    }

    /// Whether the round is complete; if so, the next begins.
    pub(crate) const fn complete(&mut self) -> bool {
        let is_complete = self.done >= self.size;
        if is_complete {
            self.done = if self.size == 0 { 0 } else { self.done % self.size };
        }
        is_complete
    }

    /// Goes on to a block, and counts those passed that exist.
    fn advance(&mut self, block: u32) {
        let passed = block.min(self.size).saturating_sub(self.next.min(self.size));
        self.done = self.done.saturating_add(passed);
        self.next = block;
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_round_from_the_middle() {
        let mut course = Course::new(50, 40, 100);
        assert_eq!(course.range(), 50..90);
        course.found();
        assert_eq!((course.range(), course.progress()), (90..130, 0.4));
        course.found();
        assert_eq!((course.range(), course.progress(), course.complete()), (130..170, 0.5, false));
        assert_eq!(course.found_nothing(100), Nothing::Wrapped);
        course.found();
        assert_eq!((course.progress(), course.complete()), (0.9, false), "40 of the last 50");
        course.found();
        assert_eq!((course.progress(), course.complete()), (1.0, true));
        assert_eq!((course.progress(), course.complete()), (0.3, false), "these blocks belong to the next round");
    }

    #[test]
    fn empty_ranges_grow_until_rows_appear() {
        let mut course = Course::new(0, 10, 1000);
        assert!(!course.is_fast_forwarding());
        for (from, to) in [(0, 10), (10, 30), (30, 70), (70, 150)] {
            assert_eq!(course.range(), from..to);
            assert_eq!(course.is_fast_forwarding(), from > 0);
            assert_eq!(course.found_nothing(1000), Nothing::FastForward);
        }
        assert_eq!(course.range(), 150..310);
        course.skip_to(200);
        assert_eq!((course.range(), course.is_fast_forwarding()), (200..210, false));
        course.found();
        assert_eq!((course.range(), course.progress()), (210..220, 0.21));
    }

    #[test]
    fn ranges_do_not_grow_for_ever() {
        let mut course = Course::new(0, 40, u32::MAX);
        while course.range().end < u32::MAX / 2 {
            assert!(course.range().len() <= 1 << 16);
            course.found_nothing(u32::MAX);
        }
        assert_eq!(course.range().len(), 1 << 16);
        let mut course = Course::new(0, 1 << 20, u32::MAX);
        course.found_nothing(u32::MAX);
        assert_eq!(course.range().len(), 1 << 20, "unless the operator wants that");
    }

    #[test]
    fn the_end_is_where_the_table_ends_now() {
        let mut course = Course::new(0, 10, 10);
        course.found();
        assert_eq!(course.found_nothing(30), Nothing::FastForward, "it has grown");
        assert_eq!(course.range(), 20..40);
        assert_eq!(course.found_nothing(15), Nothing::Wrapped, "it has been truncated");
        assert_eq!((course.range(), course.is_fast_forwarding()), (0..10, false));
    }

    #[test]
    fn a_table_without_blocks_is_always_complete() {
        let mut course = Course::new(0, 10, 0);
        assert_eq!(course.found_nothing(0), Nothing::Wrapped);
        assert!(course.complete());
    }

    #[test]
    fn the_largest_table_ends() {
        let mut course = Course::new(u32::MAX - 1, 10, u32::MAX);
        assert_eq!(course.range(), u32::MAX - 1..u32::MAX);
        assert_eq!(course.found_nothing(u32::MAX), Nothing::Wrapped);
    }

    proptest! {
        /// Wherever rows are and wherever it begins, a round looks at each block with rows once.
        #[test]
        fn a_round_leaves_nothing_out(
            rows in proptest::collection::vec(any::<bool>(), 1..200),
            start in 0_u32..=200,
            step in 1_u32..50,
        ) {
            let size = u32::try_from(rows.len()).unwrap();
            let has_rows = |range: &Range<u32>| range.clone().find(|block| rows.get(*block as usize) == Some(&true));
            let mut course = Course::new(start, step, size);
            let mut seen = vec![0; rows.len()];
            let mut wraps = 0;
            while wraps < 2 {
                let mut range = course.range();
                if course.is_fast_forwarding() && let Some(block) = has_rows(&range) {
                    course.skip_to(block);
                    range = course.range();
                }
                if has_rows(&range).is_none() {
                    wraps += usize::from(course.found_nothing(size) == Nothing::Wrapped);
                    continue;
                }
                if wraps == 1 {
                    range.clone().filter(|block| *block < size).for_each(|block| seen[block as usize] += 1);
                }
                course.found();
            }
            for (block, seen) in seen.into_iter().enumerate() {
                prop_assert!(seen == 1 || (seen == 0 && !rows[block]), "block {}: {}", block, seen);
            }
        }
    }
}
