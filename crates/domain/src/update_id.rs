//! Update ids of mutable objects, and when a client may change one (processing §3, §6).

/// The id after `id`.
///
/// Ids are counted one by one from small numbers and never reach the end of their range. If a damaged row claims
/// otherwise, the id stays where it is rather than wrap.
pub const fn next(id: i64) -> i64 {
    id.saturating_add(1)
}

/// What a client's update with a given id means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Allowed {
    /// It was applied before: success without any change.
    Unchanged,
    /// It is to be applied.
    Apply,
    /// The client has not seen the newest state of the object.
    Conflict,
}

/// Judges a client's update with id `requested` of an object whose id is `stored` (processing §6, "PATCH rule").
pub fn allow(stored: i64, requested: i64, same_content: bool) -> Allowed {
    if requested == stored && same_content {
        Allowed::Unchanged
    } else if stored.checked_add(1) == Some(requested) {
        Allowed::Apply
    } else {
        Allowed::Conflict
    }
}

/// A client's update that passed, or did not pass, [`allow`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Patch<T> {
    /// Success without any change.
    Unchanged,
    /// What to write.
    Apply(T),
    /// The client has not seen the newest state of the object.
    Conflict,
}

impl<T> Patch<T> {
    /// Judges an update and, if it is to be applied, applies it.
    pub(crate) fn judge(stored: i64, requested: i64, same_content: bool, apply: impl FnOnce() -> T) -> Self {
        match allow(stored, requested, same_content) {
            Allowed::Unchanged => Self::Unchanged,
            Allowed::Apply => Self::Apply(apply()),
            Allowed::Conflict => Self::Conflict,
        }
    }

    /// Converts what is to be written.
    pub fn map<U>(self, convert: impl FnOnce(T) -> U) -> Patch<U> {
        match self {
            Self::Unchanged => Patch::Unchanged,
            Self::Apply(value) => Patch::Apply(convert(value)),
            Self::Conflict => Patch::Conflict,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_next_id_or_a_repetition_is_allowed() {
        let cases = [
            (5, 5, true, Allowed::Unchanged),
            (5, 5, false, Allowed::Conflict),
            (5, 6, true, Allowed::Apply),
            (5, 6, false, Allowed::Apply),
            (5, 4, true, Allowed::Conflict),
            (5, 7, true, Allowed::Conflict),
            (i64::MAX, i64::MIN, false, Allowed::Conflict),
            (i64::MAX, i64::MAX, true, Allowed::Unchanged),
        ];
        for (stored, requested, same, expected) in cases {
            assert_eq!(allow(stored, requested, same), expected, "{stored} {requested} {same}");
        }
    }

    #[test]
    fn ids_do_not_wrap() {
        assert_eq!(next(1), 2);
        assert_eq!(next(i64::MAX), i64::MAX);
    }
}
