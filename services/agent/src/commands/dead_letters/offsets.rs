//! Sets of offsets.

use std::ops::RangeInclusive;

use serde_json::{Value, json};

/// A set of offsets, small where they follow one another.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Offsets {
    /// In ascending order, with a gap between any two.
    ranges: Vec<RangeInclusive<u64>>,
}

impl Offsets {
    pub(super) fn contains(&self, offset: u64) -> bool {
        let after = self.ranges.partition_point(|range| *range.start() <= offset);
        after.checked_sub(1).and_then(|index| self.ranges.get(index)).is_some_and(|range| range.contains(&offset))
    }

    pub(super) fn insert(&mut self, offset: u64) {
        if self.contains(offset) {
            return;
        }
        let after = self.ranges.partition_point(|range| *range.start() <= offset);
        self.ranges.insert(after, offset..=offset);
        let touch =
            |left: &RangeInclusive<u64>, right: &RangeInclusive<u64>| left.end().checked_add(1) == Some(*right.start());
        // The new one may close the gaps on both sides: first with the next one, which lies behind.
        for left in [Some(after), after.checked_sub(1)].into_iter().flatten() {
            if let [one, two, ..] = self.ranges.get(left..).unwrap_or_default()
                && touch(one, two)
            {
                let both = *one.start()..=*two.end();
                self.ranges.splice(left..left + 2, [both]);
            }
        }
    }

    /// Takes all out that are smaller.
    pub(super) fn forget_before(&mut self, offset: u64) {
        self.ranges.retain(|range| *range.end() >= offset);
        if let Some(first) = self.ranges.first_mut() {
            *first = (*first.start()).max(offset)..=*first.end();
        }
    }

    /// As a list of first and last offsets.
    pub(super) fn to_json(&self) -> Value {
        self.ranges.iter().map(|range| json!([range.start(), range.end()])).collect()
    }

    /// What [`Offsets::to_json`] has made.
    pub(super) fn from_json(ranges: &Value) -> Option<Self> {
        let range = |pair: &Value| match pair.as_array()?.as_slice() {
            [first, last] => Some(first.as_u64()?..=last.as_u64()?),
            _ => None,
        };
        Some(Self { ranges: ranges.as_array()?.iter().map(range).collect::<Option<_>>()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(offsets: &[u64]) -> Offsets {
        let mut set = Offsets::default();
        for offset in offsets {
            set.insert(*offset);
        }
        set
    }

    #[test]
    fn neighbours_are_one_range() {
        for (offsets, ranges) in [
            (&[][..], "[]"),
            (&[3], "[[3,3]]"),
            (&[3, 5], "[[3,3],[5,5]]"),
            (&[5, 3, 4, 4], "[[3,5]]"),
            (&[4, 3, 5], "[[3,5]]"),
            (
                &[0, 9, u64::MAX, 1, 8, u64::MAX - 1, 20],
                "[[0,1],[8,9],[20,20],[18446744073709551614,18446744073709551615]]",
            ),
        ] {
            let set = of(offsets);
            assert_eq!(set.to_json().to_string(), ranges, "{offsets:?}");
            assert_eq!(Offsets::from_json(&set.to_json()), Some(set));
        }
        assert_eq!(Offsets::from_json(&json!([[1]])), None);
    }

    /// Numbers in any order, compared with the simplest set.
    #[test]
    fn they_are_a_set() {
        for seed in 0..200_u64 {
            let numbers: Vec<u64> = (0..20).map(|n| (seed * 31 + n * n * (seed + 7)) % 29).collect();
            let (mut set, from) = (of(&numbers), seed % 29);
            for offset in 0..30 {
                assert_eq!(set.contains(offset), numbers.contains(&offset), "{numbers:?}: {offset}");
            }
            set.forget_before(from);
            for offset in 0..30 {
                let is_left = offset >= from && numbers.contains(&offset);
                assert_eq!(set.contains(offset), is_left, "{numbers:?} from {from}: {offset}");
            }
        }
    }
}
