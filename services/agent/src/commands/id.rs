//! Ids of creditors and debtors as operators write them.

/// A 64-bit id, without a sign as in the API, or as in the database.
pub(super) fn id(text: &str) -> Result<i64, String> {
    let unsigned = |text: &str| text.parse::<u64>().map(u64::cast_signed);
    text.parse::<i64>().or_else(|_| unsigned(text)).or(Err("not a 64-bit number".to_owned()))
}

#[cfg(test)]
mod tests {
    use super::id;

    #[test]
    fn both_notations_are_the_same_id() {
        assert_eq!(id("-5"), id("18446744073709551611"));
        assert_eq!(id("5"), Ok(5));
        for wrong in ["", "x", "18446744073709551616", "-9223372036854775809", "1.0"] {
            assert!(id(wrong).is_err(), "{wrong}");
        }
    }
}
