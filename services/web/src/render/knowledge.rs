//! What clients note about accounts.

use std::{borrow::Cow, collections::BTreeMap};

use domain::{AccountKey, log_entry::AccountObject, uris};
use persistence::account_knowledge::Notes;
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::ToSchema;

use super::{identities::AccountIdentity, page::ObjectReference, timestamp::Timestamp};
use crate::ApiError;

/// What the client has noted about an account: the members of the notes, and ours.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountKnowledge {
    r#type: &'static str,
    uri: String,
    account: ObjectReference,
    latest_update_id: i64,
    latest_update_at: Timestamp,
    #[serde(flatten)]
    notes: BTreeMap<String, Box<RawValue>>,
}

impl AccountKnowledge {
    /// The notes about the account `key`.
    ///
    /// What is inside of the notes is shown exactly as it is stored.
    pub fn new(key: AccountKey, stored: &Notes) -> Result<Self, ApiError> {
        let Notes { data, knowledge } = stored;
        let members: BTreeMap<Cow<'_, str>, &RawValue> = serde_json::from_str(data).map_err(ApiError::internal)?;
        let notes = members.into_iter().filter(|(name, _)| !OURS.contains(&name.as_ref()));
        Ok(Self {
            r#type: "AccountKnowledge",
            uri: AccountObject::Knowledge.uri(key),
            account: ObjectReference::to(uris::account(key)),
            latest_update_id: knowledge.latest_update_id,
            latest_update_at: knowledge.latest_update_ts.into(),
            notes: notes.map(|(name, value)| (name.into_owned(), value.to_owned())).collect(),
        })
    }
}

/// Members that are not the client's.
const OURS: [&str; 5] = ["type", "uri", "account", "latestUpdateId", "latestUpdateAt"];

/// What a client may note about an account. Other members are possible.
///
/// Only describes [`AccountKnowledge`], whose members are not known beforehand.
#[derive(Debug, ToSchema)]
#[schema(as = AccountKnowledge)]
#[serde(rename_all = "camelCase")]
#[expect(dead_code, reason = "the members are only described")]
pub struct AccountKnowledgeSchema {
    /// `AccountKnowledge`
    #[schema(default = "AccountKnowledge", required = false)]
    r#type: String,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The account.
    #[schema(read_only)]
    account: ObjectReference,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, format = DateTime)]
    latest_update_at: String,
    /// Percent per year.
    #[schema(nullable = false)]
    interest_rate: Option<f32>,
    /// When the rate last changed.
    #[schema(nullable = false, format = DateTime)]
    interest_rate_changed_at: Option<String>,
    /// Longest transfer note in bytes.
    #[schema(nullable = false, minimum = 0, maximum = 500)]
    note_max_bytes: Option<i32>,
    /// The account's name to the world.
    #[schema(nullable = false)]
    identity: Option<AccountIdentity>,
    /// Why the configuration was not applied.
    #[schema(nullable = false)]
    config_error: Option<String>,
}
