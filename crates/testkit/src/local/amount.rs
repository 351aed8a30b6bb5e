//! Amounts of money for people.

/// `1234567` → `1,234,567`
pub(in crate::local) fn amount(number: i64) -> String {
    let digits = number.unsigned_abs().to_string();
    let mut text = String::from(if number < 0 { "-" } else { "" });
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// The same with `+` before what is gained.
pub(in crate::local) fn change(number: i64) -> String {
    if number > 0 { format!("+{}", amount(number)) } else { amount(number) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_grouped() {
        assert_eq!([0, 999, 1_000, 1_234_567, -1_000].map(amount), ["0", "999", "1,000", "1,234,567", "-1,000"]);
        assert_eq!(amount(i64::MIN), "-9,223,372,036,854,775,808");
        assert_eq!([5_000, 0, -5].map(change), ["+5,000", "0", "-5"]);
    }
}
