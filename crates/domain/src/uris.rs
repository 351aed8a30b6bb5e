//! Paths of the API's objects, as they appear in the log and in references (processing §2).
//!
//! Ids in paths are unsigned decimal numbers.

use std::fmt;

use chrono::{Datelike, NaiveDate};
use uuid::Uuid;

use crate::{AccountKey, CreditorId};

/// The creditor, and the root of everything of a creditor.
pub fn creditor(creditor_id: CreditorId) -> String {
    format!("/creditors/{}/", creditor_id.unsigned())
}

/// The creditor's wallet.
pub fn wallet(creditor_id: CreditorId) -> String {
    format!("/creditors/{}/wallet", creditor_id.unsigned())
}

/// The creditor's list of accounts.
pub fn accounts_list(creditor_id: CreditorId) -> String {
    format!("/creditors/{}/accounts-list", creditor_id.unsigned())
}

/// The creditor's list of transfers.
pub fn transfers_list(creditor_id: CreditorId) -> String {
    format!("/creditors/{}/transfers-list", creditor_id.unsigned())
}

/// The creditor's PIN.
pub fn pin_info(creditor_id: CreditorId) -> String {
    format!("/creditors/{}/pin", creditor_id.unsigned())
}

/// A running transfer.
pub fn transfer(creditor_id: CreditorId, transfer_uuid: Uuid) -> String {
    format!("/creditors/{}/transfers/{transfer_uuid}", creditor_id.unsigned())
}

/// An account.
pub fn account(account: AccountKey) -> String {
    format!("/creditors/{}/accounts/{}/", account.creditor_id.unsigned(), account.debtor_id.unsigned())
}

/// A part of an account: `part` is `info`, `config`, `display`, `exchange`, `knowledge` or `ledger`.
pub(crate) fn account_part(key: AccountKey, part: &str) -> String {
    account(key) + part
}

/// The page of an account's ledger that begins with the newest entry; `next_entry_id` is one more than its id.
pub fn ledger_entries(key: AccountKey, next_entry_id: i64) -> String {
    format!("{}entries?prev={next_entry_id}", account(key))
}

/// A committed transfer.
pub fn committed_transfer(key: AccountKey, slug: Slug) -> String {
    format!("{}transfers/{slug}", account(key))
}

/// Identifies a committed transfer among those of an account.
///
/// Written as `<days>-<number>`, where the days are counted from 1970-01-01 to the creation date.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Slug {
    /// Creation date of the server account.
    pub creation_date: NaiveDate,
    /// The transfer's number, 1 or more.
    pub transfer_number: i64,
}

impl Slug {
    /// Reads a slug; `None` if it is malformed or names no possible transfer (webapi §12.5).
    ///
    /// Only the form that [`Slug`] writes is read: a transfer has one path.
    pub fn parse(text: &str) -> Option<Self> {
        let (days, number) = text.split_once('-')?;
        let creation_date = NaiveDate::from_epoch_days(parse_number(days)?)?;
        let transfer_number = parse_number(number)?;
        (creation_date.year() <= 9999 && transfer_number > 0).then_some(Self { creation_date, transfer_number })
    }
}

impl fmt::Display for Slug {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}-{}", self.creation_date.to_epoch_days(), self.transfer_number)
    }
}

/// A number without sign and without leading zeros.
fn parse_number<N: std::str::FromStr>(digits: &str) -> Option<N> {
    let canonical = digits == "0" || (digits.bytes().all(|c| c.is_ascii_digit()) && !digits.starts_with('0'));
    if canonical { digits.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DebtorId;

    #[test]
    fn ids_are_unsigned() {
        let creditor_id = CreditorId::new(-2);
        let key = AccountKey::new(creditor_id, DebtorId::new(-1));
        let uuid = Uuid::from_u128(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
        let slug = Slug { creation_date: NaiveDate::from_ymd_opt(2020, 7, 1).unwrap(), transfer_number: 999 };
        let cases = [
            (super::creditor(creditor_id), "/creditors/18446744073709551614/"),
            (wallet(creditor_id), "/creditors/18446744073709551614/wallet"),
            (accounts_list(creditor_id), "/creditors/18446744073709551614/accounts-list"),
            (transfers_list(creditor_id), "/creditors/18446744073709551614/transfers-list"),
            (pin_info(creditor_id), "/creditors/18446744073709551614/pin"),
            (
                transfer(creditor_id, uuid),
                "/creditors/18446744073709551614/transfers/12345678-9abc-def0-1234-56789abcdef0",
            ),
            (account(key), "/creditors/18446744073709551614/accounts/18446744073709551615/"),
            (account_part(key, "info"), "/creditors/18446744073709551614/accounts/18446744073709551615/info"),
            (ledger_entries(key, 7), "/creditors/18446744073709551614/accounts/18446744073709551615/entries?prev=7"),
            (
                committed_transfer(key, slug),
                "/creditors/18446744073709551614/accounts/18446744073709551615/transfers/18444-999",
            ),
        ];
        for (actual, expected) in cases {
            assert_eq!(actual, expected);
        }
    }

    #[test]
    fn slugs() {
        let good = ["0-1", "18444-999", "18444-9223372036854775807", "2932896-1"];
        for text in good {
            assert_eq!(Slug::parse(text).unwrap().to_string(), text);
        }
        let bad = [
            "",
            "-",
            "0-0",
            "-1-2",
            "0-1-1",
            "0-9223372036854775808",
            "11111111111111111111111111111-1",
            "2932897-1",
            "0--1",
            "1",
            "a-1",
            "1-a",
            " 1-1",
            "+1-1",
            "1-+1",
            "01-1",
            "1-01",
            "١-1",
            "1-",
            "-1",
        ];
        for text in bad {
            assert_eq!(Slug::parse(text), None, "{text:?}");
        }
    }
}
