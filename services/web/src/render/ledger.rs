//! Ledgers and their entries.

use domain::{
    AccountKey,
    interest::{self, Basis},
    ledger::{Entry, Head},
    log_entry::AccountObject,
    uris::{self, Slug},
};
use serde::Serialize;
use utoipa::ToSchema;

use super::{
    page::{ObjectReference, PaginatedList},
    timestamp::Timestamp,
};

/// The ledger of an account.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct AccountLedger {
    /// `AccountLedger`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Its URI.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The account.
    #[schema(read_only)]
    account: ObjectReference,
    /// The principal after the newest entry.
    #[schema(read_only)]
    principal: i64,
    /// Accumulated interest, not in the principal yet.
    #[schema(read_only)]
    interest: i64,
    /// The entries, the newest first.
    #[schema(read_only)]
    entries: PaginatedList,
    /// Id of the entry that will come next.
    #[schema(read_only)]
    next_entry_id: i64,
    /// Grows with every change.
    #[schema(minimum = 1, maximum = 9_223_372_036_854_775_807_i64)]
    latest_update_id: i64,
    /// When it changed.
    #[schema(read_only, value_type = String, format = DateTime)]
    latest_update_at: Timestamp,
}

impl AccountLedger {
    /// The ledger of the account `key`, with the interest accumulated until `now`.
    pub fn new(key: AccountKey, head: &Head, basis: Basis, now: domain::Timestamp) -> Self {
        let next_entry_id = head.last_entry_id.saturating_add(1);
        Self {
            r#type: "AccountLedger",
            uri: AccountObject::Ledger.uri(key),
            account: ObjectReference::to(uris::account(key)),
            principal: head.principal,
            interest: interest::accumulated(basis, now),
            entries: PaginatedList::new("LedgerEntry", uris::ledger_entries(key, next_entry_id)),
            next_entry_id,
            latest_update_id: head.latest_update_id,
            latest_update_at: head.latest_update_ts.into(),
        }
    }
}

/// A change of the principal.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LedgerEntry {
    /// `LedgerEntry`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// The ledger.
    #[schema(read_only)]
    ledger: ObjectReference,
    /// Its id: the previous id plus 1.
    #[schema(read_only)]
    entry_id: i64,
    /// When it was added.
    #[schema(read_only, value_type = String, format = DateTime)]
    added_at: Timestamp,
    /// What the account gained.
    #[schema(read_only)]
    acquired_amount: i64,
    /// The principal after it.
    #[schema(read_only)]
    principal: i64,
    /// The transfer it stands for; absent in correcting entries.
    #[schema(read_only, nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    transfer: Option<ObjectReference>,
}

impl LedgerEntry {
    /// An entry in the ledger of the account `key`.
    pub fn new(key: AccountKey, entry: &Entry) -> Self {
        let transfer = entry.transfer.map(|(creation_date, transfer_number)| {
            ObjectReference::to(uris::committed_transfer(key, Slug { creation_date, transfer_number }))
        });
        Self {
            r#type: "LedgerEntry",
            ledger: ObjectReference::to(AccountObject::Ledger.uri(key)),
            entry_id: entry.entry_id,
            added_at: entry.added_at.into(),
            acquired_amount: entry.acquired_amount,
            principal: entry.principal,
            transfer,
        }
    }
}

/// A part of a ledger, the newest entries first.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct LedgerEntriesPage {
    /// `LedgerEntriesPage`
    #[schema(read_only, value_type = String)]
    r#type: &'static str,
    /// Path and query of the request.
    #[schema(read_only, format = "uri-reference")]
    uri: String,
    /// The entries, perhaps none.
    #[schema(read_only)]
    items: Vec<LedgerEntry>,
    /// The next page, unless this is the last one.
    #[schema(read_only, format = "uri-reference", nullable = false)]
    #[serde(skip_serializing_if = "Option::is_none")]
    next: Option<String>,
}

impl LedgerEntriesPage {
    /// The page that was asked for by `uri` (see [`super::page::request_uri`]), with at most `limit` entries greater than
    /// `stop`. As many mean that there may be more.
    pub fn new(uri: String, items: Vec<LedgerEntry>, limit: u32, stop: i64) -> Self {
        let is_full = u32::try_from(items.len()).is_ok_and(|length| length >= limit);
        let last = items.last().filter(|_| is_full);
        let next = last.map(|entry| format!("?prev={}&stop={stop}", entry.entry_id));
        Self { r#type: "LedgerEntriesPage", uri, items, next }
    }
}
