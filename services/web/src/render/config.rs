//! Configurations of accounts.

use domain::{AccountKey, account, log_entry::AccountObject, uris};
use serde::Serialize;
use utoipa::ToSchema;

use super::{page::ObjectReference, timestamp::Timestamp};

/// How the holder has configured an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountConfig {
    /// `AccountConfig`
    #[schema(value_type = String, default = "AccountConfig", required = false)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The account.
    #[schema(read_only)]
    account: ObjectReference,
    /// The account is to be deleted when it can be.
    scheduled_for_deletion: bool,
    /// The amount the holder does not care about.
    #[schema(minimum = 0.0)]
    negligible_amount: f32,
    /// The holder accepts a deletion that may lose money.
    allow_unsafe_deletion: bool,
    /// Configuration data.
    #[schema(default = "", max_length = 2000, required = false)]
    config_data: String,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    latest_update_at: Timestamp,
}

impl AccountConfig {
    /// The configuration of the account `key`.
    pub fn new(key: AccountKey, config: account::Config) -> Self {
        Self {
            r#type: "AccountConfig",
            uri: AccountObject::Config.uri(key),
            account: ObjectReference::to(uris::account(key)),
            scheduled_for_deletion: config.is_scheduled_for_deletion(),
            negligible_amount: config.negligible_amount,
            allow_unsafe_deletion: config.allow_unsafe_deletion,
            config_data: config.config_data,
            latest_update_id: config.latest_update_id,
            latest_update_at: config.latest_update_ts.into(),
        }
    }
}
