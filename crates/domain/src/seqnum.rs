//! Sequence numbers that wrap around (processing §4.2 step 5).

/// Whether `a` is later than `b` on the circle of 2³² numbers.
///
/// Of two different numbers one is later, unless they are exactly half the circle apart: then neither is.
pub const fn is_later(a: i32, b: i32) -> bool {
    a.wrapping_sub(b) > 0
}

/// The number after `seqnum`.
pub const fn next(seqnum: i32) -> i32 {
    seqnum.wrapping_add(1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn order_wraps() {
        let cases = [
            (1, 0, true),
            (0, 1, false),
            (0, 0, false),
            (i32::MAX, 0, true),
            (i32::MIN, 0, false),
            (0, i32::MIN, false),
            (i32::MIN, i32::MAX, true),
            (i32::MIN, 1, true),
            (-1, 0, false),
            (0, -1, true),
        ];
        for (a, b, expected) in cases {
            assert_eq!(is_later(a, b), expected, "{a} later than {b}");
        }
    }

    #[test]
    fn next_wraps() {
        assert_eq!(next(0), 1);
        assert_eq!(next(i32::MAX), i32::MIN);
    }

    proptest! {
        #[test]
        fn never_both_later(a: i32, b: i32) {
            let half_apart = a.wrapping_sub(b) == i32::MIN;
            prop_assert!(!(is_later(a, b) && is_later(b, a)));
            prop_assert_eq!(is_later(a, b) || is_later(b, a), a != b && !half_apart);
        }

        #[test]
        fn next_is_later(a: i32) {
            prop_assert!(is_later(next(a), a));
        }
    }
}
