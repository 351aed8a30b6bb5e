//! Logs of changes.

use std::borrow::Cow;

use domain::log_entry::{self, DataFields};
use serde::Serialize;
use serde_json::value::RawValue;
use utoipa::{
    ToSchema,
    openapi::{self, schema::AdditionalProperties},
};

use super::{page::ObjectReference, timestamp::Timestamp};

/// A change of an object.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogEntry {
    /// `LogEntry`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Its id: the previous id plus 1.
    #[schema(read_only)]
    entry_id: i64,
    /// When the object changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    added_at: Timestamp,
    /// Type of the object.
    #[schema(read_only)]
    object_type: String,
    /// The object.
    #[schema(read_only)]
    object: ObjectReference,
    /// The object was deleted.
    #[schema(read_only)]
    deleted: bool,
    /// The object's new update id, where it has one.
    #[schema(read_only, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    object_update_id: Option<i64>,
    /// What can be told about the new state of the object.
    #[schema(schema_with = data_schema, required = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    data: Option<Data>,
}

/// Any members are possible.
fn data_schema() -> openapi::Object {
    openapi::ObjectBuilder::new()
        .read_only(true)
        .additional_properties(Some(AdditionalProperties::<openapi::Schema>::FreeForm(true)))
        .description(Some("What can be told about the new state of the object."))
        .build()
}

/// What an entry tells about the new state of its object.
#[derive(Debug, Serialize)]
#[serde(untagged)]
enum Data {
    Stored(Box<RawValue>),
    Fields(Fields),
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Fields {
    #[serde(skip_serializing_if = "Option::is_none")]
    principal: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_entry_id: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    first_page: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    finalized_at: Option<Timestamp>,
    #[serde(skip_serializing_if = "Option::is_none")]
    error_code: Option<String>,
}

impl From<DataFields<'_>> for Fields {
    fn from(fields: DataFields<'_>) -> Self {
        Self {
            principal: fields.principal,
            next_entry_id: fields.next_entry_id,
            first_page: fields.first_page,
            finalized_at: fields.finalized_at.map(Timestamp),
            error_code: fields.error_code.map(str::to_owned),
        }
    }
}

impl LogEntry {
    /// The entry with that id; `data` is the text in its column of that name.
    pub fn new(entry_id: i64, entry: &log_entry::LogEntry, data: Option<&str>) -> Self {
        let object = entry.object().unwrap_or_else(|| {
            tracing::error!(
                creditor_id = entry.creditor_id.get(),
                entry_id,
                "log entry {entry_id} of creditor {} does not tell what has changed",
                entry.creditor_id.get()
            );
            log_entry::Object { object_type: Cow::Borrowed("object"), uri: Cow::Borrowed("") }
        });
        let stored = || data.and_then(stored_object).map(Data::Stored);
        let fields = || entry.data_fields().map(|fields| Data::Fields(fields.into()));
        Self {
            r#type: "LogEntry",
            entry_id,
            added_at: entry.added_at.into(),
            object: ObjectReference::to(object.uri),
            object_type: object.object_type.into_owned(),
            deleted: entry.is_deletion(),
            object_update_id: entry.object_update_id,
            data: if entry.is_deletion() { None } else { stored().or_else(fields) },
        }
    }
}

/// The column holds anything from nothing to JSON; only objects matter.
fn stored_object(text: &str) -> Option<Box<RawValue>> {
    let value: Box<RawValue> = serde_json::from_str(text).ok()?;
    value.get().starts_with('{').then_some(value)
}

/// A part of a log.
#[derive(Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LogEntriesPage {
    /// `LogEntriesPage`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Path and query of the request.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The entries, perhaps none.
    #[schema(read_only)]
    items: Vec<LogEntry>,
    /// The next page, if there may be one already.
    #[schema(read_only, format = "uri-reference", nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
    /// Where the next page will be.
    #[schema(read_only, format = "uri-reference", nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    forthcoming: Option<String>,
}

impl LogEntriesPage {
    /// The page that was asked for by `uri` (see [`super::page::request_uri`]), with at most `limit` entries.
    ///
    /// `last_log_entry_id` is the creditor's, read before the entries, or at the same moment: a client must never be told
    /// to skip entries it has not seen.
    pub fn new(uri: String, items: Vec<LogEntry>, limit: usize, last_log_entry_id: i64) -> Self {
        let last = items.last().filter(|_| items.len() >= limit);
        let next = last.map(|entry| format!("?prev={}", entry.entry_id));
        let forthcoming = next.is_none().then(|| format!("?prev={last_log_entry_id}"));
        Self { r#type: "LogEntriesPage", uri, items, next, forthcoming }
    }
}
