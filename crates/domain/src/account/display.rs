//! How accounts are shown (processing §6 "display").

use crate::{
    AccountKey, Timestamp,
    log_entry::{AccountObject, LogEntry},
    update_id::Patch,
};

/// What the holder chooses.
#[derive(Clone, Debug, PartialEq)]
pub struct Appearance {
    /// The holder's name for the debtor; unique among the holder's accounts.
    pub debtor_name: Option<String>,
    /// Amounts are divided by it to be shown; greater than 0.
    pub amount_divisor: f64,
    /// Digits shown after the decimal point; negative to round to tens, hundreds, …
    pub decimal_places: i32,
    /// Name of the unit.
    pub unit: Option<String>,
    /// The holder trusts the debtor to be the one it claims to be.
    pub known_debtor: bool,
}

impl Default for Appearance {
    /// How a new account is shown.
    fn default() -> Self {
        Self { debtor_name: None, amount_divisor: 1.0, decimal_places: 0, unit: None, known_debtor: false }
    }
}

/// A row of `account_display`.
#[derive(Clone, Debug, PartialEq)]
pub struct Display {
    /// What the holder has chosen.
    pub appearance: Appearance,
    /// Update id of the AccountDisplay object.
    pub latest_update_id: i64,
    /// When the AccountDisplay object changed.
    pub latest_update_ts: Timestamp,
}

/// An account that is shown differently.
///
/// An update id has grown: `object_update_id_seq` is to be bumped (processing §3).
#[derive(Clone, Debug, PartialEq)]
pub struct Displayed {
    /// The row to write.
    pub display: Display,
    /// The account has got another name, which must be free among the holder's accounts.
    pub is_renamed: bool,
    /// Entry of the holder's log, to be enqueued.
    pub log_entry: LogEntry,
}

/// Shows an account as its holder wishes. `update_id` is the id the object is to get.
pub fn rearrange(
    account: AccountKey,
    display: &Display,
    appearance: Appearance,
    update_id: i64,
    now: Timestamp,
) -> Patch<Displayed> {
    let same = display.appearance == appearance;
    Patch::judge(display.latest_update_id, update_id, same, || Displayed {
        is_renamed: appearance.debtor_name.is_some() && appearance.debtor_name != display.appearance.debtor_name,
        display: Display { appearance, latest_update_id: update_id, latest_update_ts: now },
        log_entry: LogEntry::account_object(AccountObject::Display, account, update_id, now),
    })
}
