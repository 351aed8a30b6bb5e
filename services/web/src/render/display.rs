//! How accounts are shown.

use domain::{AccountKey, account, log_entry::AccountObject, uris};
use serde::Serialize;
use utoipa::ToSchema;

use super::{page::ObjectReference, timestamp::Timestamp};

/// How an account is shown.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountDisplay {
    /// `AccountDisplay`
    #[schema(value_type = String, default = "AccountDisplay", required = false)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The account.
    #[schema(read_only)]
    account: ObjectReference,
    /// Amounts are divided by this before they are shown.
    #[schema(minimum = 0.0)]
    amount_divisor: f64,
    /// Digits shown after the decimal point.
    #[schema(minimum = -20, maximum = 20)]
    decimal_places: i32,
    /// The holder's name for the debtor.
    #[schema(min_length = 1, max_length = 40, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    debtor_name: Option<String>,
    /// The unit of shown amounts.
    #[schema(min_length = 1, max_length = 40, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    unit: Option<String>,
    /// The holder knows who the debtor is.
    known_debtor: bool,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    latest_update_at: Timestamp,
}

impl AccountDisplay {
    /// How the account `key` is shown.
    pub fn new(key: AccountKey, display: account::Display) -> Self {
        let account::Appearance { debtor_name, amount_divisor, decimal_places, unit, known_debtor } =
            display.appearance;
        Self {
            r#type: "AccountDisplay",
            uri: AccountObject::Display.uri(key),
            account: ObjectReference::to(uris::account(key)),
            amount_divisor,
            decimal_places,
            debtor_name,
            unit,
            known_debtor,
            latest_update_id: display.latest_update_id,
            latest_update_at: display.latest_update_ts.into(),
        }
    }
}
