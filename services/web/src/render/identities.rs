//! Debtors and accounts, as they are named to clients.

use domain::{DebtorId, swpt_uri};
use serde::Serialize;
use utoipa::ToSchema;

/// Names a debtor.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DebtorIdentity {
    /// `DebtorIdentity`
    #[schema(value_type = String, default = "DebtorIdentity", required = false)]
    r#type: &'static str,
    /// A `swpt:` URI.
    #[schema(max_length = 100, format = "uri")]
    uri: String,
}

impl DebtorIdentity {
    /// Names the debtor.
    pub fn new(debtor_id: DebtorId) -> Self {
        Self { r#type: "DebtorIdentity", uri: swpt_uri::format_debtor(debtor_id) }
    }
}

/// Names an account.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AccountIdentity {
    /// `AccountIdentity`
    #[schema(value_type = String, default = "AccountIdentity", required = false)]
    r#type: &'static str,
    /// A `swpt:` URI.
    #[schema(max_length = 200, format = "uri")]
    uri: String,
}

impl AccountIdentity {
    /// Names an account by a URI.
    pub fn from_uri(uri: String) -> Self {
        Self { r#type: "AccountIdentity", uri }
    }

    /// Names the account, if a URI can express its id.
    pub fn new(debtor_id: DebtorId, account_id: &str) -> Option<Self> {
        swpt_uri::format_account(debtor_id, account_id).map(Self::from_uri)
    }

    /// Names the account, or says that it cannot be named.
    pub fn or_unknown(debtor_id: DebtorId, account_id: &str) -> Self {
        Self::new(debtor_id, account_id)
            .unwrap_or_else(|| Self::from_uri(format!("{}/!", swpt_uri::format_debtor(debtor_id))))
    }
}
