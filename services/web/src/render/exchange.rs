//! Exchange policies of accounts.

use domain::{AccountKey, account, log_entry::AccountObject, uris};
use serde::Serialize;
use utoipa::ToSchema;

use super::{page::ObjectReference, timestamp::Timestamp};

/// How an account takes part in circular trade.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountExchange {
    /// `AccountExchange`
    #[schema(value_type = String, default = "AccountExchange", required = false)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The account.
    #[schema(read_only)]
    account: ObjectReference,
    /// Name of the policy.
    #[schema(min_length = 1, max_length = 40, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    policy: Option<String>,
    /// Do not sell below this principal.
    #[schema(minimum = -9_223_372_036_854_775_808_i64, maximum = 9_223_372_036_854_775_807_i64)]
    min_principal: i64,
    /// Do not buy above this principal.
    #[schema(minimum = -9_223_372_036_854_775_808_i64, maximum = 9_223_372_036_854_775_807_i64)]
    max_principal: i64,
    /// The peg.
    #[schema(nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    peg: Option<CurrencyPeg>,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    latest_update_at: Timestamp,
}

/// A fixed exchange rate to another account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct CurrencyPeg {
    /// `CurrencyPeg`
    #[schema(value_type = String, default = "CurrencyPeg", required = false)]
    r#type: &'static str,
    /// One unit of the account is worth so many of the other.
    #[schema(minimum = 0.0)]
    exchange_rate: f64,
    /// The other account.
    account: ObjectReference,
}

impl AccountExchange {
    /// The policy of the account `key`.
    pub fn new(key: AccountKey, exchange: account::Exchange) -> Self {
        let account::Policy { name, min_principal, max_principal, peg } = exchange.policy;
        Self {
            r#type: "AccountExchange",
            uri: AccountObject::Exchange.uri(key),
            account: ObjectReference::to(uris::account(key)),
            policy: name,
            min_principal,
            max_principal,
            peg: peg.map(|peg| CurrencyPeg {
                r#type: "CurrencyPeg",
                exchange_rate: peg.exchange_rate,
                account: ObjectReference::to(uris::account(AccountKey::new(key.creditor_id, peg.debtor_id))),
            }),
            latest_update_id: exchange.latest_update_id,
            latest_update_at: exchange.latest_update_ts.into(),
        }
    }
}
