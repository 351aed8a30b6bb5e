//! What the server tells about accounts.

use std::fmt::Write as _;

use domain::{
    AccountKey,
    account::{self, Config, Info},
    log_entry::AccountObject,
    uris,
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{identities::AccountIdentity, page::ObjectReference, timestamp::Timestamp};

/// What the server tells about an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountInfo {
    /// `AccountInfo`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The account.
    #[schema(read_only)]
    account: ObjectReference,
    /// The account's name to the world, once known.
    #[schema(read_only, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    identity: Option<AccountIdentity>,
    /// The account can be deleted without losing money.
    #[schema(read_only)]
    safe_to_delete: bool,
    /// Percent per year.
    #[schema(read_only)]
    interest_rate: f32,
    /// When the rate last changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    interest_rate_changed_at: Timestamp,
    /// Longest transfer note in bytes.
    #[schema(read_only)]
    note_max_bytes: i32,
    /// Why the configuration was not applied.
    #[schema(read_only, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    config_error: Option<String>,
    /// Where to read about the debtor.
    #[schema(read_only, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    debtor_info: Option<DebtorInfo>,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    latest_update_at: Timestamp,
}

/// Where to read about a debtor.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct DebtorInfo {
    /// `DebtorInfo`
    #[schema(value_type = String, default = "DebtorInfo", required = false)]
    r#type: &'static str,
    /// The document.
    #[schema(max_length = 200, format = "iri")]
    iri: String,
    /// Its media type.
    #[schema(max_length = 100, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    content_type: Option<String>,
    /// Its SHA-256.
    #[schema(pattern = "^[0-9A-F]{64}$", nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    sha256: Option<String>,
}

impl AccountInfo {
    /// What is known about the account `key`.
    pub fn new(key: AccountKey, server: &account::Server, config: &Config, info: Info) -> Self {
        let debtor_info = info.debtor_info_iri.map(|iri| DebtorInfo {
            r#type: "DebtorInfo",
            iri,
            content_type: info.debtor_info_content_type,
            sha256: info.debtor_info_sha256.as_deref().map(hex),
        });
        Self {
            r#type: "AccountInfo",
            uri: AccountObject::Info.uri(key),
            account: ObjectReference::to(uris::account(key)),
            identity: AccountIdentity::new(key.debtor_id, &info.account_id),
            safe_to_delete: account::is_deletion_safe(server, config),
            interest_rate: info.interest_rate,
            interest_rate_changed_at: info.last_interest_rate_change_ts.into(),
            note_max_bytes: info.transfer_note_max_bytes,
            config_error: config.config_error.clone(),
            debtor_info,
            latest_update_id: info.latest_update_id,
            latest_update_at: info.latest_update_ts.into(),
        }
    }
}

/// Upper case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string cannot fail.
        let _ = write!(text, "{byte:02X}");
        text
    })
}
